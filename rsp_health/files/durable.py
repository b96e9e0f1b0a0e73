"""Durable writes, contained paths, exact renames and free space."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import os
import secrets
import stat
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from ..errors import BadInputError, EnvironmentFailureError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = [
    "KEPT_PREFIX",
    "Space",
    "failure",
    "finish_swap",
    "free_space",
    "fsync_directory",
    "read_json",
    "rename_noreplace",
    "resolve_inside",
    "swap_files",
    "sync_filesystem",
    "write_atomic",
    "write_json",
]

_KINDS = {
    errno.ENOSPC: (
        "disk_full",
        "the disk is full",
        "Free some space, for example old backups, and try again.",
    ),
    errno.EDQUOT: (
        "quota_exceeded",
        "your disk quota is used up",
        "Delete what you no longer need, and try again.",
    ),
    errno.EACCES: (
        "permission_denied",
        "permission is denied",
        "Check the permissions of the folder, and who owns it.",
    ),
    errno.EPERM: (
        "permission_denied",
        "the operation is not permitted",
        "Check the permissions of the folder, and who owns it.",
    ),
    errno.EROFS: (
        "read_only",
        "the file system is read-only",
        "Use a folder that you may write to.",
    ),
    errno.EIO: (
        "io_error",
        "the storage reported an error",
        "Try again; if it lasts, report it to the platform's operators.",
    ),
}


def failure(exc: OSError, doing: str) -> EnvironmentFailureError:
    """Turn a failed system call into an error that a user can act on.

    Parameters
    ----------
    exc
        What the system said; its text is not shown.
    doing
        What was being done, for "Cannot <doing>: the disk is full."
    """
    number = exc.errno or 0
    code, what, hint = _KINDS.get(
        number,
        (
            "environment",
            os.strerror(number).lower() if number else "the system refused",
            "Try again; if it lasts, report it to the platform's operators.",
        ),
    )
    return EnvironmentFailureError(
        f"Cannot {doing}: {what}.", hint=hint, code=code
    )


def fsync_directory(path: Path) -> None:
    """Make the names in a folder survive a power cut, where possible."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except PermissionError:
        return  # a folder that may be written but not read
    try:
        os.fsync(descriptor)
    except OSError as exc:
        if exc.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def write_atomic(
    path: Path,
    data: bytes,
    *,
    mode: int | None = None,
    keep_owner: bool = False,
) -> None:
    """Replace a file's content entirely or not at all, and durably.

    A symlink is followed. The mode and, where permitted, the owner, group,
    access list and other attributes of an existing file are kept.

    Parameters
    ----------
    path
        The file. Its folder must exist.
    data
        The whole new content.
    mode
        Permission bits; by default those of the existing file, or those that
        the umask leaves.
    keep_owner
        Refuse with ``EPERM`` where the owner or group of an existing file
        cannot be kept: it would silently become the caller's.

    Raises
    ------
    OSError
        Raised if the content could not be stored; the old file then stands
        as it was. See `failure` for words.
    """
    target = path.resolve()
    try:
        before = target.stat()
    except FileNotFoundError:
        before = None
    if before is not None and not stat.S_ISREG(before.st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(target))
    # A short name of its own: the target's may already have 255 bytes.
    temporary = target.parent / f".rsp-health-{secrets.token_hex(6)}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    descriptor = os.open(temporary, flags, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            if before is not None:
                _take_owner(descriptor, before, strict=keep_owner)
                os.fchmod(descriptor, stat.S_IMODE(before.st_mode))
                _copy_attributes(target, descriptor)
            if mode is not None:
                os.fchmod(descriptor, mode)
            stream.flush()
            os.fsync(descriptor)
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    fsync_directory(target.parent)


def _take_owner(
    descriptor: int, before: os.stat_result, *, strict: bool
) -> None:
    """Give a file the owner and group of another, as far as is permitted."""
    wanted = before.st_uid, before.st_gid
    if _owner(descriptor) != wanted:
        try:
            os.fchown(descriptor, *wanted)
        except PermissionError:
            # Only root gives files away, but a member may set the group.
            with contextlib.suppress(PermissionError):
                os.fchown(descriptor, -1, before.st_gid)
    if strict and _owner(descriptor) != wanted:
        raise PermissionError(errno.EPERM, "not yours")


def _owner(descriptor: int) -> tuple[int, int]:
    status = os.fstat(descriptor)
    return status.st_uid, status.st_gid


def _copy_attributes(source: Path, descriptor: int) -> None:
    """Copy access lists and extended attributes, as far as that is allowed."""
    with contextlib.suppress(OSError):
        for name in os.listxattr(source):
            with contextlib.suppress(OSError):
                os.setxattr(descriptor, name, os.getxattr(source, name))


def write_json(path: Path, document: Any) -> None:
    """Store a JSON document with `write_atomic`."""
    write_atomic(path, json.dumps(document, indent=1).encode() + b"\n")


def read_json(path: Path) -> Any:
    """Read a JSON document; `None` if it is missing, or no JSON."""
    try:
        return json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValueError, RecursionError):
        return None


def resolve_inside(root: Path, relative: str | Path) -> Path:
    """Return the real path of something below ``root``.

    Symlinks are followed before the comparison, and the comparison is by
    components. The path need not exist.

    Raises
    ------
    rsp_health.errors.BadInputError
        Raised with code ``outside_root`` if the path leaves the root.
    """
    base = root.resolve()
    try:
        path = (base / relative).resolve()
        inside = path.is_relative_to(base)
    except (ValueError, OSError, RuntimeError):
        inside = False  # a NUL byte, an endless name, a loop of symlinks
    if not inside:
        shown = str(relative)[:200]
        raise BadInputError(
            f"The path {shown!r} is not inside {base}.",
            hint="Name a file or folder below the root that JupyterLab shows.",
            code="outside_root",
        )
    return path


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """What a file system has left for this user.

    Parameters
    ----------
    free_bytes
        Bytes available without privileges.
    free_inodes
        Files that can be made; `None` where the file system does not count.
    """

    free_bytes: int
    free_inodes: int | None


def free_space(path: Path) -> Space:
    """Return the free space where ``path`` is or would be."""
    while not path.exists() and path != path.parent:
        path = path.parent
    status = os.statvfs(path)
    return Space(
        free_bytes=status.f_bavail * status.f_frsize,
        free_inodes=status.f_favail if status.f_files else None,
    )


_AT_FDCWD = -100
_RENAME_NOREPLACE = 1
_RENAME_EXCHANGE = 2
_NOT_SUPPORTED = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP)


@cache
def _libc(name: str) -> Callable[..., int] | None:
    try:
        function: Callable[..., int] = getattr(
            ctypes.CDLL(None, use_errno=True), name
        )
    except (OSError, AttributeError):
        return None
    return function


def sync_filesystem(path: Path) -> None:
    """Write out everything below ``path``, and hear of what failed.

    One ``syncfs`` instead of an ``fsync`` per file. On a full or broken file
    server this is where lost writes show.

    Raises
    ------
    OSError
        Raised if something could not be written.
    """
    function = _libc("syncfs")
    if function is None:
        os.sync()
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        if function(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(path))
    finally:
        os.close(descriptor)


def _rename(source: Path, target: Path, flag: int) -> bool:
    """Call ``renameat2``; `False` if this file system has not got it."""
    function = _libc("renameat2")
    if function is None:
        return False
    names = os.fsencode(source), os.fsencode(target)
    if function(_AT_FDCWD, names[0], _AT_FDCWD, names[1], flag) == 0:
        return True
    number = ctypes.get_errno()
    if number in _NOT_SUPPORTED:
        return False
    raise OSError(number, os.strerror(number), str(target))


#: What `link` says where it is not possible at all.
_NO_LINKS = (errno.EMLINK, errno.ENOSYS, errno.ENOTSUP, errno.EPERM)

KEPT_PREFIX = "rsp-health-kept-"
"""Begins the name that a file has while `swap_files` is half way."""


def rename_noreplace(source: Path, target: Path) -> None:
    """Rename, and never onto something that exists.

    ``renameat2(RENAME_NOREPLACE)`` where the file system has it. NFS has not:
    there a file gets its new name as a hard link, which fails if the name is
    taken, and then loses the old one. For a folder the target is looked up
    first, which is safe under our lock.

    Raises
    ------
    FileExistsError
        Raised if the target exists, even as an empty folder.
    OSError
        Raised if the rename failed for another reason; nothing moved.
    """
    if _rename(source, target, _RENAME_NOREPLACE):
        return
    if stat.S_ISREG(source.lstat().st_mode) and _link(source, target):
        source.unlink()
        return
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, "exists", str(target))
    source.rename(target)


def _link(source: Path, target: Path) -> bool:
    try:
        os.link(source, target)
    except OSError as exc:
        if exc.errno in _NO_LINKS:
            return False
        raise
    return True


def swap_files(first: Path, second: Path) -> None:
    """Exchange two files of one file system.

    Where it cannot be done in one step, ``second`` is away for a moment, and
    its content has a name of its own beside ``first``; after a crash
    `finish_swap` puts that right. What somebody saves as ``second`` in that
    moment stays.

    Raises
    ------
    OSError
        Raised if it failed. Every content then still has a name: its own, or
        one that begins with `KEPT_PREFIX`.
    """
    if _rename(first, second, _RENAME_EXCHANGE):
        return
    kept = first.with_name(f"{KEPT_PREFIX}{secrets.token_hex(4)}")
    rename_noreplace(second, kept)
    try:
        rename_noreplace(first, second)
    except OSError:
        with contextlib.suppress(OSError):
            finish_swap(first, second)
        raise
    rename_noreplace(kept, first)


def finish_swap(first: Path, second: Path) -> None:
    """Finish or undo what `swap_files` left; nothing happens if it did not.

    Raises
    ------
    OSError
        Raised if the file system refused; call it again.
    """
    for kept in first.parent.glob(f"{KEPT_PREFIX}*"):
        if not os.path.lexists(second):
            rename_noreplace(kept, second)  # undone
        elif _same(kept, second) or _same(kept, first):
            kept.unlink()  # a second name of what has its own already
        elif _same(first, second):
            first.unlink()
            rename_noreplace(kept, first)
        elif not os.path.lexists(first):
            rename_noreplace(kept, first)  # finished
        # Else all three differ: somebody saved meanwhile. All stay.


def _same(first: Path, second: Path) -> bool:
    try:
        return os.path.samestat(first.lstat(), second.lstat())
    except FileNotFoundError:
        return False

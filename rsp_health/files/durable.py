"""Durable writes, contained paths and free space."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import BadInputError, EnvironmentFailureError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "Space",
    "free_space",
    "fsync_directory",
    "resolve_inside",
    "to_user_error",
    "write_atomic",
    "write_beside",
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


def to_user_error(exc: OSError, doing: str) -> EnvironmentFailureError:
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
        as it was. See `to_user_error` for words.
    """
    target = path.resolve()
    temporary = write_beside(target, data, mode=mode, keep_owner=keep_owner)
    try:
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    fsync_directory(target.parent)


def write_beside(
    target: Path,
    data: bytes,
    *,
    mode: int | None = None,
    keep_owner: bool = False,
) -> Path:
    """Store what is to replace a file, with that file's mode and owner.

    Parameters
    ----------
    target
        The file, through no symlink.
    data, mode, keep_owner
        As for `write_atomic`.

    Returns
    -------
    Path
        A new file in the same folder, written out.

    Raises
    ------
    OSError
        Raised if the content could not be stored; nothing is left of it.
    """
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
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    return temporary


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

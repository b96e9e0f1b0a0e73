"""Exact renames, and one flush for many files: what `os` has not.

The kernel's own calls are tried first. Where a file system has none of them,
as NFS, the same is done in steps, each of which can be finished after a crash.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import secrets
import stat
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = [
    "KEPT_PREFIX",
    "exchange_files",
    "finish_swap",
    "kept_name",
    "rename_noreplace",
    "swap_files",
    "sync_filesystem",
]

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


def kept_name(first: Path) -> Path:
    """Return a new name beside a file, for what `swap_files` keeps."""
    return first.with_name(f"{KEPT_PREFIX}{secrets.token_hex(4)}")


def swap_files(first: Path, second: Path, *, kept: Path | None = None) -> None:
    """Exchange two files of one file system.

    Where it cannot be done in one step, ``second`` is away for a moment, and
    its content has a name of its own beside ``first``; after a crash
    `finish_swap` puts that right. What somebody saves as ``second`` in that
    moment stays.

    Parameters
    ----------
    first, second
        The files.
    kept
        That name; by default a new one.

    Raises
    ------
    OSError
        Raised if it failed. Every content then still has a name: its own, or
        one that begins with `KEPT_PREFIX`.
    """
    if _rename(first, second, _RENAME_EXCHANGE):
        return
    kept = kept or kept_name(first)
    rename_noreplace(second, kept)
    try:
        rename_noreplace(first, second)
    except OSError:
        with contextlib.suppress(OSError):
            finish_swap(first, second, kept=kept)
        raise
    rename_noreplace(kept, first)


def exchange_files(
    first: Path, second: Path, *, kept: Path | None = None
) -> None:
    """Exchange two files, of which ``second`` is never away.

    As `swap_files`; but where it cannot be done in one step, ``second`` is
    replaced in one, after its content got a second name. So after a crash it
    is there, with its old or its new content. A file that takes its name
    between our last look and that step, which are next to one another, is
    replaced too.

    Parameters
    ----------
    first, second, kept
        As for `swap_files`.

    Raises
    ------
    OSError
        Raised if it failed; see `swap_files`.
    FileNotFoundError
        Raised if ``second`` is not there, or is another file than before.
    """
    if _rename(first, second, _RENAME_EXCHANGE):
        return
    kept = kept or kept_name(first)
    if not _link(second, kept):
        swap_files(first, second, kept=kept)
        return
    if not _same(kept, second):
        kept.unlink()
        raise FileNotFoundError(errno.ENOENT, "was replaced", str(second))
    first.replace(second)
    rename_noreplace(kept, first)


def finish_swap(
    first: Path, second: Path, *, kept: Path | None = None
) -> None:
    """Finish or undo what `swap_files` left; nothing happens if it did not.

    Parameters
    ----------
    first, second
        The files.
    kept
        The name that ``second`` had meanwhile; by default any that it may
        have had.

    Raises
    ------
    OSError
        Raised if the file system refused; call it again.
    """
    places = first.parent.glob(f"{KEPT_PREFIX}*") if kept is None else [kept]
    for place in filter(os.path.lexists, places):
        if not os.path.lexists(second):
            rename_noreplace(place, second)  # undone
        elif _same(place, second) or _same(place, first):
            place.unlink()  # a second name of what has its own already
        elif _same(first, second):
            first.unlink()
            rename_noreplace(place, first)
        elif not os.path.lexists(first):
            rename_noreplace(place, first)  # finished
        # Else all three differ: somebody saved meanwhile. All stay.


def _same(first: Path, second: Path) -> bool:
    try:
        return os.path.samestat(first.lstat(), second.lstat())
    except FileNotFoundError:
        return False

"""Read a file that somebody else wrote: it may be anything but a file.

A pipe of that name keeps a reader waiting for ever, a device never ends, a
link leads out of the tree, and a file can be larger than the memory. What
is read here is a regular file of a bounded size, and nothing waits.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from typing import TYPE_CHECKING

from ..errors import MissingFileError, UnreadableFileError
from ..printable import printable

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "FILE_BYTES",
    "identity",
    "read_if_there",
    "safe_open",
    "safe_read",
]

#: Bytes beyond which a file is not read, unless the caller says otherwise.
FILE_BYTES = 4 * 1024**2

#: O_NONBLOCK: a pipe, and some files of /proc and /sys, would keep us
#: waiting. O_NOCTTY: a terminal would become ours.
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_CHUNK = 65_536
_MISSING = (errno.ENOENT, errno.ENOTDIR)
_REPLACE = "Replace it by an ordinary file, or remove it."
_HINTS = {
    errno.EACCES: "Make the file readable, or remove it.",
    errno.EPERM: "Make the file readable, or remove it.",
    errno.EISDIR: _REPLACE,
    errno.ELOOP: _REPLACE,
}
_TRY_AGAIN = "Try again; if it lasts, report it to the platform's operators."


def safe_read(
    path: Path,
    *,
    limit: int = FILE_BYTES,
    inside: Path | None = None,
) -> bytes:
    """Read a whole file that somebody else may have written.

    Parameters
    ----------
    path
        The file. Links are followed.
    limit
        Bytes beyond which it is refused.
    inside
        A folder; the file must really lie below it, links followed.

    Returns
    -------
    bytes
        Its content.

    Raises
    ------
    rsp_health.errors.MissingFileError
        Raised if there is no such file.
    rsp_health.errors.UnreadableFileError
        Raised if it is not a regular file, is too large, is not in the
        folder, or cannot be read.
    """
    descriptor = safe_open(path, limit=limit, inside=inside)
    try:
        return _read(descriptor, path, limit)
    finally:
        os.close(descriptor)


def read_if_there(
    path: Path,
    *,
    limit: int = FILE_BYTES,
    inside: Path | None = None,
) -> bytes | None:
    """Read as `safe_read` does; `None` if there is no such file."""
    try:
        return safe_read(path, limit=limit, inside=inside)
    except MissingFileError:
        return None


def identity(status: os.stat_result) -> tuple[int, int, int]:
    """Return what differs when a file was written or replaced.

    Not when it got another name, a mode or an owner.
    """
    return status.st_ino, status.st_size, status.st_mtime_ns


def safe_open(
    path: Path,
    *,
    limit: int | None = FILE_BYTES,
    inside: Path | None = None,
) -> int:
    """Open a file as `safe_read` does, to be read in parts.

    Parameters
    ----------
    path
        The file. Links are followed.
    limit
        Bytes beyond which it is refused; `None` for any size.
    inside
        A folder; the file must really lie below it, links followed.

    Returns
    -------
    int
        The descriptor of a regular file; the caller closes it.

    Raises
    ------
    rsp_health.errors.MissingFileError
        Raised if there is no such file.
    rsp_health.errors.UnreadableFileError
        Raised if it cannot be opened so.
    """
    try:
        # Looked at first: to open a device or a pipe may do something.
        status = os.stat(path)  # noqa: PTH116 - any kind of path
        if stat.S_ISDIR(status.st_mode):
            # A folder that may not be read is told as that.
            os.close(os.open(path, _FLAGS | os.O_DIRECTORY))
        _refuse_others(path, status)
        descriptor = os.open(path, _FLAGS)
        try:
            _check(descriptor, path, limit, inside)
        except BaseException:
            os.close(descriptor)
            raise
    except OSError as exc:
        raise _failed(path, exc) from exc
    except ValueError:  # a NUL, or half a character, in the name
        raise MissingFileError(
            printable(repr(os.fspath(path))[:200]),
            "no file can have this name",
            hint="Check the name.",
        ) from None
    return descriptor


def _check(
    descriptor: int, path: Path, limit: int | None, inside: Path | None
) -> None:
    """Check what was opened: another file may have taken the name."""
    status = os.fstat(descriptor)
    _refuse_others(path, status)
    if inside is not None and not _lies_in(descriptor, path, inside):
        raise _refused(path, "it is, through a link, outside of its folder")
    if limit is not None and status.st_size > limit:
        raise _too_large(path, limit)


def _read(descriptor: int, path: Path, limit: int) -> bytes:
    """Read to the end, but no more than the limit: a file may grow."""
    try:
        size = os.fstat(descriptor).st_size
        parts: list[bytes] = []
        left = limit + 1
        while left:
            # The first part is the whole file, as a rule.
            wanted = _CHUNK if parts else max(size + 1, _CHUNK)
            part = os.read(descriptor, min(left, wanted))
            if not part:
                break
            parts.append(part)
            left -= len(part)
    except OSError as exc:
        raise _failed(path, exc) from exc
    if not left:
        raise _too_large(path, limit)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _lies_in(descriptor: int, path: Path, folder: Path) -> bool:
    """Tell whether an open file is below a folder.

    The system knows where the open file is; its name may have become that
    of another one since.
    """
    real = os.path.realpath(path)
    with contextlib.suppress(OSError):
        real = os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115
    top = os.path.join(os.path.realpath(folder), "")  # noqa: PTH118
    return real.startswith(top)


def _refuse_others(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        is_folder = stat.S_ISDIR(status.st_mode)
        raise _refused(
            path, "it is a folder" if is_folder else "it is not a regular file"
        )


def _refused(path: Path, reason: str) -> UnreadableFileError:
    return UnreadableFileError(_name(path), reason, hint=_REPLACE)


def _too_large(path: Path, limit: int) -> UnreadableFileError:
    size = f"{limit / 1e6:.0f} MB" if limit > 1e6 else f"{limit / 1e3:.0f} kB"
    return UnreadableFileError(
        _name(path),
        f"it is larger than {size}",
        hint="Make it smaller, or remove it.",
    )


def _failed(path: Path, exc: OSError) -> UnreadableFileError:
    number = exc.errno or 0
    if number in _MISSING:
        return MissingFileError(
            _name(path),
            "no such file or directory",
            hint="Check the path.",
            errno=number,
        )
    what = "there is nothing to read"
    if number != errno.EAGAIN:
        what = os.strerror(number) if number else "the system refused"
    return UnreadableFileError(
        _name(path),
        what[:1].lower() + what[1:],
        hint=_HINTS.get(number, _TRY_AGAIN),
        errno=number,
    )


def _name(path: Path) -> str:
    return printable(os.fspath(path))

"""A file of lines that several processes append to.

It only repeats what stands elsewhere: it may be cut off, stale or gone, and
whoever reads it can do without it.
"""

from __future__ import annotations

import contextlib
import os
import stat
from typing import TYPE_CHECKING

from ..errors import UnreadableFileError
from .durable import write_atomic
from .reading import safe_open

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

__all__ = ["AppendedLines"]


class AppendedLines:
    """Lines that are appended, and read on from where one was.

    Parameters
    ----------
    path
        The file. It need not exist.
    limit
        Bytes that it may hold; a larger one is removed.
    """

    def __init__(self, path: Path, *, limit: int) -> None:
        self._path = path
        self._limit = limit
        self._identity: tuple[int, int] | None = None
        self._offset = 0

    def read_on(self) -> tuple[list[bytes], bool]:
        """Return the complete lines since the last call.

        Returns
        -------
        tuple
            The lines, without empty ones, and whether they are the file's
            first: what was read before counts no longer.
        """
        try:
            data, is_new = self._read()
        except UnreadableFileError:
            is_new = self._identity is not None
            self._identity, self._offset = None, 0
            self._discard()
            return [], is_new
        data = _complete(data)
        self._offset += len(data)
        return _lines(data), is_new

    def all_lines(self) -> list[bytes]:
        """Return all complete lines, without empty ones, once more.

        None if it is not the file that `read_on` read. What was appended
        since then is among them, and `read_on` will still return it.
        """
        try:
            with self._open() as stream:
                if self._is_new(stream):
                    return []
                return _lines(_complete(stream.read(self._limit)))
        except (OSError, UnreadableFileError):
            return []

    def _read(self) -> tuple[bytes, bool]:
        with self._open() as stream:
            is_new = self._is_new(stream)
            if is_new:
                status = os.fstat(stream.fileno())
                self._identity, self._offset = _identity(status), 0
            stream.seek(self._offset)
            return stream.read(self._limit), is_new

    def _open(self) -> BinaryIO:
        return os.fdopen(safe_open(self._path, limit=self._limit), "rb")

    def _is_new(self, stream: BinaryIO) -> bool:
        """Whether this is not the file that was read before."""
        status = os.fstat(stream.fileno())
        return (
            _identity(status) != self._identity
            or status.st_size < self._offset
        )

    def _discard(self) -> None:
        """Make room for a new one, if what is there can be none."""
        with contextlib.suppress(OSError):
            status = self._path.lstat()
            too_large = status.st_size > self._limit
            if not stat.S_ISREG(status.st_mode) or too_large:
                self._path.unlink()

    def append(self, lines: list[bytes]) -> None:
        """Add lines in one piece; if that fails, they are missed."""
        if not lines:
            return
        # The line feed before ends what a crash or a full disk cut off.
        data = b"\n" + b"\n".join(lines) + b"\n"
        # A pipe would keep us waiting, and a link is none of ours.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        flags |= os.O_NONBLOCK | os.O_NOFOLLOW
        with contextlib.suppress(OSError):
            descriptor = os.open(self._path, flags, 0o600)
            try:
                os.write(descriptor, data)
            finally:
                os.close(descriptor)

    def replace(self, lines: list[bytes]) -> None:
        """Write these lines in place of all others.

        A line that another process appends meanwhile may be lost.
        """
        data = b"".join(line + b"\n" for line in lines)
        with contextlib.suppress(OSError):
            write_atomic(self._path, data, mode=0o600)


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _complete(data: bytes) -> bytes:
    """Return it without its last line, which may still be being written."""
    return data[: data.rfind(b"\n") + 1]


def _lines(data: bytes) -> list[bytes]:
    return [line for line in data.split(b"\n") if line]

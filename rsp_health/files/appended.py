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
        # The last line may still be being written.
        data = data[: data.rfind(b"\n") + 1]
        self._offset += len(data)
        return [line for line in data.split(b"\n") if line], is_new

    def _read(self) -> tuple[bytes, bool]:
        with os.fdopen(
            safe_open(self._path, limit=self._limit), "rb"
        ) as stream:
            status = os.fstat(stream.fileno())
            identity = status.st_dev, status.st_ino
            is_new = (
                identity != self._identity or status.st_size < self._offset
            )
            if is_new:
                self._identity, self._offset = identity, 0
            stream.seek(self._offset)
            return stream.read(self._limit), is_new

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

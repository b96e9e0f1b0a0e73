"""The lines of the history in one file, so that it is listed at once.

A home is often on NFS, where opening ten thousand summaries takes seconds.
The file only repeats what the runs' folders say: it may be cut off, stale or
gone, and is written anew from them.
"""

from __future__ import annotations

import contextlib
import os
import stat
import threading
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from ...errors import UnreadableFileError
from ...files import safe_open, write_atomic
from ..models import RunSummary

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

__all__ = ["RunIndex"]

_LINES = TypeAdapter(list[RunSummary])

#: Lines about runs that are gone, from which on they are taken out.
_STALE = 200
#: What the file may hold: thrice the runs that are kept.
_MOST_LINES = 30_000
#: Lines that are parsed together: what is wrong with each takes memory.
_AT_ONCE = 500
_BYTES = 16 * 1024**2


class RunIndex:
    """Summaries of finished runs, appended by whoever learns of one.

    Parameters
    ----------
    path
        The file, JSON lines. It need not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._known: dict[str, RunSummary] = {}
        self._identity: tuple[int, int] | None = None
        self._offset = 0

    def read(self) -> dict[str, RunSummary]:
        """Return the summaries by run id; of two for one run, the latest.

        Only what was appended since the last call is read.
        """
        with self._lock:
            try:
                data = self._read_on()
            except UnreadableFileError:
                self._known, self._identity, self._offset = {}, None, 0
                data = b""
                self._discard()
            # The last line may still be being written.
            data = data[: data.rfind(b"\n") + 1]
            self._offset += len(data)
            self._known |= {one.run_id: one for one in _parse(data)}
            return self._known

    def _read_on(self) -> bytes:
        with os.fdopen(safe_open(self._path, limit=_BYTES), "rb") as stream:
            status = os.fstat(stream.fileno())
            identity = status.st_dev, status.st_ino
            if identity != self._identity or status.st_size < self._offset:
                self._known, self._offset = {}, 0
                self._identity = identity
            stream.seek(self._offset)
            return stream.read(_BYTES)

    def _discard(self) -> None:
        """Make room for a new one, if what is there can be none."""
        with contextlib.suppress(OSError):
            status = self._path.lstat()
            if not stat.S_ISREG(status.st_mode) or status.st_size > _BYTES:
                self._path.unlink()

    def append(self, summaries: Iterable[RunSummary]) -> None:
        """Add finished runs; without it, all still works."""
        data = b"".join(
            b"\n" + summary.model_dump_json().encode() + b"\n"
            for summary in summaries
        )
        if not data:
            return
        # The line feed before ends what a crash or a full disk cut off.
        # A pipe would keep us waiting, and a link is none of ours.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        flags |= os.O_NONBLOCK | os.O_NOFOLLOW
        with contextlib.suppress(OSError):
            descriptor = os.open(self._path, flags, 0o600)
            try:
                os.write(descriptor, data)
            finally:
                os.close(descriptor)

    def forget(self, kept: Collection[str]) -> None:
        """Take out runs that are gone, if they are many.

        Parameters
        ----------
        kept
            The ids of the runs that there are. A line that another process
            appends meanwhile may be lost; it comes back when it is missed.
        """
        known = self.read()
        left = [known[run_id] for run_id in known if run_id in kept]
        if len(known) - len(left) < _STALE:
            return
        data = b"".join(one.model_dump_json().encode() + b"\n" for one in left)
        with contextlib.suppress(OSError):
            write_atomic(self._path, data, mode=0o600)


def _parse(data: bytes) -> list[RunSummary]:
    # Of an absurd number, the latest.
    lines = [line for line in data.split(b"\n") if line][-_MOST_LINES:]
    found = []
    for start in range(0, len(lines), _AT_ONCE):
        part = lines[start : start + _AT_ONCE]
        try:
            found += _LINES.validate_json(b"[" + b",".join(part) + b"]")
        except ValidationError:
            found += [one for line in part for one in _parse_line(line)]
    return found


def _parse_line(line: bytes) -> list[RunSummary]:
    try:
        return [RunSummary.model_validate_json(line)]
    except ValidationError:
        return []  # cut off, or of another version

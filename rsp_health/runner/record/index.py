"""The lines of the history in one file, so that it is listed at once.

A home is often on NFS, where opening ten thousand summaries takes seconds.
The file only repeats what the runs' folders say: it may be cut off, stale or
gone, and is written anew from them. So that no record is opened to know this,
a line has the size and time of its record, and a digest of itself: a line or a
record that somebody edited is noticed (unless they took care to hide it).
"""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING

from pydantic import BaseModel, TypeAdapter, ValidationError

from ...files import AppendedLines
from ..models import RunSummary

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

__all__ = ["IndexedRun", "RunIndex", "with_digest"]


class IndexedRun(BaseModel):
    """A run's summary, and the record that it was made of.

    Parameters
    ----------
    record
        Size in bytes and time of modification in ns of the record.
    run
        The summary.
    """

    record: tuple[int, int]
    run: RunSummary


_LINES = TypeAdapter(list[IndexedRun])

#: How a line begins, before the digest of what follows that.
_HEAD = b'{"digest":"'
_DIGEST_BYTES = 8
_BODY = len(_HEAD) + 2 * _DIGEST_BYTES

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
        self._lines = AppendedLines(path, limit=_BYTES)
        self._lock = threading.Lock()
        self._known: dict[str, IndexedRun] = {}
        self._count = 0

    def read(self) -> dict[str, IndexedRun]:
        """Return what is known by run id; of two for one run, the latest.

        Only what was appended since the last call is read.
        """
        with self._lock:
            lines, is_new = self._lines.read_on()
            if is_new:
                self._known = {}
                self._count = 0
            self._count += len(lines)
            self._known |= {one.run.run_id: one for one in _parse(lines)}
            return self._known

    def append(self, runs: Iterable[IndexedRun]) -> None:
        """Add finished runs; without it, all still works."""
        self._lines.append([_line(one) for one in runs])

    def forget(self, kept: Collection[str]) -> None:
        """Take out what counts no longer, if it is much.

        That is runs that are gone, lines that later ones replaced, and lines
        that we do not know.

        Parameters
        ----------
        kept
            The ids of the runs that there are. A line that another process
            appends meanwhile may be lost; it comes back when it is missed.
        """
        known = self.read()
        left = [known[run_id] for run_id in known if run_id in kept]
        if self._count - len(left) >= max(_STALE, len(left)) or (
            len(known) - len(left) >= _STALE
        ):
            self._lines.replace([_line(one) for one in left])


def _line(run: IndexedRun) -> bytes:
    return with_digest(run.model_dump_json().encode())


def with_digest(document: bytes) -> bytes:
    """Return a line of the index: a JSON object, and before it its digest."""
    body = b'",' + document[1:]
    return _HEAD + _digest(body) + body


def _digest(body: bytes) -> bytes:
    mark = hashlib.blake2b(body, digest_size=_DIGEST_BYTES)
    return mark.hexdigest().encode()


def _is_whole(line: bytes) -> bool:
    """Whether a line is as it was written."""
    head, body = line[:_BODY], line[_BODY:]
    return head == _HEAD + _digest(body)


def _parse(lines: list[bytes]) -> list[IndexedRun]:
    # Of an absurd number, the latest.
    lines = [line for line in lines[-_MOST_LINES:] if _is_whole(line)]
    found = []
    for start in range(0, len(lines), _AT_ONCE):
        part = lines[start : start + _AT_ONCE]
        try:
            found += _LINES.validate_json(b"[" + b",".join(part) + b"]")
        except ValidationError:
            found += [one for line in part for one in _parse_line(line)]
    return found


def _parse_line(line: bytes) -> list[IndexedRun]:
    try:
        return [IndexedRun.model_validate_json(line)]
    except ValidationError:
        return []  # of another version

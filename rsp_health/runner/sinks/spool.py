"""What waits to be sent: files of a folder, so many and no more.

A batch is a file that appears whole and goes when all of it was taken. So an
end at any moment loses nothing; it may send a batch twice. Beyond the bound
the oldest batches go, and how many events they held is remembered.
"""

from __future__ import annotations

import contextlib
import json
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...errors import BadDocumentError, UnreadableFileError
from ...files.documents import load_json
from ...files.durable import write_atomic, write_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from .contract import Event

__all__ = ["Spool", "SpoolState"]

#: Events that wait at most, and bytes of them.
_MOST_EVENTS = 10_000
_MOST_BYTES = 16 * 1024 * 1024
#: Events of one file.
_BATCH = 200
_NAME = re.compile(r"\d{20}-\d{4,6}-(\d{1,4})\.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolState:
    """How a spool is.

    Parameters
    ----------
    waiting
        Events that wait.
    dropped
        Events that went unsent, for want of room, since the last success.
    damaged
        Events whose files held something else, since the last success.
    problem
        Why the last attempt failed; empty if it did not.
    """

    waiting: int
    dropped: int
    damaged: int
    problem: str


class Spool:
    """What waits for one sink.

    Parameters
    ----------
    folder
        Its own folder.
    most_events
        The bound.
    batch
        Events of one file: those that are taken together, or not.
    """

    def __init__(
        self,
        folder: Path,
        *,
        most_events: int = _MOST_EVENTS,
        batch: int = _BATCH,
    ) -> None:
        self._folder = folder
        self._notes = folder / "notes.json"
        self._most = most_events
        self._batch = batch
        self._damaged = 0

    def put(self, events: Sequence[Event]) -> None:
        """Keep events until they are sent.

        Raises
        ------
        OSError
            Raised if they cannot be written.
        """
        if not events:
            return
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        stamp = time.time_ns()
        for number, first in enumerate(range(0, len(events), self._batch)):
            batch = list(events[first : first + self._batch])
            name = f"{stamp:020d}-{number:06d}-{len(batch)}.json"
            data = json.dumps(batch, separators=(",", ":")).encode()
            write_atomic(self._folder / name, data, mode=0o600)
        self._bound()

    def batches(self) -> list[Path]:
        """Return the files that wait, the oldest first."""
        try:
            paths = sorted(self._folder.iterdir())
        except OSError:
            return []
        return [path for path in paths if _NAME.fullmatch(path.name)]

    def read(self, path: Path) -> list[Event]:
        """Return the events of a batch.

        Raises
        ------
        rsp_health.errors.BadDocumentError
            Raised if it is damaged, for good.
        rsp_health.errors.UnreadableFileError
            Raised if it cannot be read now.
        """
        found = load_json(path)
        if not isinstance(found, list):
            raise BadDocumentError(path.name, "it is no list", hint="")
        return found

    def done(self, path: Path) -> None:
        """Forget a batch: it was taken."""
        with contextlib.suppress(FileNotFoundError):
            path.unlink()

    def drop(self, path: Path) -> None:
        """Let go of a batch that is damaged; `note` tells of it."""
        self._damaged += _count(path)
        self.done(path)

    def note(self, problem: str) -> None:
        """Remember why an attempt failed; empty: it did not."""
        notes = self._read_notes()
        damaged, self._damaged = self._damaged, 0
        if not (problem or notes or damaged):
            return
        dropped = 0
        if problem:
            dropped = _number(notes, "dropped")
            damaged += _number(notes, "damaged")
        self._write_notes(
            {"problem": problem, "dropped": dropped, "damaged": damaged}
        )

    @property
    def state(self) -> SpoolState:
        """How it is."""
        notes = self._read_notes()
        problem = notes.get("problem")
        return SpoolState(
            waiting=sum(map(_count, self.batches())),
            dropped=_number(notes, "dropped"),
            damaged=_number(notes, "damaged"),
            problem=problem if isinstance(problem, str) else "",
        )

    def _bound(self) -> None:
        """Let the oldest go, if there are too many."""
        paths = self.batches()
        events = sum(map(_count, paths))
        size = sum(map(_size, paths))
        dropped = 0
        for path in paths[:-1]:
            if events <= self._most and size <= _MOST_BYTES:
                break
            events -= _count(path)
            size -= _size(path)
            dropped += _count(path)
            self.done(path)
        if dropped:
            notes = self._read_notes()
            notes["dropped"] = _number(notes, "dropped") + dropped
            self._write_notes(notes)

    def _read_notes(self) -> dict[str, Any]:
        try:
            found = load_json(self._notes)
        except UnreadableFileError:
            return {}
        return found if isinstance(found, dict) else {}

    def _write_notes(self, notes: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_json(self._notes, notes)


def _number(notes: dict[str, Any], name: str) -> int:
    found = notes.get(name)
    return found if isinstance(found, int) else 0


def _count(path: Path) -> int:
    match = _NAME.fullmatch(path.name)
    return int(match[1]) if match else 0


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0

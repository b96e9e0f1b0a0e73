"""What was seen of each row in the last 24 hours, half an hour at a time.

A half-hour keeps the worst state that the row was shown in, how many of its
probes did not pass, and the slowest good answer. The file holds it beyond the
server's end. Nothing is asked because of it, so a half-hour in which nobody
looked has no entry: that is not the same as a good one.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, get_args

from ...errors import UnreadableFileError
from ...files import load_json, write_json
from ...states import SERVICE_STATES
from ..models import HalfHour, ServiceHistory, ServiceState

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ..probes import Verdict
    from .monitor import Row

__all__ = ["HALF_HOURS", "HALF_HOUR_S", "LastDay", "Mark"]

_log = logging.getLogger(__name__)

HALF_HOUR_S = 1800
"""Seconds that share an entry; they begin at full and half hours of UTC."""

HALF_HOURS = 48
"""Half-hours that are kept, the present one included."""

_SAVE_AFTER_S = 300.0
_MAX_ROWS = 500
_MAX_FILE_BYTES = 4 * 1024 * 1024
_STATES = frozenset(get_args(ServiceState))
_RANKS = {state: rank for rank, state in enumerate(SERVICE_STATES)}


@dataclass(slots=True)
class Mark:
    """What was seen in half an hour.

    Parameters
    ----------
    state
        The worst state that the row was shown in.
    checks
        Probes that ended in it.
    not_passed
        Those of them that did not find it well.
    slowest_s
        The slowest good answer.
    """

    state: ServiceState
    checks: int = 0
    not_passed: int = 0
    slowest_s: float | None = None


@dataclass(slots=True)
class _Row:
    """A row's half-hours by their number since 1970, and where it was asked."""

    url: str | None
    marks: dict[int, Mark]


class LastDay:
    """Remembers every row's last 24 hours.

    Parameters
    ----------
    file
        Where it is kept; `None` keeps nothing.
    clock
        The time of day, in seconds since 1970: the axis that users read.
    """

    def __init__(
        self, file: Path | None, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._file = file
        self._clock = clock
        self._rows: dict[str, _Row] = {}
        self._lock = threading.Lock()
        self._saved_at = clock()
        self._changed = False
        self._began = False

    async def begin(self) -> None:
        """Take in what an earlier server saw, at the first call."""
        if not self._began:
            self._began = True
            await asyncio.to_thread(self.load)

    def take(self, row: Row) -> None:
        """Take in the probe that a row has just had; store it if that is due.

        To be called on the event loop's thread.
        """
        target, found = row.target, row.tracker.last
        if found is not None:
            self.note(target.id, target.url, row.tracker.state, found)
        if self.due:
            # The next one is minutes away, and `save` raises nothing.
            _ = asyncio.get_running_loop().run_in_executor(None, self.save)

    @property
    def due(self) -> bool:
        """Whether what was seen should be stored again."""
        waited = abs(self._clock() - self._saved_at)
        return self._changed and self._keeps and waited >= _SAVE_AFTER_S

    @property
    def _keeps(self) -> bool:
        return self._file is not None

    def note(
        self, name: str, url: str | None, state: ServiceState, found: Verdict
    ) -> None:
        """Take in one probe.

        Parameters
        ----------
        name
            The row's id.
        url
            What was asked. Another address is another service: what was seen
            of the old one is forgotten.
        state
            What the row is shown as after it.
        found
            What the probe found.
        """
        half_hour = self._now()
        with self._lock:
            row = self._rows.get(name)
            if row is None or row.url != url:
                row = self._rows[name] = _Row(url, {})
            mark = row.marks.setdefault(half_hour, Mark(state))
            mark.state = min(mark.state, state, key=_RANKS.__getitem__)
            mark.checks += 1
            if found.state != "up":
                mark.not_passed += 1
            elif found.latency_s is not None:
                mark.slowest_s = max(mark.slowest_s or 0.0, found.latency_s)
            self._forget(half_hour)
            self._changed = True

    def of(self, name: str, url: str | None) -> list[tuple[int, Mark]]:
        """Return a row's half-hours, oldest first.

        Returns
        -------
        list of tuple
            The seconds since 1970 at which each began, and what was seen.
            Those in which nothing was asked are left out.
        """
        with self._lock:
            row = self._rows.get(name)
            if row is None or row.url != url:
                return []
            self._forget(self._now())
            return [
                (half_hour * HALF_HOUR_S, mark)
                for half_hour, mark in sorted(row.marks.items())
            ]

    def document(self, name: str, url: str | None) -> ServiceHistory:
        """Return a row's last day as it leaves the house; see `of`."""
        seen = self.of(name, url)
        first = (self._now() - HALF_HOURS + 1) * HALF_HOUR_S
        return ServiceHistory(
            service=name,
            observed_at=_moment(self._clock()),
            begins_at=_moment(first),
            half_hours=[
                HalfHour(
                    start=_moment(at),
                    state=mark.state,
                    checks=mark.checks,
                    not_passed=mark.not_passed,
                    slowest_s=mark.slowest_s,
                )
                for at, mark in seen
            ],
        )

    def load(self) -> None:
        """Take in what the file has and we have not.

        What cannot be read is forgotten: it is evidence, nothing of the
        user's. Not to be called on the event loop's thread, nor is `save`.
        """
        if self._file is None:
            return
        try:
            kept = load_json(self._file, limit=_MAX_FILE_BYTES)
            rows = {str(name): _row(row) for name, row in kept.items()}
        except UnreadableFileError:
            return
        except (AttributeError, KeyError, TypeError, ValueError):
            _log.info("What %s keeps cannot be read.", self._file.name)
            return
        with self._lock:
            for name, row in list(rows.items())[:_MAX_ROWS]:
                ours = self._rows.setdefault(name, row)
                if ours.url == row.url:
                    ours.marks = row.marks | ours.marks
            self._forget(self._now())

    def save(self) -> None:
        """Store it, together with what another server stored meanwhile."""
        if self._file is None or not self._changed:
            return
        self._changed, self._saved_at = False, self._clock()
        self.load()
        with self._lock:
            document = {
                name: {
                    "url": row.url,
                    "marks": [
                        [at, m.state, m.checks, m.not_passed, m.slowest_s]
                        for at, m in sorted(row.marks.items())
                    ],
                }
                for name, row in self._rows.items()
                if row.marks
            }
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_json(self._file, document)
        except OSError as exc:
            # A full disk: the panel still has it, until the server ends.
            _log.info("The last day was not stored: %s.", exc.strerror)

    def _now(self) -> int:
        return int(self._clock() // HALF_HOUR_S)

    def _forget(self, now: int) -> None:
        """Drop what is a day old, and what a clock that was set promised."""
        for row in self._rows.values():
            for half_hour in list(row.marks):
                if not now - HALF_HOURS < half_hour <= now:
                    del row.marks[half_hour]


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)


def _row(stored: Any) -> _Row:
    marks = {}
    for at, state, checks, not_passed, slowest_s in stored["marks"]:
        if state not in _STATES:
            raise ValueError(state)
        marks[int(at)] = Mark(
            state,
            int(checks),
            int(not_passed),
            None if slowest_s is None else float(slowest_s),
        )
    url = stored["url"]
    return _Row(None if url is None else str(url), marks)

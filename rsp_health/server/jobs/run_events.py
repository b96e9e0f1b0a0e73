"""Turns the growing records of runs into events."""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from ..failures import report

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable

    from ...runner.record_lines import RecordLine
    from ...runner.service import RunnerService
    from ..lazy import Lazy

__all__ = ["RunEventPublisher", "event_of"]

#: Seconds between two reads of an active run: what a person calls live.
ACTIVE_INTERVAL = 0.25

#: Seconds between two looks for runs that a terminal started, or that died.
IDLE_INTERVAL = 5.0

#: Fields of a line that its event has as well.
_FIELDS = (
    "kind",
    "at",
    "notebook",
    "cell_index",
    "state",
    "duration_s",
    "attempt",
)


def event_of(run_id: str, line: RecordLine) -> dict[str, Any] | None:
    """Return the event for a line of a record, or `None` if it has none.

    Only the named fields are taken: a record also holds tracebacks, and what
    a notebook prints or raises is nobody's business on the bus.
    """
    if line.kind in {"heartbeat", "services_seen"}:
        return None
    found = ((name, getattr(line, name, None)) for name in _FIELDS)
    told = {name: value for name, value in found if value not in {None, ""}}
    return {"run_id": run_id, **told}


def _without_overtaken(lines: list[RecordLine]) -> list[RecordLine]:
    """Drop what is said of a cell that has ended in the same batch.

    A notebook of a thousand quick cells would otherwise send twice the
    events, half of them about the past.
    """
    from ...runner.record_lines import CellFinished, CellOutput, CellStarted

    ended = {
        (line.notebook, line.cell_index)
        for line in lines
        if isinstance(line, CellFinished)
    }
    return [
        line
        for line in lines
        if not isinstance(line, CellStarted | CellOutput)
        or (line.notebook, line.cell_index) not in ended
    ]


class RunEventPublisher:
    """Follows the records of active runs in a thread.

    Parameters
    ----------
    runner
        The runner feature.
    publish
        Receives each event.
    on_activity
        Called at each step during which a run is active.
    on_end
        Called when a run has ended.
    log
        Where a failure is reported.
    """

    def __init__(
        self,
        *,
        runner: Lazy[RunnerService],
        publish: Callable[[dict[str, Any]], None],
        on_activity: Callable[[], None],
        on_end: Callable[[], None],
        log: logging.Logger,
    ) -> None:
        self._runner = runner
        self._publish = publish
        self._on_activity = on_activity
        self._on_end = on_end
        self._log = log
        self._offsets: dict[str, int] = {}
        self._ended: set[str] = set()
        self._wake = threading.Event()
        self._closing = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start following; runs under way are followed from here on."""
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._main, name="rsp-health-run-events", daemon=True
            )
            self._thread.start()

    def wake(self) -> None:
        """Look now: a run was started."""
        self._wake.set()

    def close(self) -> None:
        """Stop following, and wait until the thread has ended."""
        self._closing = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    @property
    def followed(self) -> list[str]:
        """The runs under way, as of the last look."""
        return list(self._offsets)

    def step(self, *, look: bool = True) -> bool:
        """Publish what is new, and say whether a run is under way.

        Parameters
        ----------
        look
            Also look which runs are under way. That costs far more than to
            read on in the records of the known ones.
        """
        runner = self._runner.build()
        active: set[str] | None = None
        if look:
            active = set(runner.active()) - self._ended
            for run_id in active:
                self._offsets.setdefault(run_id, 0)
        for run_id, offset in list(self._offsets.items()):
            lines, self._offsets[run_id] = runner.follow(run_id, offset)
            for line in _without_overtaken(lines):
                event = event_of(run_id, line)
                if event is not None:
                    self._publish(event)
            finished = any(line.kind == "run_finished" for line in lines)
            # Its last line, or no supervisor any more that would write one.
            lost = active is not None and run_id not in active
            if finished:
                self._ended.add(run_id)
            elif lost:
                self._publish(
                    {
                        "run_id": run_id,
                        "kind": "run_finished",
                        "state": "interrupted",
                    }
                )
            if finished or lost:
                del self._offsets[run_id]
                self._on_end()
        if self._offsets:
            self._on_activity()
        return bool(self._offsets)

    def _skip_past(self) -> None:
        runner = self._runner.build()
        for run_id in runner.active():
            _lines, self._offsets[run_id] = runner.follow(run_id, 0)

    def _main(self) -> None:
        self._guarded(self._skip_past)
        next_look = 0.0
        while not self._closing:
            look = self._wake.is_set() or time.monotonic() >= next_look
            self._wake.clear()
            active = bool(self._guarded(partial(self.step, look=look)))
            if look:
                next_look = time.monotonic() + IDLE_INTERVAL
            self._wake.wait(ACTIVE_INTERVAL if active else IDLE_INTERVAL)

    def _guarded(self, function: Callable[[], bool | None]) -> bool | None:
        try:
            return function()
        except Exception as exc:  # noqa: BLE001 - a thread must live on
            report(self._log, "following runs", exc)
            return None

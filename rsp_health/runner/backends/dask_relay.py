"""Brings what a Dask worker tells of a notebook into the run's record."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from ..execution.notebook_outcome import Outcome
from ..record.reducer import end_of_notebook
from ..record_lines import (
    CellFinished,
    CellOutput,
    CellStarted,
    NotebookFinished,
    line_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..record.writer import RecordWriter

__all__ = ["Relay"]


class Relay:
    """Takes each line once, in order, and of the last worker only.

    Lines come as events while the notebook runs, and all of them again with
    its end. A worker that is lost leaves lines without an end; another one
    begins anew.

    Parameters
    ----------
    record
        Our record.
    notebook
        The notebook's path in it.
    on_turn
        Called when a further worker begins, with how many had begun before.
    """

    def __init__(
        self,
        record: RecordWriter,
        notebook: str,
        on_turn: Callable[[int], None],
    ) -> None:
        self._record = record
        self._notebook = notebook
        self._on_turn = on_turn
        self._lock = threading.Lock()
        self._turn = 1
        self._next = 0
        self._closed = False
        self._ended = threading.Event()
        self._running: int | None = None
        #: Whether a worker has begun.
        self.begun = False
        self.outcome = Outcome("error", "The worker's record has no end.")
        self.notes: list[str] = []

    def take_event(self, event: tuple[float, Any]) -> None:
        """Take what the worker published; called by distributed's thread."""
        message = event[1]
        with self._lock:
            self.begun = True
            if self._closed or message["turn"] < self._turn:
                return
            self._turn_to(message["turn"])
            # After a lost event all others wait for the end.
            if message["from"] <= self._next:
                self._take(message["lines"][self._next - message["from"] :])

    def finish(self, result: Mapping[str, Any]) -> None:
        """Take all lines, with the end, and no event from now on."""
        with self._lock:
            self._closed = True
            self._turn_to(len(result["before"]) + 1)
            self._take(result.get("lines", [])[self._next :])

    def wait_for_end(self, timeout_s: float) -> None:
        """Wait for the last line of a run that is being stopped.

        If it does not come, the cell that was running is told as stopped.
        """
        self._ended.wait(timeout_s)
        with self._lock:
            self._closed = True
            if self._running is not None:
                self._record.write(
                    CellFinished(
                        notebook=self._notebook,
                        cell_index=self._running,
                        state="stopped",
                    )
                )

    def close(self) -> None:
        """Take no event from now on."""
        with self._lock:
            self._closed = True

    def _turn_to(self, turn: int) -> None:
        """Begin anew if another worker has."""
        while self._turn < turn:
            self._on_turn(self._turn)
            self._turn += 1
            self._next = 0
            self._running = None

    def _take(self, lines: list[dict[str, Any]]) -> None:
        self._next += len(lines)
        for line in map(line_of, lines):
            match line:
                case CellStarted() | CellOutput() | CellFinished():
                    if not isinstance(line, CellOutput):
                        started = isinstance(line, CellStarted)
                        self._running = line.cell_index if started else None
                    line.notebook = self._notebook
                    self._record.write(line)
                case NotebookFinished():
                    self.outcome = Outcome(*end_of_notebook(line))
                    self.notes = line.notes
                    self._ended.set()
                case _:
                    pass

"""Takes the lines of a record, one by one, into a run document.

What another version wrote and this one does not know is left out, or told as
what it is nearest to; never as a success. A document holds a bounded number
of cells: where a run has more, those that need nobody's attention are not
listed, and their notebooks say so.
"""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime
from typing import TypeGuard, get_args

from ...states import CUT_OFF, FAILED, OPEN
from ...wire import utc_now
from ..models import (
    CellResult,
    CellState,
    NotebookResult,
    NotebookState,
    RunDocument,
)
from ..record_lines import (
    CellFinished,
    CellOutput,
    CellStarted,
    Heartbeat,
    NotebookFinished,
    NotebookStarted,
    RecordLine,
    RunFinished,
    RunStarted,
    ServicesSeen,
    ToldCell,
    ToldNotebook,
)
from ..timings.usual import compared
from .alike import fault_of
from .output_tail import plain_tail

__all__ = ["RunReducer", "end_of_notebook", "time_of"]

#: Cells that a document has; with each, it takes a kilobyte or two.
_MOST_CELLS = 30_000
#: Cells that are made to get there, those of further attempts included.
_MOST_MADE = 200_000
#: Looks at the platform that a document has, and services of each.
_MOST_SEEN = 100
_MOST_SERVICES = 200
_CELL_STATES: frozenset[CellState] = frozenset(get_args(CellState))
_NOTEBOOK_STATES: frozenset[NotebookState] = frozenset(get_args(NotebookState))

_NOT_LISTED = (
    "The run has so many cells that those of this notebook which passed or "
    "were not run are not listed."
)


class RunReducer:
    """The document under way."""

    def __init__(self) -> None:
        self._document: RunDocument | None = None
        self._notebooks: dict[str, NotebookResult] = {}
        #: Notebooks that have ended and have all their cells, oldest first.
        self._whole: deque[NotebookResult] = deque()
        self._not_listed: set[str] = set()
        #: The attempt before the one under way, and its cells.
        self._earlier: dict[str, tuple[int, list[CellResult]]] = {}
        self._cells = self._made = 0

    def take(self, line: RecordLine) -> None:
        """Take one line."""
        if isinstance(line, RunStarted):
            if self._document is None:
                self._start(line)
            return
        if self._document is None or isinstance(line, Heartbeat):
            return
        if isinstance(line, RunFinished):
            _end(self._document, line)
            return
        if isinstance(line, ServicesSeen):
            _take_services(self._document, line)
            return
        notebook = self._notebooks.get(line.notebook)
        if notebook is None:
            return
        match line:
            case NotebookStarted():
                self._start_notebook(notebook, line)
            case NotebookFinished():
                self._finish(notebook, line)
            case _:
                _take_cell(notebook, line)

    def _start(self, line: RunStarted) -> None:
        self._document = RunDocument(
            run_id=line.run_id,
            state="running",
            mode=line.mode,
            backend=line.backend,
            jobs=line.jobs,
            started_at=time_of(line.at) or utc_now(),
            folder=line.folder,
            problems=line.problems,
            environment=line.environment,
            repository=line.repository,
        )
        for entry in line.notebooks:
            self._add(entry)

    def _add(self, entry: ToldNotebook) -> None:
        notebook = NotebookResult(
            path=entry.path,
            application=entry.application,
            state="queued" if entry.selected else "skipped",
            reason=entry.reason,
            kernel=entry.kernel,
            content_sha256=entry.content_sha256,
            expected_s=entry.expected_s,
            usual=entry.usual,
        )
        self._notebooks[notebook.path] = notebook
        self._give(notebook, entry.cells)
        if not entry.selected:
            for cell in notebook.cells:
                cell.state = "not_run"

    def _start_notebook(
        self, notebook: NotebookResult, line: NotebookStarted
    ) -> None:
        if notebook.started_at is not None:
            told = [cell.model_copy() for cell in notebook.cells]
            self._earlier[notebook.path] = (notebook.attempts, told)
        notebook.state = "running"
        notebook.started_at = time_of(line.at)
        notebook.attempts = line.attempt
        if line.content_sha256 is not None:
            notebook.content_sha256 = line.content_sha256
        if line.cells is not None:
            self._give(notebook, line.cells)
        for cell in notebook.cells:
            _reset(cell)

    def _give(self, notebook: NotebookResult, found: list[ToldCell]) -> None:
        """List a notebook's cells, in place of those of an attempt before."""
        self._cells -= len(notebook.cells)
        notebook.cells = []
        while self._whole and self._cells + len(found) > _MOST_CELLS:
            self._shorten(self._whole.popleft())
        self._made += len(found)
        if self._cells + len(found) > _MOST_CELLS or self._made > _MOST_MADE:
            self._not_listed.add(notebook.path)
            return
        self._not_listed.discard(notebook.path)
        notebook.cells = [_cell(entry) for entry in found if entry.index > 0]
        self._cells += len(notebook.cells)

    def _shorten(self, notebook: NotebookResult) -> None:
        """List no more cells of a notebook than those that went wrong."""
        if notebook.state == "running":
            return  # It is at work again.
        kept = [
            cell for cell in notebook.cells if cell.state in FAILED | CUT_OFF
        ]
        if len(kept) < len(notebook.cells):
            self._not_listed.add(notebook.path)
        self._cells -= len(notebook.cells) - len(kept)
        notebook.cells = kept

    def _finish(
        self, notebook: NotebookResult, line: NotebookFinished
    ) -> None:
        notebook.state, notebook.reason = end_of_notebook(line)
        notebook.duration_s = line.duration_s
        notebook.executed_path = line.executed_path
        notebook.notes = line.notes
        attempt, cells = self._earlier.pop(notebook.path, (0, []))
        if attempt and line.attempt == attempt:
            notebook.attempts = attempt
            self._cells += len(cells) - len(notebook.cells)
            notebook.cells = cells
        if line.cells_cut:
            # Of those that seem not to have run, the ends were not kept.
            self._shorten(notebook)
        for cell in notebook.cells:
            if cell.state in OPEN:
                cell.state = "not_run"
        if notebook.usual is not None:
            notebook.usual = compared(notebook.usual, _cells_s(notebook))
        if notebook.cells:
            self._whole.append(notebook)

    def finish(self) -> RunDocument | None:
        """Return the document, or `None` if no run has begun."""
        document = self._document
        if document is not None:
            document.notebooks = list(self._notebooks.values())
            for notebook in document.notebooks:
                notebook.fault = fault_of(notebook)
                if notebook.path in self._not_listed:
                    notebook.notes.append(_NOT_LISTED)
                for cell in notebook.cells:
                    if cell.output_tail is not None:
                        cell.output_tail = plain_tail(cell.output_tail)
        return document


def _end(document: RunDocument, line: RunFinished) -> None:
    document.state, document.reason = end_of_notebook(line)
    document.finished_at = time_of(line.at) or document.started_at
    document.duration_s = line.duration_s
    if line.python is not None:
        document.environment.python = line.python


def _take_services(document: RunDocument, line: ServicesSeen) -> None:
    """Take what was seen of the platform."""
    if len(document.services) < _MOST_SEEN:
        seen = line.services
        del seen.up[_MOST_SERVICES:], seen.troubled[_MOST_SERVICES:]
        document.services.append(seen)


def _is_one_of[S: str](state: str, known: frozenset[S]) -> TypeGuard[S]:
    return state in known


def end_of_notebook(
    line: NotebookFinished | RunFinished,
) -> tuple[NotebookState, str | None]:
    """Return the state at an end and its reason; an unknown one is an error.

    Parameters
    ----------
    line
        The end of a notebook, or of a run: that has the same states.
    """
    if not _is_one_of(line.state, _NOTEBOOK_STATES):
        return "error", _unknown(line.state)
    return line.state, line.reason


def _unknown(state: str) -> str:
    """Say that a result is one of another version."""
    word = f" as “{state[:50]}”" if state else ""
    return (
        f"It ended{word}, which this version of rsp-health does not know; "
        "the version that ran it does."
    )


def _cell(entry: ToldCell) -> CellResult:
    return CellResult(
        index=entry.index,
        id=entry.id,
        source_sha256=entry.source_sha256,
        source=entry.source,
        state="queued",
        usual=entry.usual,
    )


def _reset(cell: CellResult) -> None:
    cell.state = "queued"
    cell.started_at = cell.duration_s = cell.error = None
    cell.peak_memory_bytes = cell.output_tail = None
    cell.output_bytes = 0
    cell.output_truncated = False
    if cell.usual is not None:
        cell.usual = compared(cell.usual, None)


def _cells_s(notebook: NotebookResult) -> float | None:
    """Return the seconds of a notebook's cells, if it passed."""
    times = [
        cell.duration_s
        for cell in notebook.cells
        if cell.state == "passed" and cell.duration_s is not None
    ]
    return (
        round(sum(times), 6) if notebook.state == "passed" and times else None
    )


def _take_cell(
    notebook: NotebookResult, line: CellStarted | CellOutput | CellFinished
) -> None:
    index = line.cell_index
    if not 1 <= index <= len(notebook.cells):
        return
    cell = notebook.cells[index - 1]
    if cell.index != index:
        return  # Not all are listed.
    match line:
        case CellStarted():
            cell.state = "running"
            cell.started_at = time_of(line.at)
        case CellOutput():
            cell.output_bytes = line.output_bytes
            cell.output_tail = line.text
        case CellFinished():
            _finish_cell(cell, line)


def _finish_cell(cell: CellResult, line: CellFinished) -> None:
    # Whatever an unknown state was, it is not told as a success.
    cell.state = (
        line.state if _is_one_of(line.state, _CELL_STATES) else "stopped"
    )
    if cell.state not in CUT_OFF:
        cell.output_tail = None
    cell.duration_s = line.duration_s
    cell.peak_memory_bytes = line.peak_memory_bytes
    cell.output_bytes = line.output_bytes
    cell.output_truncated = line.output_truncated
    cell.error = line.error
    if cell.usual is not None:
        passed = cell.state == "passed"
        cell.usual = compared(cell.usual, cell.duration_s if passed else None)


def time_of(text: str) -> datetime | None:
    """Return the time that a line tells, if it does."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None

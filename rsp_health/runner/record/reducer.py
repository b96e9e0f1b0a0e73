"""Takes the lines of a record, one by one, into a run document.

What another version wrote and this one does not know is left out, or told as
what it is nearest to; never as a success. A document holds a bounded number
of cells: where a run has more, those that need nobody's attention are not
listed, and their notebooks say so.
"""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime
from typing import Any, Literal, TypeGuard, get_args

from pydantic import ValidationError

from ...states import CUT_OFF, FAILED, OPEN
from ...wire import WireModel, utc_now
from ..models import (
    CellError,
    CellResult,
    CellState,
    NotebookResult,
    NotebookState,
    RunDocument,
    RunEnvironment,
    RunRepository,
    SeenService,
    SeenServices,
    UsualTime,
)
from ..timings.usual import compared
from .alike import fault_of
from .output_tail import plain_tail

__all__ = ["RunReducer", "time_of"]

#: Cells that a document has; with each, it takes a kilobyte or two.
_MOST_CELLS = 30_000
#: Cells that are made to get there, those of further attempts included.
_MOST_MADE = 200_000
#: Looks at the platform that a document has, and services of each.
_MOST_SEEN = 100
_MOST_SERVICES = 200
_CELL_STATES: frozenset[CellState] = frozenset(get_args(CellState))
_NOTEBOOK_STATES: frozenset[NotebookState] = frozenset(get_args(NotebookState))
_RUN_STATES = _NOTEBOOK_STATES

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
        self._cells = self._made = 0

    def take(self, line: dict[str, Any]) -> None:
        """Take one line.

        Raises
        ------
        Exception
            Raised if it is not the line of a record of any version.
        """
        kind = line["kind"]
        if kind == "run_started" and self._document is None:
            self._start(line)
            return
        if self._document is None:
            return
        if kind == "run_finished":
            self._end(self._document, line)
            return
        if kind == "services_seen":
            _take_services(self._document, line)
            return
        notebook = self._notebooks.get(str(line.get("notebook")))
        if notebook is None:
            return
        match kind:
            case "notebook_started":
                self._start_notebook(notebook, line)
            case "notebook_finished":
                self._finish(notebook, line)
            case "cell_started" | "cell_finished" | "cell_output":
                _take_cell(notebook, line)
            case _:
                pass

    def _start(self, line: dict[str, Any]) -> None:
        self._document = _made(
            RunDocument,
            {
                "run_id": line["run_id"],
                "state": "running",
                "mode": line.get("mode"),
                "backend": line.get("backend"),
                "jobs": line.get("jobs"),
                "started_at": time_of(line.get("at")) or utc_now(),
                "folder": line.get("folder"),
                "problems": _texts(line.get("problems")),
                "environment": _part(RunEnvironment, line.get("environment"))
                or RunEnvironment(),
                "repository": _part(RunRepository, line.get("repository")),
            },
        )
        entries = line.get("notebooks")
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict) and isinstance(entry.get("path"), str):
                self._add(entry)

    def _add(self, entry: dict[str, Any]) -> None:
        selected = entry.get("selected") is not False
        notebook = _made(
            NotebookResult,
            {
                "path": entry["path"],
                "application": entry.get("application"),
                "state": "queued" if selected else "skipped",
                "reason": entry.get("reason"),
                "kernel": entry.get("kernel"),
                "content_sha256": entry.get("content_sha256"),
                "expected_s": entry.get("expected_s"),
                "usual": _usual(entry.get("usual")),
            },
        )
        self._notebooks[notebook.path] = notebook
        self._give(notebook, entry.get("cells"))
        if not selected:
            for cell in notebook.cells:
                cell.state = "not_run"

    @staticmethod
    def _end(document: RunDocument, line: dict[str, Any]) -> None:
        document.state, document.reason = _end_of(line, _RUN_STATES)
        document.finished_at = time_of(line.get("at")) or document.started_at
        document.duration_s = _number(line.get("duration_s"))
        python = line.get("python")
        if isinstance(python, str):
            document.environment.python = python

    def _start_notebook(
        self, notebook: NotebookResult, line: dict[str, Any]
    ) -> None:
        notebook.state = "running"
        notebook.started_at = time_of(line.get("at"))
        notebook.attempts = _count(line.get("attempt"), 1)
        if isinstance(line.get("content_sha256"), str):
            notebook.content_sha256 = line["content_sha256"]
        if "cells" in line:
            self._give(notebook, line["cells"])
        for cell in notebook.cells:
            _reset(cell)

    def _give(self, notebook: NotebookResult, entries: Any) -> None:
        """List a notebook's cells, in place of those of an attempt before."""
        found = entries if isinstance(entries, list) else []
        self._cells -= len(notebook.cells)
        notebook.cells = []
        while self._whole and self._cells + len(found) > _MOST_CELLS:
            self._shorten(self._whole.popleft())
        self._made += len(found)
        if self._cells + len(found) > _MOST_CELLS or self._made > _MOST_MADE:
            self._not_listed.add(notebook.path)
            return
        self._not_listed.discard(notebook.path)
        try:
            notebook.cells = [_cell(entry) for entry in found]
        except (AttributeError, KeyError, ValueError):
            # By their numbers the others would not be found.
            return
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

    def _finish(self, notebook: NotebookResult, line: dict[str, Any]) -> None:
        notebook.state, notebook.reason = _end_of(line, _NOTEBOOK_STATES)
        notebook.duration_s = _number(line.get("duration_s"))
        executed = line.get("executed_path")
        notebook.executed_path = (
            executed if isinstance(executed, str) else None
        )
        notebook.notes = _texts(line.get("notes"))
        if line.get("cells_cut") is True:
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


def _made[M: WireModel](model: type[M], fields: dict[str, Any]) -> M:
    """Build a model of the fields that this version knows and accepts."""
    known = {n: x for n, x in fields.items() if n in model.model_fields}
    try:
        return model(**known)
    except ValidationError as exc:
        found = exc.errors(
            include_url=False, include_context=False, include_input=False
        )
        wrong = {error["loc"][0] for error in found}
        return model(**{n: x for n, x in known.items() if n not in wrong})


def _part[M: WireModel](model: type[M], entry: Any) -> M | None:
    return _made(model, entry) if isinstance(entry, dict) and entry else None


def _take_services(document: RunDocument, line: dict[str, Any]) -> None:
    """Take what was seen of the platform; what is wrong in it is left out."""
    found = line.get("services")
    if not isinstance(found, dict) or len(document.services) >= _MOST_SEEN:
        return
    entries = found.get("troubled")
    troubled = []
    for entry in entries[:_MOST_SERVICES] if isinstance(entries, list) else ():
        if isinstance(entry, dict):
            try:
                troubled.append(_made(SeenService, entry))
            except ValidationError:
                continue
    up = _texts(found.get("up"))[:_MOST_SERVICES]
    at = time_of(found.get("observed_at")) or time_of(line.get("at"))
    rest = {"observed_at": at or utc_now(), "up": up, "troubled": troubled}
    document.services.append(_made(SeenServices, {**found, **rest}))


def _usual(entry: Any) -> UsualTime | None:
    try:
        return _part(UsualTime, entry)
    except ValidationError:
        return None


def _is_one_of[S: str](state: Any, known: frozenset[S]) -> TypeGuard[S]:
    return isinstance(state, str) and state in known


def _end_of[S: str](
    line: dict[str, Any], states: frozenset[S]
) -> tuple[S | Literal["error"], str | None]:
    """Return the state at an end and its reason; an unknown one is an error."""
    state, reason = line.get("state"), line.get("reason")
    if not _is_one_of(state, states):
        return "error", _unknown(state)
    return state, reason if isinstance(reason, str) else None


def _unknown(state: Any) -> str:
    """Say that a result is one of another version."""
    word = f" as “{state[:50]}”" if isinstance(state, str) else ""
    return (
        f"It ended{word}, which this version of rsp-health does not know; "
        "the version that ran it does."
    )


def _texts(found: Any) -> list[str]:
    if not isinstance(found, list):
        return []
    return [text for text in found if isinstance(text, str)]


def _number(found: Any) -> float | None:
    if isinstance(found, int | float) and not isinstance(found, bool):
        return float(found)
    return None


def _count(found: Any, default: int = 0) -> int:
    is_count = isinstance(found, int) and not isinstance(found, bool)
    return found if is_count else default


def _cell(entry: dict[str, Any]) -> CellResult:
    return CellResult(
        index=entry["index"],
        id=entry.get("id"),
        source_sha256=entry.get("source_sha256", ""),
        source=entry.get("source", ""),
        state="queued",
        usual=_usual(entry.get("usual")),
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


def _take_cell(notebook: NotebookResult, line: dict[str, Any]) -> None:
    index = line.get("cell_index", 0)
    if not 1 <= index <= len(notebook.cells):
        return
    cell = notebook.cells[index - 1]
    if cell.index != index:
        return  # Not all are listed.
    if line["kind"] == "cell_started":
        cell.state = "running"
        cell.started_at = time_of(line.get("at"))
        return
    cell.output_bytes = _count(line.get("output_bytes"))
    if line["kind"] == "cell_output":
        cell.output_tail = str(line.get("text", ""))
        return
    state: Any = line.get("state")
    # Whatever it was, it is not told as a success.
    cell.state = state if _is_one_of(state, _CELL_STATES) else "stopped"
    if cell.state not in CUT_OFF:
        cell.output_tail = None
    cell.duration_s = _number(line.get("duration_s"))
    peak = _count(line.get("peak_memory_bytes"), -1)
    cell.peak_memory_bytes = None if peak < 0 else peak
    cell.output_truncated = line.get("output_truncated") is True
    cell.error = _part(CellError, line.get("error"))
    if cell.usual is not None:
        passed = cell.state == "passed"
        cell.usual = compared(cell.usual, cell.duration_s if passed else None)


def time_of(text: Any) -> datetime | None:
    """Return the time that a line tells, if it does."""
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None

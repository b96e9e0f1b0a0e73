"""Folds the lines of a record into a run document.

A record without a last line is a running run if its supervisor lives, and an
interrupted one if not: nobody has to have been there to write that down.

A home is used by labs of many images, and so by older and newer versions of
this: what one does not know of the other's records, it leaves out.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..errors import MissingFileError
from ..wire import WireModel, utc_now
from .live import plain_tail
from .models import (
    CellError,
    CellResult,
    NotebookResult,
    NotebookState,
    RunDocument,
    RunEnvironment,
    RunRepository,
    RunTotals,
)
from .processes import ProcessIdentity
from .record import bad_record, each_line, is_begun

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["fold", "read_document", "supervisor_of", "totals", "worst"]

#: Worst first. ``stopped`` hides no failure, but is no success either.
_ORDER: tuple[NotebookState, ...] = (
    "interrupted",
    "error",
    "died",
    "timed_out",
    "failed",
    "invalid",
    "stopped",
    "running",
    "queued",
    "passed",
    "skipped",
)
#: Ends of a cell after which the end of its output is worth showing.
_CUT_OFF = {"timed_out", "died", "stopped"}
#: Seconds without a heartbeat after which a supervisor on another machine is
#: taken for dead: five beats.
_SILENT_S = 10.0


#: What another version's line, or a damaged one, may lead to. pydantic's
#: ValidationError is a ValueError.
_UNREADABLE = (
    ArithmeticError,
    AttributeError,
    KeyError,
    TypeError,
    ValueError,
)
#: Cells that a document may have; with each, it takes a kilobyte or two.
_MOST_CELLS = 30_000


def worst(states: Iterable[NotebookState]) -> NotebookState:
    """Return the worst state; ``skipped`` if nothing was run."""
    found = set(states)
    return next((state for state in _ORDER if state in found), "skipped")


def totals(notebooks: Iterable[NotebookResult]) -> RunTotals:
    """Count notebooks by how they ended."""
    counted = RunTotals()
    for notebook in notebooks:
        match notebook.state:
            case "passed":
                counted.passed += 1
            case "failed":
                counted.failed += 1
            case "skipped":
                counted.skipped += 1
            case _:
                counted.other += 1
    return counted


def supervisor_of(line: dict[str, Any]) -> ProcessIdentity | None:
    """Return the supervisor that a ``run_started`` line names."""
    found = line.get("supervisor")
    if not isinstance(found, dict):
        return None
    try:
        return ProcessIdentity(
            pid=int(found["pid"]),
            start_ticks=int(found["start_ticks"]),
            boot_id=str(found["boot_id"]),
            host=str(found["host"]),
        )
    except (KeyError, TypeError, ValueError):
        return None


def read_document(path: Path) -> RunDocument | None:
    """Read a record and fold it; `None` if nothing is written yet.

    Parameters
    ----------
    path
        The file ``record.jsonl``.

    Raises
    ------
    rsp_health.errors.UnreadableFileError
        Raised if it cannot be read, or is not the record of a run.
    """
    found = _read(path)
    if found is None:
        return None
    if found.document.finished_at is None and not _is_alive(found):
        # It may have ended between our two looks.
        found = _read(path) or found
        if found.document.finished_at is None:
            _interrupt(found.document, found.last_at)
    return found.document


@dataclass(slots=True)
class _Found:
    """What a record says, and what tells whether it goes on."""

    document: RunDocument
    first: dict[str, Any]
    last_at: datetime | None


def _read(path: Path) -> _Found | None:
    folder = _Folder()
    first: dict[str, Any] | None = None
    last: dict[str, Any] = {}
    cells = 0
    try:
        for line in each_line(path):
            first = first or line
            last = line
            cells += _count_cells(line)
            if cells > _MOST_CELLS:
                raise bad_record(path, f"it tells of more than {cells} cells")
            with contextlib.suppress(*_UNREADABLE):
                folder.take(line)
    except MissingFileError:
        return None
    if first is None:
        if is_begun(path):
            raise bad_record(path, "it is not the record of a run")
        return None
    document = _document(folder)
    if document is None:
        raise bad_record(path, "it is not the record of a run")
    return _Found(document, first, _time(last.get("at")))


def _count_cells(line: dict[str, Any]) -> int:
    """Return how many cells a line has the document make."""
    entries = line.get("notebooks")
    lists = [line.get("cells")]
    if isinstance(entries, list):
        lists += [e.get("cells") for e in entries if isinstance(e, dict)]
        lists.append(entries)
    return sum(len(found) for found in lists if isinstance(found, list))


def _is_alive(found: _Found) -> bool:
    supervisor = supervisor_of(found.first)
    if supervisor is None:
        return False
    if supervisor.is_local():
        return supervisor.is_alive()
    last = found.last_at
    return last is not None and (utc_now() - last).total_seconds() < _SILENT_S


def _interrupt(document: RunDocument, last_at: datetime | None) -> None:
    """Say what is known of a run whose supervisor is gone."""
    document.state = "interrupted"
    document.reason = "The process that ran it was killed or lost."
    # Whatever it says, it has ended.
    document.finished_at = last_at or document.started_at
    delta = document.finished_at - document.started_at
    document.duration_s = max(0.0, delta.total_seconds())
    for notebook in document.notebooks:
        if notebook.state in {"queued", "running"}:
            if notebook.state == "queued":
                notebook.reason = "It was not started."
            notebook.state = "interrupted"
            for cell in notebook.cells:
                if cell.state in {"queued", "running"}:
                    cell.state = (
                        "stopped" if cell.state == "running" else "not_run"
                    )
    document.totals = totals(document.notebooks)


def fold(lines: Iterable[dict[str, Any]]) -> RunDocument | None:
    """Fold record lines into a document, as far as they go."""
    folder = _Folder()
    for line in lines:
        with contextlib.suppress(*_UNREADABLE):
            folder.take(line)
    return _document(folder)


def _document(folder: _Folder) -> RunDocument | None:
    try:
        document = folder.finish()
        if document is None:
            return None
        # Set field by field: is it what we say that it is?
        content = document.model_dump(by_alias=True, warnings=False)
        return RunDocument.model_validate(content)
    except _UNREADABLE:
        return None


class _Folder:
    """The document under way."""

    def __init__(self) -> None:
        self._document: RunDocument | None = None
        self._notebooks: dict[str, NotebookResult] = {}

    def take(self, line: dict[str, Any]) -> None:
        """Take one line."""
        kind = line["kind"]
        if kind == "run_started" and self._document is None:
            self._start(line)
            return
        document = self._document
        if document is None:
            return
        if kind == "run_finished":
            document.state = line["state"]
            document.reason = line.get("reason")
            document.finished_at = _time(line["at"]) or document.started_at
            document.duration_s = line.get("duration_s")
            document.environment.python = line.get("python")
            return
        notebook = self._notebooks.get(str(line.get("notebook")))
        if notebook is None:
            return
        match kind:
            case "notebook_started":
                notebook.state = "running"
                notebook.started_at = _time(line["at"])
                notebook.attempts = line.get("attempt", 1)
                if "cells" in line:
                    notebook.cells = [_cell(x) for x in line["cells"]]
                for cell in notebook.cells:
                    _reset(cell)
            case "notebook_finished":
                _finish(notebook, line)
            case "cell_started" | "cell_finished" | "cell_output":
                _take_cell(notebook, line)
            case _:
                pass

    def _start(self, line: dict[str, Any]) -> None:
        repository = line.get("repository")
        environment = line.get("environment") or {}
        self._document = RunDocument(
            run_id=line["run_id"],
            state="running",
            mode=line.get("mode", "jupyter"),
            backend=line.get("backend", "local"),
            started_at=_time(line["at"]) or utc_now(),
            folder=line.get("folder"),
            problems=list(line.get("problems") or ()),
            environment=_known(RunEnvironment, environment),
            repository=_known(RunRepository, repository)
            if repository
            else None,
        )
        for entry in line.get("notebooks", ()):
            notebook = NotebookResult(
                path=entry["path"],
                application=entry.get("application"),
                state="queued" if entry["selected"] else "skipped",
                reason=entry.get("reason"),
                expected_s=entry.get("expected_s"),
                cells=[_cell(x) for x in entry.get("cells", ())],
            )
            if not entry["selected"]:
                for cell in notebook.cells:
                    cell.state = "not_run"
            self._notebooks[notebook.path] = notebook

    def finish(self) -> RunDocument | None:
        """Return the document."""
        document = self._document
        if document is not None:
            document.notebooks = list(self._notebooks.values())
            for notebook in document.notebooks:
                for cell in notebook.cells:
                    if cell.output_tail is not None:
                        cell.output_tail = plain_tail(cell.output_tail)
            document.totals = totals(document.notebooks)
        return document


def _known[M: WireModel](model: type[M], entry: dict[str, Any]) -> M:
    """Build a model from the fields that this version knows."""
    names = model.model_fields
    return model(**{name: x for name, x in entry.items() if name in names})


def _cell(entry: dict[str, Any]) -> CellResult:
    return CellResult(
        index=entry["index"],
        id=entry.get("id"),
        source_sha256=entry.get("source_sha256", ""),
        source=entry.get("source", ""),
        state="queued",
    )


def _reset(cell: CellResult) -> None:
    cell.state = "queued"
    cell.started_at = cell.duration_s = cell.error = None
    cell.peak_memory_bytes = cell.output_tail = None
    cell.output_bytes = 0
    cell.output_truncated = False


def _take_cell(notebook: NotebookResult, line: dict[str, Any]) -> None:
    index = line.get("cell_index", 0)
    if not 1 <= index <= len(notebook.cells):
        return
    cell = notebook.cells[index - 1]
    if line["kind"] == "cell_started":
        cell.state = "running"
        cell.started_at = _time(line["at"])
        return
    if line["kind"] == "cell_output":
        cell.output_tail = str(line.get("text", ""))
        cell.output_bytes = line.get("output_bytes", 0)
        return
    cell.state = line["state"]
    if cell.state not in _CUT_OFF:
        cell.output_tail = None
    cell.duration_s = line.get("duration_s")
    cell.peak_memory_bytes = line.get("peak_memory_bytes")
    cell.output_bytes = line.get("output_bytes", 0)
    cell.output_truncated = line.get("output_truncated", False)
    error = line.get("error")
    cell.error = _known(CellError, error) if error else None


def _finish(notebook: NotebookResult, line: dict[str, Any]) -> None:
    notebook.state = line["state"]
    notebook.reason = line.get("reason")
    notebook.duration_s = line.get("duration_s")
    notebook.executed_path = line.get("executed_path")
    notebook.notes = list(line.get("notes") or ())
    for cell in notebook.cells:
        if cell.state in {"queued", "running"}:
            cell.state = "not_run"


def _time(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None

"""Reads the record of a run as a document.

A record without a last line is a running run if its supervisor lives, and an
interrupted one if not: nobody has to have been there to write that down.

A home is used by labs of many images, and so by older and newer versions of
this: what one does not know of the other's records, it leaves out.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...errors import MissingFileError, UnreadableFileError
from ...states import OPEN, worst_of
from ...wire import utc_now
from ..models import NotebookResult, NotebookState, RunDocument, RunTotals
from ..record_lines import RunFinished, RunStarted
from .reducer import RunReducer, time_of
from .writer import bad_record, each_line, first_line, is_begun, last_line

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from ...files.process_identity import ProcessIdentity
    from ..record_lines import RecordLine

__all__ = [
    "is_under_way",
    "read_document",
    "reduce_lines",
    "supervisor_of",
    "totals",
    "worst",
]

#: Seconds without a heartbeat after which a supervisor on another machine is
#: taken for dead: five beats.
_SILENT_S = 10.0


def worst(states: Iterable[NotebookState]) -> NotebookState:
    """Return the worst state; ``skipped`` if nothing was run."""
    return worst_of(set(states), "skipped")


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


def supervisor_of(line: RecordLine) -> ProcessIdentity | None:
    """Return the supervisor that the first line of a record names."""
    return line.supervisor if isinstance(line, RunStarted) else None


def read_document(path: Path) -> RunDocument | None:
    """Read a record as a document; `None` if nothing is written yet.

    Parameters
    ----------
    path
        The file ``record.jsonl``.

    Raises
    ------
    rsp_health.errors.UnreadableFileError
        Raised if it cannot be read, or is not the record of a run.
    """
    size = _size(path)
    found = _read(path)
    if found is None:
        return None
    if found.document.finished_at is None and not _is_alive(
        found.supervisor, found.last_at
    ):
        # It may have ended between our two looks.
        if _size(path) != size:
            found = _read(path) or found
        if found.document.finished_at is None:
            _interrupt(found.document, found.last_at)
    return found.document


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


@dataclass(slots=True)
class _Found:
    """What a record says, and what tells whether it goes on."""

    document: RunDocument
    supervisor: ProcessIdentity | None
    last_at: datetime | None


def _read(path: Path) -> _Found | None:
    reducer = RunReducer()
    supervisor: ProcessIdentity | None = None
    last: RecordLine | None = None
    try:
        for line in each_line(path):
            if last is None:
                supervisor = supervisor_of(line)
            last = line
            reducer.take(line)
    except MissingFileError:
        return None
    document = _document(reducer)
    if last is None or document is None:
        if last is not None or is_begun(path):
            raise bad_record(path, "it is not the record of a run")
        return None
    return _Found(document, supervisor, time_of(last.at))


def is_under_way(path: Path) -> bool:
    """Tell whether a run goes on, without reading its whole record.

    Parameters
    ----------
    path
        The file ``record.jsonl``. Of one that cannot be read, or holds no
        end and no supervisor, only `read_document` knows.
    """
    try:
        first, last = first_line(path), last_line(path)
    except UnreadableFileError:
        return False
    if first is None or last is None or isinstance(last, RunFinished):
        return False
    return _is_alive(supervisor_of(first), time_of(last.at))


def _is_alive(
    supervisor: ProcessIdentity | None, last_at: datetime | None
) -> bool:
    if supervisor is None:
        return False
    with contextlib.suppress(OSError):
        if supervisor.is_local():
            return supervisor.is_alive()
    if last_at is None:
        return False
    return (utc_now() - last_at).total_seconds() < _SILENT_S


def _interrupt(document: RunDocument, last_at: datetime | None) -> None:
    """Say what is known of a run whose supervisor is gone."""
    document.state = "interrupted"
    document.reason = "The process that ran it was killed or lost."
    # Whatever it says, it has ended.
    document.finished_at = last_at or document.started_at
    delta = document.finished_at - document.started_at
    document.duration_s = max(0.0, delta.total_seconds())
    for notebook in document.notebooks:
        if notebook.state in OPEN:
            if notebook.state == "queued":
                notebook.reason = "It was not started."
            notebook.state = "interrupted"
            for cell in notebook.cells:
                if cell.state in OPEN:
                    cell.state = (
                        "stopped" if cell.state == "running" else "not_run"
                    )
    document.totals = totals(document.notebooks)


def reduce_lines(lines: Iterable[RecordLine]) -> RunDocument | None:
    """Reduce record lines to a document, as far as they go."""
    reducer = RunReducer()
    for line in lines:
        reducer.take(line)
    return _document(reducer)


def _document(reducer: RunReducer) -> RunDocument | None:
    document = reducer.finish()
    if document is not None:
        document.totals = totals(document.notebooks)
    return document

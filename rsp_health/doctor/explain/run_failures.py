"""The failures of a run, with what the executed copies tell beside."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import NotFoundError, RSPHealthError
from ...notebooks.document import InvalidNotebookError, read_notebook
from ...states import FAILED
from .failure import read_failure
from .recurrence import recurrence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from ...notebooks.document import NotebookDocument
    from ...runner.models import CellResult, NotebookResult, RunDocument
    from ...runner.timings.lookup import Timings
    from .failure import Failure

__all__ = ["failures_of", "places_of"]

_UNWELL = FAILED | {"interrupted"}
#: Executed copies that are read, and bytes of one.
_COPIES = 60
_BYTES = 16 * 1024**2


def failures_of(
    run: RunDocument,
    *,
    root: Path,
    home: str,
    timings: Timings,
    notebook: str | None = None,
    cell_index: int | None = None,
) -> list[Failure]:
    """Return what failed in a run, one failure a notebook.

    Parameters
    ----------
    run
        The run.
    root
        What the paths of executed copies are relative to.
    home
        The home folder.
    timings
        The runs before.
    notebook, cell_index
        Only this one.

    Raises
    ------
    rsp_health.errors.NotFoundError
        Raised if the run has no such notebook, or it no such cell.
    """
    chosen = [
        found
        for found in run.notebooks
        if notebook is None or found.path == notebook
    ]
    if notebook is not None and not chosen:
        raise NotFoundError(
            f"The run has no notebook {notebook[:200]!r}.",
            hint="Name it as `rsp-health runs show` does.",
            code="no_such_notebook",
        )
    return [
        replace(failure, recurrence=recurrence(run, found, timings))
        for found, failure in _each(run, chosen, root, home, cell_index)
    ]


def places_of(failures: Iterable[Failure]) -> tuple[str, ...]:
    """Return the files that failures name, for the check ``file.place``."""
    names = (
        file
        for failure in failures
        for file in (*failure.files_denied, *failure.files_named)
    )
    return tuple(dict.fromkeys(names))


def _each(
    run: RunDocument,
    notebooks: list[NotebookResult],
    root: Path,
    home: str,
    cell_index: int | None,
) -> Iterator[tuple[NotebookResult, Failure]]:
    copies = 0
    for notebook in notebooks:
        cell = _cell(notebook, cell_index)
        if notebook.state not in _UNWELL and (cell is None or not cell.error):
            continue
        copy = None
        if copies < _COPIES and notebook.executed_path is not None:
            copies += 1
            copy = _copy(root / notebook.executed_path)
        kernel, made_for = run.environment.kernel, None
        source = "" if cell is None else cell.source
        if copy is not None:
            made_for = copy.kernel_name
            kernel = kernel or made_for
            if cell is not None and cell.index <= len(copy.cells):
                source = copy.cells[cell.index - 1].source
        error = None if cell is None else cell.error
        failure = read_failure(
            ename="" if error is None else error.ename,
            evalue="" if error is None else error.evalue,
            traceback="" if error is None else error.traceback,
            reason=notebook.reason or run.reason or "",
            source=source,
            home=home,
            folder=_folder(run, notebook),
            state=notebook.state,
            kernel=kernel,
            made_for=made_for,
            application=notebook.application,
            notebook=notebook.path,
            cell_index=None if cell is None else cell.index,
            cell_id=None if cell is None else cell.id,
            peak_bytes=max(
                (c.peak_memory_bytes or 0 for c in notebook.cells), default=0
            )
            or None,
            memory_bytes=run.environment.memory_limit_bytes,
            at=_at(run, notebook, cell),
        )
        yield notebook, failure


def _folder(run: RunDocument, notebook: NotebookResult) -> str | None:
    if not run.folder:
        return None
    return str((Path(run.folder) / notebook.path).parent)


def _cell(notebook: NotebookResult, index: int | None) -> CellResult | None:
    if index is not None:
        for cell in notebook.cells:
            if cell.index == index:
                return cell
        raise NotFoundError(
            f"{notebook.path} has no cell {index} in this run.",
            hint="Name it as `rsp-health runs show` does.",
            code="no_such_cell",
        )
    failed = [c for c in notebook.cells if c.state in _UNWELL]
    return failed[0] if failed else None


def _at(
    run: RunDocument, notebook: NotebookResult, cell: CellResult | None
) -> datetime | None:
    for part in (cell, notebook):
        if part is not None and part.started_at is not None:
            seconds = min(max(part.duration_s or 0.0, 0.0), 1e8)
            return part.started_at + timedelta(seconds=seconds)
    return run.finished_at


def _copy(path: Path) -> NotebookDocument | None:
    """Return an executed copy, if it is there, and is one."""
    try:
        if path.stat().st_size > _BYTES:
            return None
        return read_notebook(path)
    except (OSError, ValueError, RSPHealthError, InvalidNotebookError):
        return None

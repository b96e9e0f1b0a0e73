"""How notebooks and their cells did in the last runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..timings.execution import cell_key
from .models import CellTrend, NotebookTrend, TrendDocument

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..models import NotebookResult
    from ..timings.lookup import Timings

__all__ = ["trend_of_all", "trend_of_one"]


def trend_of_all(timings: Timings, *, limit: int) -> TrendDocument:
    """Return the last results of every notebook, the latest run first.

    Parameters
    ----------
    timings
        The runs that were.
    limit
        Results of each notebook.
    """
    found = [_trend(timings, name, limit) for name in timings.notebooks()]
    found.sort(key=lambda one: one.notebook)
    found.sort(key=lambda one: one.results[-1].run_id[:8], reverse=True)
    return TrendDocument(notebooks=found)


def trend_of_one(
    timings: Timings,
    notebook: str,
    *,
    limit: int,
    newest: Callable[[str], NotebookResult | None],
) -> TrendDocument | None:
    """Return the last results of a notebook and of its cells.

    `None` if it has never been run.

    Parameters
    ----------
    timings
        The runs that were.
    notebook
        Its absolute path, as records tell it.
    limit
        Results at most.
    newest
        Returns its result in a run, which says what its cells are.
    """
    executions = timings.executions(notebook)[-limit:]
    if not executions:
        return None
    trend = _trend(timings, notebook, limit)
    result = newest(executions[-1].run_id)
    last = executions[-1]
    usual = timings.usual_cells(notebook, last.conditions, trend.usual)
    for cell in result.cells if result is not None else ():
        key = cell_key(cell.index, cell.id, cell.source_sha256)
        trend.cells.append(
            CellTrend(
                index=cell.index,
                id=cell.id,
                source=cell.source,
                usual=usual(key),
                times_s=[one.cells.get(key) for one in executions],
            )
        )
    return TrendDocument(notebooks=[trend])


def _trend(timings: Timings, notebook: str, limit: int) -> NotebookTrend:
    return NotebookTrend(
        notebook=notebook,
        usual=timings.usual_now(notebook),
        results=timings.recent(notebook, limit=limit),
    )

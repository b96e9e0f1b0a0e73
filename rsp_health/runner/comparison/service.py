"""Comparisons and trends for the doors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import BadInputError, ConflictError, NotFoundError
from ..run_ids import valid_run_id
from ..timings.execution import place
from .compare import compare_runs
from .trend import trend_of_all, trend_of_one

if TYPE_CHECKING:
    from ..models import NotebookResult, RunDocument
    from ..record.history import History
    from .models import CellTrend, ComparisonDocument, TrendDocument

__all__ = ["comparison", "run_that_ended", "trend"]


def comparison(
    history: History, before: str, after: str
) -> ComparisonDocument:
    """Compare two runs.

    Parameters
    ----------
    history
        The runs.
    before, after
        Their ids.

    Raises
    ------
    rsp_health.errors.NotFoundError
        Raised if there is no such run.
    rsp_health.errors.ConflictError
        Raised if one is still under way.
    rsp_health.errors.BadInputError
        Raised if the record of one cannot be read.
    """
    return compare_runs(
        run_that_ended(history, before),
        run_that_ended(history, after),
        history.timings(),
    )


def run_that_ended(history: History, run_id: str) -> RunDocument:
    """Return a run that can be compared with others.

    Raises
    ------
    rsp_health.errors.NotFoundError
        Raised if there is no such run.
    rsp_health.errors.ConflictError
        Raised if it is still under way.
    rsp_health.errors.BadInputError
        Raised if its record cannot be read.
    """
    document = history.document(run_id) if valid_run_id(run_id) else None
    if document is None:
        raise NotFoundError(
            f"There is no run {run_id[:60]!r}.",
            hint="See `rsp-health runs list`.",
            code="no_such_run",
        )
    if document.state == "unreadable":
        raise BadInputError(
            f"The run {run_id} is unreadable: {document.reason}",
            hint="Name another run.",
            code="unreadable_run",
        )
    if document.finished_at is None:
        raise ConflictError(
            f"The run {run_id} is still under way.",
            hint="Wait for its end, or stop it.",
            code="run_under_way",
        )
    return document


def trend(
    history: History,
    notebook: str | None,
    *,
    cell: str | None = None,
    limit: int = 20,
) -> TrendDocument:
    """Return how notebooks did in the last runs.

    Parameters
    ----------
    history
        The runs.
    notebook
        One, by its absolute path as records tell it; `None` for all.
    cell
        Only this cell of it: its number, or its id.
    limit
        Results of each notebook.

    Raises
    ------
    rsp_health.errors.NotFoundError
        Raised if the notebook was never run, or has no such cell.
    """
    timings = history.timings()
    if notebook is None:
        return trend_of_all(timings, limit=limit)

    def newest(run_id: str) -> NotebookResult | None:
        document = history.document(run_id)
        for result in document.notebooks if document is not None else ():
            if document and place(document.folder, result.path) == notebook:
                return result
        return None

    found = trend_of_one(timings, notebook, limit=limit, newest=newest)
    if found is None:
        raise NotFoundError(
            f"There is no run of {notebook[:200]} yet.",
            hint="Run it: rsp-health run PATH",
            code="never_run",
        )
    if cell is not None:
        trends = found.notebooks[0]
        trends.cells = [one for one in trends.cells if _is_named(one, cell)]
        if not trends.cells:
            raise NotFoundError(
                f"{notebook[:200]} has no code cell {cell[:60]!r} in its "
                "last run.",
                hint="Name its number, counted over code cells, or its id.",
                code="no_such_cell",
            )
    return found


def _is_named(trend: CellTrend, cell: str) -> bool:
    return cell in {str(trend.index), trend.id}

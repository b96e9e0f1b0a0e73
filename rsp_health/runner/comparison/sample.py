"""One side of a comparison: results, and the times that they are judged by."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

from ..timings.execution import executions_of, place
from ..timings.usual import WINDOW
from .models import RunReference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models import NotebookResult, RunDocument
    from ..timings.execution import Execution
    from ..timings.lookup import Timings

__all__ = ["Sample", "sample_of", "spread_of_seconds"]


@dataclass(slots=True)
class Sample:
    """Runs under the same conditions.

    Parameters
    ----------
    document
        The newest of them: it says what notebooks and cells are called.
    results
        The results that count for how a notebook ended, by its name.
    executions
        Those that count for its times, the oldest first.
    """

    document: RunDocument
    results: dict[str, list[NotebookResult]] = field(default_factory=dict)
    executions: dict[str, list[Execution]] = field(default_factory=dict)

    def reference(self) -> RunReference:
        """Return what the comparison tells of this side."""
        document = self.document
        return RunReference(
            run_id=document.run_id,
            state=document.state,
            started_at=document.started_at,
            folder=document.folder,
            environment=document.environment,
            commit=document.repository and document.repository.commit,
            runs=max(map(len, self.executions.values()), default=0),
        )


def sample_of(
    documents: Sequence[RunDocument],
    timings: Timings | None = None,
    *,
    by_place: bool = False,
) -> Sample:
    """Gather a side of a comparison.

    Parameters
    ----------
    documents
        Its runs, the oldest first.
    timings
        If given, earlier runs under the conditions of the newest count for
        the times as well.
    by_place
        Whether notebooks are named by their absolute paths: runs of one
        checkout may have begun in different folders.
    """
    newest = documents[-1]
    sample = Sample(newest)
    for document in documents:
        own = {one.notebook: one for one in executions_of(document)}
        for notebook in document.notebooks:
            where = place(document.folder, notebook.path)
            name = where if by_place else notebook.path
            sample.results.setdefault(name, []).append(notebook)
            if where in own:
                sample.executions.setdefault(name, []).append(own[where])
    if timings is not None:
        for name, known in sample.executions.items():
            sample.executions[name] = _with_earlier(known, timings)
    return sample


def _with_earlier(known: list[Execution], timings: Timings) -> list[Execution]:
    """Put the runs before these, under the same conditions, before them."""
    last = known[-1]
    earlier = [
        one
        for one in timings.executions(last.notebook)
        if one.conditions == last.conditions
        and one.image == last.image
        and one.run_id < known[0].run_id
    ]
    return [*earlier, *known][-WINDOW:]


def spread_of_seconds(seconds: Sequence[float]) -> tuple[float, float]:
    """Return the median and the median absolute deviation."""
    middle = median(seconds)
    spread = median(abs(one - middle) for one in seconds)
    return round(middle, 6), round(spread, 6)

"""Whether a notebook fails so for the first time, or again."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal

from ...moments import moment
from ...runner.timings.execution import fault_key, place
from ...states import is_problem
from ..evidence.words import counted
from .models import Recurrence

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from ...runner.models import NotebookResult, RunDocument
    from ...runner.timings.execution import Execution
    from ...runner.timings.lookup import Timings
    from .models import ExplainedFailure

__all__ = ["history", "recurrence"]


def recurrence(
    run: RunDocument, notebook: NotebookResult, timings: Timings
) -> Recurrence | None:
    """Return what earlier runs tell of a failure; `None` if nothing certain.

    Parameters
    ----------
    run, notebook
        What failed.
    timings
        The earlier runs.
    """
    fault = fault_key(notebook)
    if fault is None:
        return None
    earlier = [
        one
        for one in timings.executions(place(run.folder, notebook.path))
        if one.run_id < run.run_id
    ]
    same = [at for at, one in enumerate(earlier) if one.fault == fault]
    if not same:
        return _new(earlier)
    last_pass = max(
        (at for at, one in enumerate(earlier) if one.state == "passed"),
        default=-1,
    )
    if last_pass > same[-1]:
        before = earlier[same[-1]].started_at
        return _told(
            "regressed",
            1,
            before,
            f"Regressed: it failed so on {moment(before)}, and has passed since.",
        )
    row = [at for at in same if at > last_pass]
    since = earlier[row[0]].started_at
    return _told(
        "recurring",
        len(row) + 1,
        since,
        f"Recurring: {len(row) + 1} times since {moment(since)}, and it has not "
        "passed in between.",
    )


def history(failures: Iterable[ExplainedFailure]) -> str:
    """Return in a sentence what earlier runs tell of these failures."""
    known = [f.recurrence for f in failures if f.recurrence is not None]
    if len(known) == 1:
        return known[0].sentence
    kinds = Counter(one.kind for one in known)
    parts = [f"{count} {kind}" for kind, count in sorted(kinds.items())]
    return f"Of these: {', '.join(parts)}." if parts else ""


def _new(earlier: Sequence[Execution]) -> Recurrence | None:
    # Records of older versions do not say how it failed.
    if any(is_problem(one.state) and one.fault is None for one in earlier):
        return None
    if not earlier:
        return _told("new", 1, None, "New: no earlier run of it is known.")
    runs = counted(len(earlier), "earlier run")
    return _told("new", 1, None, f"New: it did not fail so in {runs}.")


def _told(
    kind: Literal["new", "recurring", "regressed"],
    times: int,
    since: datetime | None,
    sentence: str,
) -> Recurrence:
    return Recurrence(kind=kind, times=times, since=since, sentence=sentence)

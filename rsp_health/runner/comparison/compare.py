"""Compares two sides: what ended otherwise, and what took another time."""

from __future__ import annotations

from functools import partial
from statistics import median
from typing import TYPE_CHECKING, get_args

from ...states import is_problem
from ..timings.execution import cell_key, place
from ..timings.lookup import CELL_SHARE
from .models import (
    ComparisonDocument,
    Difference,
    DifferenceKind,
    NotJudged,
    SideFigures,
)
from .pairs import OneAfterTheOther, Times
from .sample import Sample, sample_of, spread_of_seconds
from .shift import HIDDEN
from .wording import (
    ended_otherwise,
    present_once,
    too_few,
    too_noisy,
    took_otherwise,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..models import NotebookResult, RunDocument
    from ..timings.execution import Execution
    from ..timings.lookup import Timings

__all__ = ["compare", "compare_runs"]

_RANKS = {kind: n for n, kind in enumerate(get_args(DifferenceKind))}
#: Ends that say nothing of the notebook.
_NOT_RUN = frozenset({"skipped", "stopped", "interrupted"})
#: More memory is worth a word from this factor and these bytes on.
_MEMORY_RATIO = 1.3
_MEMORY_BYTES = 64 << 20

type _Found = Difference | NotJudged

_APART = OneAfterTheOther()


def compare_runs(
    before: RunDocument, after: RunDocument, timings: Timings
) -> ComparisonDocument:
    """Compare one run with an earlier one.

    The times of the earlier one are judged by the history that it ends; those
    of the later one, too, if it took place under other conditions.

    Parameters
    ----------
    before, after
        The runs.
    timings
        What is known of others.
    """
    by_place = _share_places(before, after)
    first = sample_of([before], timings, by_place=by_place)
    alone = sample_of([after], by_place=by_place)
    second = sample_of([after], timings, by_place=by_place)
    for name, found in alone.executions.items():
        known = first.executions.get(name)
        if known and _same_conditions(known[-1], found[-1]):
            second.executions[name] = found
    return compare(first, second)


def _share_places(before: RunDocument, after: RunDocument) -> bool:
    """Whether runs of different folders have a notebook in common.

    Two checkouts of one repository have none, and are compared by the names
    within them.
    """
    places = [
        {place(run.folder, notebook.path) for notebook in run.notebooks}
        for run in (before, after)
    ]
    return before.folder != after.folder and bool(places[0] & places[1])


def _same_conditions(one: Execution, other: Execution) -> bool:
    return (one.conditions, one.image) == (other.conditions, other.image)


def compare(
    before: Sample, after: Sample, *, times: Times = _APART
) -> ComparisonDocument:
    """Compare two sides.

    Parameters
    ----------
    before, after
        The sides.
    times
        How their times are set against each other.
    """
    differences: list[Difference] = []
    not_judged: list[NotJudged] = []
    common = 0
    for name in dict.fromkeys([*before.results, *after.results]):
        common += name in before.results and name in after.results
        for found in _compare_notebook(name, before, after, times):
            if isinstance(found, Difference):
                differences.append(found)
            else:
                not_judged.append(found)
    return ComparisonDocument(
        before=before.reference(),
        after=after.reference(),
        compared=common,
        differences=sorted(differences, key=lambda one: _RANKS[one.kind]),
        not_judged=not_judged,
    )


def _compare_notebook(
    name: str, before: Sample, after: Sample, times: Times
) -> Iterator[_Found]:
    first = before.results.get(name, [])
    second = after.results.get(name, [])
    ran = [
        [x for x in side if x.state not in _NOT_RUN]
        for side in (first, second)
    ]
    if not ran[0] or not ran[1]:
        yield from _compare_presence(name, first, second, ran)
        return
    ended = _compare_ends(name, *ran)
    if ended is not None:
        yield ended
    if ended is None or ended.kind == "unsteady":
        yield from _compare_times(
            name,
            ran[1][-1],
            before.executions.get(name, []),
            after.executions.get(name, []),
            times,
        )


def _compare_presence(
    name: str,
    first: Sequence[NotebookResult],
    second: Sequence[NotebookResult],
    ran: Sequence[Sequence[NotebookResult]],
) -> Iterator[_Found]:
    """Tell of a notebook that ran on one side at most."""
    if first and second:
        # It is there, and was not run: why, its run says.
        silent = (second if not ran[1] else first)[-1]
        side = "second" if not ran[1] else "first"
        reason = silent.reason or f"it was {silent.state}"
        if ran[0] or ran[1]:
            yield NotJudged(
                notebook=name, reason=f"Not run on the {side} side: {reason}"
            )
    elif ran[0] or ran[1]:
        kind: DifferenceKind = "gone" if ran[0] else "new"
        figures = [_ends(side) if side else None for side in ran]
        yield Difference(
            kind=kind,
            notebook=name,
            before=figures[0],
            after=figures[1],
            text=present_once(kind, figures[0] or figures[1]),
        )


def _ends(results: Sequence[NotebookResult]) -> SideFigures:
    problems = [x for x in results if is_problem(x.state)]
    last = problems[-1] if problems else results[-1]
    return SideFigures(
        state=last.state,
        passed=sum(x.state == "passed" for x in results),
        n=len(results),
        error=_error(last) if problems else None,
    )


def _error(result: NotebookResult) -> str | None:
    cell = result.failed_cell
    if cell is not None and cell.error is not None:
        return f"{cell.error.ename}: {cell.error.evalue}"[:500]
    return result.reason


def _compare_ends(
    name: str,
    first: Sequence[NotebookResult],
    second: Sequence[NotebookResult],
) -> Difference | None:
    """Tell how a notebook ended otherwise; `None` if it passed on both."""
    before, after = _ends(first), _ends(second)
    kind: DifferenceKind | None = None
    if 2 * after.passed < after.n or after.passed == 0:
        was_well = 2 * before.passed > before.n
        kind = "newly_failing" if was_well else "still_failing"
    elif 2 * before.passed < before.n or before.passed == 0:
        kind = "fixed"
    elif after.passed < after.n and before.passed == before.n:
        kind = "unsteady"
    if kind is None:
        return None
    side = first if kind == "fixed" else second
    problem = next((x for x in reversed(side) if is_problem(x.state)), None)
    cell = problem.failed_cell if problem is not None else None
    return Difference(
        kind=kind,
        notebook=name,
        cell_index=cell and cell.index,
        cell_id=cell and cell.id,
        source=cell and cell.source,
        before=before,
        after=after,
        text=ended_otherwise(kind, before, after),
    )


def _compare_times(
    name: str,
    result: NotebookResult,
    before: Sequence[Execution],
    after: Sequence[Execution],
    times: Times,
) -> Iterator[_Found]:
    if not before or not after:
        return
    content = after[-1].content
    if before[-1].content != content:
        reason = "Its source changed: cells that did not were compared."
        yield NotJudged(notebook=name, reason=reason)
    whole = times.sides(before, after, lambda one: _pass(one, content))
    if all(whole):
        if times.shift(*whole) is None:
            yield NotJudged(notebook=name, reason=too_few(*map(len, whole)))
            return
        yield from _compare_memory(name, before, after)
    least_s = CELL_SHARE * median(whole[0]) if whole[0] else 0.0
    executions = (before, after)
    cells = list(_compare_cells(name, result, executions, least_s, times))
    yield from cells
    moved = times.shift(*whole) if all(whole) else None
    if moved == "same" and not cells:
        hidden = times.hidden_factor(*whole)
        if hidden > HIDDEN:
            yield NotJudged(notebook=name, reason=too_noisy(hidden))
    if moved in {"slower", "faster"} and not cells:
        figures = [_times(one) for one in whole]
        yield Difference(
            kind=moved,
            notebook=name,
            before=figures[0],
            after=figures[1],
            text=took_otherwise(*figures),
        )


def _pass(one: Execution, content: str) -> float | None:
    return one.seconds if one.content == content else None


def _times(seconds: Sequence[float]) -> SideFigures:
    middle, spread = spread_of_seconds(seconds)
    number = len(seconds)
    return SideFigures(
        passed=number, n=number, median_s=middle, mad_s=spread, times=number
    )


def _compare_cells(
    name: str,
    result: NotebookResult,
    executions: tuple[Sequence[Execution], Sequence[Execution]],
    least_s: float,
    times: Times,
) -> Iterator[Difference]:
    for cell in result.cells:
        key = cell_key(cell.index, cell.id, cell.source_sha256)
        sides = times.sides(*executions, partial(_seconds_of, key))
        if not all(sides):
            continue
        moved = times.shift(*sides, least_s=least_s)
        if moved is None or moved == "same":
            continue
        figures = [_times(one) for one in sides]
        yield Difference(
            kind=moved,
            notebook=name,
            cell_index=cell.index,
            cell_id=cell.id,
            source=cell.source,
            before=figures[0],
            after=figures[1],
            text=took_otherwise(*figures),
        )


def _seconds_of(key: str, one: Execution) -> float | None:
    return one.cells.get(key)


def _compare_memory(
    name: str, before: Sequence[Execution], after: Sequence[Execution]
) -> Iterator[Difference]:
    peaks = [
        [one.peak for one in side if one.seconds is not None]
        for side in (before, after)
    ]
    first, second = (median(peak for peak, _ in side) for side in peaks)
    if second < _MEMORY_RATIO * first or second - first < _MEMORY_BYTES:
        return
    figures = [
        SideFigures(
            passed=len(side),
            n=len(side),
            times=len(side),
            memory_bytes=round(middle),
        )
        for side, middle in zip(peaks, (first, second), strict=True)
    ]
    yield Difference(
        kind="more_memory",
        notebook=name,
        cell_index=peaks[1][-1][1],
        before=figures[0],
        after=figures[1],
        text=took_otherwise(*figures),
    )

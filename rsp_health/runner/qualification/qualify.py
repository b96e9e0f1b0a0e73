"""Runs the checks as often as the noise asks, and judges them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...wire import utc_now
from ..comparison.compare import compare
from ..comparison.pairs import in_turns
from ..comparison.sample import sample_of
from ..comparison.shift import FEW
from .judge import is_noisy, judge
from .models import QualificationDocument
from .versions import changes, keep_packages, kept_packages, packages_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from ..models import RunDocument
    from ..record.history import History

__all__ = [
    "MOST_RUNS",
    "MOST_TURNS",
    "note_packages",
    "qualify",
    "run_checks",
    "run_in_turns",
]

#: Runs at most, unless the user says how many.
MOST_RUNS = 8
#: Turns at most, where both sides can be run here.
MOST_TURNS = 32
#: Turns at least: an even number, so that each side came first as often.
LEAST_TURNS = 6
_UNKNOWN = (
    "The versions could not be compared: those of the {side} are not known."
)


def run_checks(
    run: Callable[[], RunDocument],
    *,
    repeat: int | None,
    baseline: Sequence[RunDocument] = (),
    history: History | None = None,
) -> list[RunDocument]:
    """Run the checks several times; return the runs.

    Parameters
    ----------
    run
        Runs them once.
    repeat
        How often; `None`: at least thrice, and on while the noise hides what
        matters.
    baseline, history
        What they are compared with.
    """
    found: list[RunDocument] = []
    for _ in range(repeat or MOST_RUNS):
        document = run()
        found.append(document)
        if _was_stopped(document):
            break
        if repeat is None and len(found) >= FEW and baseline and history:
            before = sample_of(baseline, history.timings())
            if not is_noisy(before, sample_of(found)):
                break
    return found


def _was_stopped(document: RunDocument) -> bool:
    states = {one.state for one in document.notebooks}
    return bool(states & {"stopped", "interrupted"})


def run_in_turns(
    before: Callable[[], RunDocument],
    after: Callable[[], RunDocument],
    *,
    repeat: int | None,
) -> tuple[list[RunDocument], list[RunDocument]]:
    """Run the checks in two environments in turns; return the runs of both.

    Parameters
    ----------
    before, after
        Runs them once, in each of them.
    repeat
        Turns; `None`: at least six, and on while the noise hides what
        matters.
    """
    sides: tuple[list[RunDocument], list[RunDocument]] = ([], [])
    for turn in range(repeat or MOST_TURNS):
        order = [(sides[0], before), (sides[1], after)]
        # What comes second finds another machine: it is not always the same.
        for side, run in order[:: -1 if turn % 2 else 1]:
            side.append(run())
            if _was_stopped(side[-1]):
                return sides
        if repeat is None and turn + 1 >= LEAST_TURNS and turn % 2:
            first, second = (sample_of(side) for side in sides)
            if not is_noisy(first, second, in_turns(*sides)):
                break
    return sides


def qualify(
    baseline: Sequence[RunDocument],
    runs: Sequence[RunDocument],
    history: History,
    *,
    turns: bool = False,
) -> QualificationDocument:
    """Judge an environment by its runs.

    Parameters
    ----------
    baseline
        The runs that they are compared with, the oldest first.
    runs
        Those in the environment in question.
    history
        All runs.
    turns
        Whether both sides were run here, in turns.
    """
    if turns:
        comparison = compare(
            sample_of(baseline),
            sample_of(runs),
            times=in_turns(baseline, runs),
        )
    else:
        comparison = compare(
            sample_of(baseline, history.timings()), sample_of(runs)
        )
    verdict, sentence = judge(comparison)
    packages = [
        kept_packages(history.folder(side[-1].run_id))
        for side in (baseline, runs)
    ]
    before, after = packages
    problem = None
    if before is None or after is None:
        side = "baseline" if before is None else "environment in question"
        problem = _UNKNOWN.format(side=side)
    return QualificationDocument(
        made_at=utc_now(),
        verdict=verdict,
        sentence=sentence,
        runs=[one.run_id for one in ([*baseline, *runs] if turns else runs)],
        comparison=comparison,
        versions=changes(before, after) if before and after else [],
        versions_problem=problem,
    )


def note_packages(
    history: History,
    runs: Sequence[RunDocument],
    variables: Mapping[str, str],
    folder: Path,
) -> None:
    """Keep with the last of these runs what its kernels' Pythons have."""
    newest = runs[-1]
    kernels = {
        notebook.kernel
        for notebook in newest.notebooks
        if notebook.kernel is not None and notebook.started_at is not None
    }
    packages = packages_of(kernels, variables, folder)
    if packages:
        keep_packages(history.folder(newest.run_id), packages)

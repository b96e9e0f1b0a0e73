"""Runs the checks as often as the noise asks, and judges them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...wire import utc_now
from ..comparison.compare import compare
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

__all__ = ["MOST_RUNS", "note_packages", "qualify", "run_checks"]

#: Runs at most, unless the user says how many.
MOST_RUNS = 8
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
        if {x.state for x in document.notebooks} & {"stopped", "interrupted"}:
            break
        if repeat is None and len(found) >= FEW and baseline and history:
            before = sample_of(baseline, history.timings())
            if not is_noisy(before, sample_of(found)):
                break
    return found


def qualify(
    baseline: Sequence[RunDocument],
    runs: Sequence[RunDocument],
    history: History,
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
    """
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
        runs=[one.run_id for one in runs],
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

"""The verdict on an environment, and whether it needs another run."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from ..comparison.pairs import OneAfterTheOther, Times
from ..comparison.shift import FEW
from ..comparison.wording import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..comparison.models import ComparisonDocument, DifferenceKind
    from ..comparison.sample import Sample
    from ..timings.execution import Execution
    from .models import Verdict

__all__ = ["is_noisy", "judge"]

_APART = OneAfterTheOther()
#: What an environment is not fit with.
_AGAINST: tuple[DifferenceKind, ...] = (
    "newly_failing",
    "slower",
    "more_memory",
)


def judge(comparison: ComparisonDocument) -> tuple[Verdict, str]:
    """Return the verdict, and a sentence that says why.

    Parameters
    ----------
    comparison
        The baseline, and the runs in the environment in question.
    """
    found = Counter(one.kind for one in comparison.differences)
    against = [(kind, found[kind]) for kind in _AGAINST if found[kind]]
    if against:
        return "not_fit", f"Not fit: {_told(against)}."
    compared = comparison.compared
    silent = len({one.notebook for one in comparison.not_judged})
    if compared == 0:
        return "not_judged", "Not judged: no notebook ran on both sides."
    if 2 * silent > compared:
        return "not_judged", (
            f"Not judged: {silent} of {compared} notebooks could not be "
            "compared wholly; see below why."
        )
    others = [
        (kind, number) for kind, number in found.items() if kind != "faster"
    ]
    noun = "notebook is" if compared == 1 else "notebooks are"
    text = f"Fit: {compared} {noun} as on the baseline"
    if others:
        text += f", but for: {_told(others)}"
    if silent:
        text += f"; {silent} could not be compared wholly"
    return "fit", f"{text}."


def _told(found: Iterable[tuple[DifferenceKind, int]]) -> str:
    return ", ".join(f"{number} {KINDS[kind]}" for kind, number in found)


def is_noisy(before: Sample, after: Sample, times: Times = _APART) -> bool:
    """Whether a slowdown that matters could hide in the noise.

    Then another run makes the times of the later side surer.

    Parameters
    ----------
    before, after
        The sides.
    times
        How their times are set against each other.
    """
    for name, runs in after.executions.items():
        content = runs[-1].content
        sides = times.sides(
            before.executions.get(name, []),
            runs,
            partial(_pass, content),
        )
        if min(map(len, sides)) < FEW:
            continue
        # What is told as slower needs no further proof.
        is_told = times.shift(*sides) == "slower"
        if not is_told and times.needs_more(*sides):
            return True
    return False


def _pass(content: str, one: Execution) -> float | None:
    return one.seconds if one.content == content else None

"""How the times of two sides are set against each other.

Sides that were run one after the other are compared as they are. Sides that
were run in turns are compared turn by turn: what slowed the machine for some
seconds slowed both passes of a turn, and leaves their ratio alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Protocol

from ..timings.usual import LEAST_RATIO, LEAST_S
from .shift import (
    ERRORS,
    FEW,
    HIDDEN,
    OF_A_MEDIAN,
    Shift,
    hidden_factor,
    shift,
    spread_of_few,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..models import RunDocument
    from ..timings.execution import Execution

    type Pick = Callable[[Execution], float | None]

__all__ = ["InTurns", "OneAfterTheOther", "Times", "in_turns"]


#: By how much the error grows with few turns: doubled with four.
_FEW_TURNS = 4
#: Standard errors within which a factor is still likely.
_LIKELY = 3.0


class Times(Protocol):
    """Sets the times of two sides against each other."""

    def sides(
        self,
        before: Sequence[Execution],
        after: Sequence[Execution],
        pick: Pick,
    ) -> list[list[float]]:
        """Return the seconds of both sides that count.

        Parameters
        ----------
        before, after
            The sides.
        pick
            Returns the seconds of one, or `None` if it did not pass.
        """

    def shift(
        self,
        before: Sequence[float],
        after: Sequence[float],
        *,
        least_s: float = 0.0,
    ) -> Shift | None:
        """Return how times have moved; `None` if there are too few."""

    def hidden_factor(
        self, before: Sequence[float], after: Sequence[float]
    ) -> float:
        """Return by what factor times may have grown without being told."""

    def needs_more(
        self, before: Sequence[float], after: Sequence[float]
    ) -> bool:
        """Return whether noise may hide a slowdown that matters."""


@dataclass(frozen=True, slots=True)
class OneAfterTheOther:
    """For sides that were not run together."""

    def sides(
        self,
        before: Sequence[Execution],
        after: Sequence[Execution],
        pick: Pick,
    ) -> list[list[float]]:
        """Return all seconds; see `Times.sides`."""
        return [
            [seconds for one in side if (seconds := pick(one)) is not None]
            for side in (before, after)
        ]

    def shift(
        self,
        before: Sequence[float],
        after: Sequence[float],
        *,
        least_s: float = 0.0,
    ) -> Shift | None:
        """Compare the medians; see `Times.shift`."""
        return shift(before, after, least_s=least_s)

    def hidden_factor(
        self, before: Sequence[float], after: Sequence[float]
    ) -> float:
        """Return what the medians may hide; see `Times.hidden_factor`."""
        return hidden_factor(before, after)

    def needs_more(
        self, before: Sequence[float], after: Sequence[float]
    ) -> bool:
        """Ask for runs till the least slowdown would be told."""
        return hidden_factor(before, after) > LEAST_RATIO


@dataclass(frozen=True, slots=True)
class InTurns:
    """For sides that were run in turns.

    Parameters
    ----------
    turns
        Of both sides, the turn of each run, by its id.
    """

    turns: Mapping[str, int] = field(default_factory=dict)

    def sides(
        self,
        before: Sequence[Execution],
        after: Sequence[Execution],
        pick: Pick,
    ) -> list[list[float]]:
        """Return those of turns that both sides have; see `Times.sides`."""
        found: list[dict[int, float]] = [
            {
                self.turns[one.run_id]: seconds
                for one in side
                if one.run_id in self.turns
                and (seconds := pick(one)) is not None
            }
            for side in (before, after)
        ]
        both = sorted(found[0].keys() & found[1].keys())
        return [[side[turn] for turn in both] for side in found]

    def shift(
        self,
        before: Sequence[float],
        after: Sequence[float],
        *,
        least_s: float = 0.0,
    ) -> Shift | None:
        """Compare turn by turn; see `Times.shift`."""
        if len(before) < FEW:
            return None
        ratios = _ratios(before, after)
        moved = math.log(median(ratios))
        apart = abs(median(b - a for a, b in zip(before, after, strict=True)))
        least = max(math.log(LEAST_RATIO), ERRORS * _error(ratios))
        agreeing = sum((ratio > 1) == (moved > 0) for ratio in ratios)
        if (
            apart <= max(least_s, LEAST_S)
            or abs(moved) <= least
            or agreeing < len(ratios) - len(ratios) // 5
        ):
            return "same"
        return "slower" if moved > 0 else "faster"

    def hidden_factor(
        self, before: Sequence[float], after: Sequence[float]
    ) -> float:
        """Return what the ratios may hide; see `Times.hidden_factor`."""
        if max(median(before), median(after)) < LEAST_S:
            return 1.0
        error = min(ERRORS * _error(_ratios(before, after)), 50.0)
        return max(LEAST_RATIO, math.exp(error))

    def needs_more(
        self, before: Sequence[float], after: Sequence[float]
    ) -> bool:
        """Ask for turns till these can be judged, and show no doubling.

        More would cost as much again, and find what nobody would mind.
        """
        if max(median(before), median(after)) < LEAST_S:
            return False
        ratios = _ratios(before, after)
        error = min(_LIKELY * _error(ratios), 50.0)
        likely = median(ratios) * math.exp(error)
        return max(likely, self.hidden_factor(before, after)) > HIDDEN


def in_turns(
    before: Sequence[RunDocument], after: Sequence[RunDocument]
) -> InTurns:
    """Return how runs are compared that were made in turns.

    Parameters
    ----------
    before, after
        The runs of both sides, one of each in a turn.
    """
    return InTurns(
        {
            run.run_id: turn
            for side in (before, after)
            for turn, run in enumerate(side)
        }
    )


def _ratios(before: Sequence[float], after: Sequence[float]) -> list[float]:
    return [
        max(b, 1e-6) / max(a, 1e-6) for a, b in zip(before, after, strict=True)
    ]


def _error(ratios: Sequence[float]) -> float:
    """Return the standard error of the median of the ratios' logarithms.

    The spread of a few ratios is itself known badly: three that happen to be
    alike would prove anything.
    """
    number = len(ratios)
    error = OF_A_MEDIAN * spread_of_few(ratios) / math.sqrt(number)
    return error * (1 + _FEW_TURNS / number)

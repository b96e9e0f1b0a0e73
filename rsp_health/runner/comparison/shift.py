"""Whether times have moved from one side to the other, beyond noise."""

from __future__ import annotations

import math
from statistics import median, stdev
from typing import TYPE_CHECKING, Literal

from ..timings.usual import ENOUGH, LEAST_RATIO, LEAST_S, limit_of, spread_of

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "ERRORS",
    "FEW",
    "HIDDEN",
    "OF_A_MEDIAN",
    "Shift",
    "hidden_factor",
    "shift",
    "spread_of_few",
    "standard_error",
]

Shift = Literal["slower", "faster", "same"]

#: Passes on each side with which sides can be compared.
FEW = 3
#: Standard errors of the difference that are still noise.
ERRORS = 4.0
#: Times of which more than this factor could hide in the noise say nothing.
HIDDEN = 2.0
#: The standard error of a median, as a factor of that of a mean.
OF_A_MEDIAN = 1.25


def shift(
    before: Sequence[float], after: Sequence[float], *, least_s: float = 0.0
) -> Shift | None:
    """Return how times have moved; `None` if there are too few to tell.

    Parameters
    ----------
    before, after
        Seconds of passes.
    least_s
        Seconds below which a difference of the medians does not matter.
    """
    least_s = max(least_s, LEAST_S)
    if len(before) >= ENOUGH and 1 <= len(after) < FEW:
        return _beside_history(before, median(after), least_s)
    if len(before) < FEW or len(after) < FEW:
        return None
    moved = math.log(median(after) or 1e-6) - math.log(median(before) or 1e-6)
    apart = abs(median(after) - median(before))
    least = max(math.log(LEAST_RATIO), ERRORS * standard_error(before, after))
    if apart <= least_s or abs(moved) <= least:
        return "same"
    low, high = (before, after) if moved > 0 else (after, before)
    if not _are_apart(low, high):
        return "same"
    return "slower" if moved > 0 else "faster"


def _beside_history(
    before: Sequence[float], now: float, least_s: float
) -> Shift:
    limit = limit_of(before, least_s=least_s)
    middle = median(before)
    if limit is None:
        return "same"
    if now > limit:
        return "slower"
    # As much faster as the limit is slower.
    is_faster = now < middle * middle / limit and middle - now > least_s
    return "faster" if is_faster else "same"


def hidden_factor(before: Sequence[float], after: Sequence[float]) -> float:
    """Return by what factor times may have grown without being told.

    1 if both took so little that nobody minds.
    """
    middle = median(before)
    if max(middle, median(after)) < LEAST_S:
        return 1.0
    if len(before) >= ENOUGH and len(after) < FEW:
        limit = limit_of(before)
        return limit / middle if limit and middle > 0 else 1.0
    errors = min(ERRORS * standard_error(before, after), 50.0)
    return max(LEAST_RATIO, math.exp(errors))


def standard_error(before: Sequence[float], after: Sequence[float]) -> float:
    """Return that of the difference of the medians' logarithms."""
    return OF_A_MEDIAN * math.sqrt(
        sum(spread_of_few(side) ** 2 / len(side) for side in (before, after))
    )


def spread_of_few(side: Sequence[float]) -> float:
    """Return the spread of the logarithms.

    Of few, one that is far off must count: two alike are no proof of quiet.

    Parameters
    ----------
    side
        Seconds, or ratios of them.
    """
    spread = spread_of(side)
    if 1 < len(side) < ENOUGH:
        return max(spread, stdev(math.log(max(x, 1e-6)) for x in side))
    return spread


def _are_apart(low: Sequence[float], high: Sequence[float]) -> bool:
    """Whether all but one in five of each side are beyond all of the other."""
    most = sorted(low)[-1 - len(low) // 5]
    least = sorted(high)[len(high) // 5]
    return least > most

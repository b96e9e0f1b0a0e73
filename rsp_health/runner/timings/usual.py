"""What is usual, and what is slower than that beyond noise.

Times of one machine are spread about lognormally, so the spread is taken of
their logarithms; median and median absolute deviation do not mind a few runs
that were far off. `tests.benchmarks.usual` measures what the numbers below
find and what they find wrongly.
"""

from __future__ import annotations

import math
from statistics import median
from typing import TYPE_CHECKING

from ..models import UsualTime

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "ENOUGH",
    "LEAST_RATIO",
    "LEAST_S",
    "WINDOW",
    "compared",
    "limit_of",
    "spread_of",
    "usual_time",
]

#: The last passes that count.
WINDOW = 20
#: Passes below which nothing is called slow.
ENOUGH = 8
#: Spreads (as standard deviations) above the median that are still noise.
_SPREADS = 2.7
#: A history that happens to be quiet says little about the next run.
_LEAST_SPREAD = 0.03
#: Less than this much more than the median is nobody's concern.
LEAST_RATIO = 1.4
LEAST_S = 0.1
#: From the median absolute deviation to the standard deviation.
_SIGMA = 1.4826


def usual_time(
    passes: Sequence[float],
    *,
    least_s: float = 0.0,
    twice: bool = False,
    confirmed: bool = False,
) -> UsualTime | None:
    """Return what is usual after these passes; `None` after none.

    Parameters
    ----------
    passes
        Seconds, oldest first.
    least_s
        Seconds above the median below which it does not matter.
    twice
        Whether the pass before must have been slow as well. A notebook has
        many cells: each of them alone would be wrong too often. It must also
        if there is another slow one among the passes.
    confirmed
        Whether what is slow is run once more before it is told: then no
        other pass needs to have been.
    """
    last = passes[-WINDOW:]
    if not last:
        return None
    middle = median(last)
    limit = limit_of(last, least_s=least_s)
    if limit is not None and last[-1] <= limit and not confirmed:
        # A single slow run tells little where single runs are slow anyway.
        limit = None if twice or max(last) > limit else limit
    return UsualTime(
        median_s=round(middle, 6),
        mad_s=round(median(abs(x - middle) for x in last), 6),
        n=len(last),
        limit_s=limit,
    )


def limit_of(
    last: Sequence[float],
    *,
    least_s: float = 0.0,
    spreads: float = _SPREADS,
    ratio: float = LEAST_RATIO,
) -> float | None:
    """Return the seconds beyond which a pass is slower than usual.

    `None` if there is too little history to tell.

    Parameters
    ----------
    last
        Seconds of the last passes.
    least_s
        What a slow one takes more than the median at least, in seconds.
    spreads
        How many spreads above the median are still noise.
    ratio
        What a slow one takes at least, as a factor of the median.
    """
    if len(last) < ENOUGH:
        return None
    middle = median(last)
    factor = max(ratio, math.exp(min(spreads * spread_of(last), 50.0)))
    limit = max(middle * factor, middle + max(LEAST_S, least_s))
    return round(limit, 6)


def spread_of(last: Sequence[float]) -> float:
    """Return the spread of the times' logarithms, as standard deviation."""
    logs = [math.log(max(x, 1e-6)) for x in last]
    center = median(logs)
    spread = _SIGMA * median(abs(x - center) for x in logs)
    # Of few passes the spread is known badly.
    return max(spread, _LEAST_SPREAD) * (1 + 2 / len(last))


def compared(usual: UsualTime, seconds: float | None) -> UsualTime:
    """Return it with a measurement beside it.

    Parameters
    ----------
    usual
        What was usual before.
    seconds
        What a pass took; `None` if it is not one, or not yet.
    """
    slower: bool | None = None
    if seconds is not None and usual.n >= ENOUGH:
        slower = usual.limit_s is not None and seconds > usual.limit_s
    return usual.model_copy(update={"measured_s": seconds, "slower": slower})

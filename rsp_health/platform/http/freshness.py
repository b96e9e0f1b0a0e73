"""Whether an answer is one of now, or one that a cache has kept.

A proxy or a cache in between may answer for a service that is long gone. It
says so in ``Age``, or shows it by a ``Date`` that is behind. No clock is
trusted for that: ours may be wrong, and so may theirs. So a ``Date`` is only
compared with those that the platform's other answers carried.
"""

from __future__ import annotations

import statistics
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from .ratelimit import count_of, seconds_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from .answers import HttpResponse

__all__ = ["KEPT_AFTER_S", "AnswerAges"]

KEPT_AFTER_S = 30.0
"""Seconds after which an answer from a cache says nothing about now."""

_BEHIND_S = 300.0
"""Seconds that a date must be behind those of other answers."""

_WITNESSES = 3
_REMEMBERED = 200


class AnswerAges:
    """Remembers how the dates of answers stand to our clock.

    Parameters
    ----------
    now
        Seconds since the epoch, by our clock.
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._offsets: OrderedDict[str, float] = OrderedDict()

    def observe(self, response: HttpResponse) -> None:
        """Take note of an answer's date."""
        date = seconds_of(response.headers.get("date"))
        if date is None:
            return
        self._offsets[response.url] = date - self._now()
        self._offsets.move_to_end(response.url)
        if len(self._offsets) > _REMEMBERED:
            self._offsets.popitem(last=False)

    def kept_s(self, response: HttpResponse) -> float | None:
        """Return for how long an answer was kept, or `None` if it is new.

        Parameters
        ----------
        response
            An answer that was observed.
        """
        age = count_of(response.headers.get("age"))
        if age is not None and age > KEPT_AFTER_S:
            return float(age)
        mine = self._offsets.get(response.url)
        if mine is None or "date" not in response.headers:
            return None
        others = [o for u, o in self._offsets.items() if u != response.url]
        if len(others) < _WITNESSES:
            return None
        # The middle one: a single wrong date moves nothing.
        behind = statistics.median(others) - mine
        return behind if behind > _BEHIND_S else None

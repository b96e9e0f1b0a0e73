"""When a row is probed next: spread out, quick to confirm, slow to nag."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from .tracker import DOWN_AFTER

if TYPE_CHECKING:
    from .tracker import Tracker

__all__ = ["MIN_INTERVAL_S", "STALE_INTERVALS", "Schedule"]

MIN_INTERVAL_S = 30.0
"""The shortest interval that an operator may set, in seconds."""

STALE_INTERVALS = 3
"""Intervals after which a good answer says nothing about now."""

_CONFIRM_S = (3.0, 6.0)
"""Seconds to the second and the third look at a row that may have failed."""

_MAX_BACKOFF_S = 600.0


class Schedule:
    """Computes delays.

    Parameters
    ----------
    interval_s
        Seconds between two probes of a row that is well.
    random_source
        Where jitter comes from: a thousand labs must not ask in step.
    """

    def __init__(
        self, interval_s: float, random_source: random.Random | None = None
    ) -> None:
        self.interval_s = max(interval_s, MIN_INTERVAL_S)
        # Jitter, not a secret.
        self._random = random_source or random.Random()  # noqa: S311

    @property
    def stale_after_s(self) -> float:
        """Seconds after which evidence is marked as old."""
        return STALE_INTERVALS * self.interval_s

    def delay(self, tracker: Tracker) -> float:
        """Return the seconds from a row's last probe to its next."""
        verdict = tracker.last
        if verdict is None:
            return 0.0
        if verdict.wait_s is not None:
            return verdict.wait_s + self._random.uniform(0.0, 10.0)
        if verdict.state == "up":
            if not tracker.settled:
                return _CONFIRM_S[0]
            # Mean one interval; half of it is random, so that labs that
            # began together drift apart at once.
            return self.interval_s * self._random.uniform(0.75, 1.25)
        if tracker.bad < DOWN_AFTER:
            return _CONFIRM_S[min(tracker.bad, len(_CONFIRM_S)) - 1]
        doublings = min(tracker.bad - DOWN_AFTER, 6)
        ceiling = min(self.interval_s * 2.0**doublings, _MAX_BACKOFF_S)
        # Full jitter, but never faster than a row that is well.
        return max(self.interval_s, self._random.uniform(0.0, ceiling))

    def spread(self) -> float:
        """Return a few random seconds, so that rows do not go at once."""
        return self._random.uniform(0.0, _CONFIRM_S[0])

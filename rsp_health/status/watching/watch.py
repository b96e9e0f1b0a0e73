"""Looks for causes while somebody looks: the login, and announcements.

Rows are probed without a token, so they cannot tell that a login is refused.
The token is checked by itself, six times as often as a row: it is one small
question to Gafaelfawr, which reads it from memory, and without it a table of
green rows may all be wrong. Announcements are read once a minute. When a row
begins to fail both are asked at once: one of them may be the cause. So is the
lab itself, which may have no memory or no room in its home.
"""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from ...platform.clock import seconds

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["CauseWatch"]

_CHECKS = 6
"""Checks of the login in the interval of a row's probes."""

_JITTER = (0.7, 1.0)
"""Share of the time between two checks; random, so that labs do not ask in
step."""

_PAUSE_S = 2.0
"""Least seconds between two looks, however many rows fail."""


class CauseWatch:
    """Asks for the login and for announcements.

    Parameters
    ----------
    login
        Asks about the token, and returns the seconds until that is due
        again, from the seconds that are usual.
    news
        Reads the announcements; told whether they must be new.
    lab
        Looks for what the lab itself lacks.
    watched
        Whether somebody looks.
    interval_s
        Seconds between two probes of a row.
    clock
        Monotonic clock, in seconds.
    """

    def __init__(
        self,
        *,
        login: Callable[[float], Awaitable[float]],
        news: Callable[[bool], Awaitable[None]],
        lab: Callable[[], Awaitable[None]],
        watched: Callable[[], bool],
        interval_s: float,
        clock: Callable[[], float] = seconds,
    ) -> None:
        self._login = login
        self._news = news
        self._lab = lab
        self._watched = watched
        self._interval_s = interval_s / _CHECKS
        self._clock = clock
        self._trouble = asyncio.Event()
        self._looked_at: float | None = None
        self._delay = 0.0
        self._looks = 0
        self._looking = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Look from time to time, until nobody watches."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    def wonder(self) -> None:
        """Look soon: a row begins to fail."""
        self._trouble.set()

    async def look(self, *, refresh: bool = False) -> float:
        """Look now, and return the seconds until that is due again.

        A look under way is waited for; without ``refresh`` it will do.

        Parameters
        ----------
        refresh
            Announcements must be new, to a few seconds.
        """
        usual = self._interval_s * random.uniform(*_JITTER)  # noqa: S311
        looks = self._looks
        async with self._looking:
            if refresh or self._looks == looks:
                self._delay, *_ = await asyncio.gather(
                    self._login(usual), self._news(refresh), self._lab()
                )
                self._looked_at = self._clock()
                self._looks += 1
        return self._delay

    async def aclose(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        delay = 0.0
        while self._watched():
            troubled = await self._wait(delay)
            delay = await self.look(refresh=troubled)

    async def _wait(self, delay: float) -> bool:
        """Wait until a look is due; return whether a row fails."""
        try:
            async with asyncio.timeout(delay):
                await self._trouble.wait()
        except TimeoutError:
            return False
        self._trouble.clear()
        if self._looked_at is not None:
            passed = self._clock() - self._looked_at
            await asyncio.sleep(min(max(_PAUSE_S - passed, 0.0), _PAUSE_S))
        return True

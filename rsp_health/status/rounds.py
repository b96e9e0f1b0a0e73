"""What is looked at in the background: the first round, and discovery."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from .deployed import Deployed
    from .user.quota import QuotaReader
    from .watching.monitor import Monitor
    from .watching.watch import CauseWatch

__all__ = ["Rounds"]


class Rounds:
    """Begins rounds while somebody looks, and ends them.

    Parameters
    ----------
    deployed
        What is deployed.
    monitor
        Probes the rows.
    causes
        Watches what may be a cause.
    quota
        Reads the user's quota.
    """

    def __init__(
        self,
        *,
        deployed: Deployed,
        monitor: Monitor,
        causes: CauseWatch,
        quota: QuotaReader,
    ) -> None:
        self._deployed = deployed
        self._monitor = monitor
        self._causes = causes
        self._quota = quota
        self._first: asyncio.Task[None] | None = None
        self._discovering: asyncio.Task[None] | None = None
        self._background: set[asyncio.Task[None]] = set()

    def look(self) -> None:
        """Note that somebody looks, and begin what is due."""
        self._monitor.touch()
        self._monitor.start()
        self._causes.start()
        if self._first is None or _failed(self._first):
            self._first = asyncio.create_task(self._first_round())
        elif self._first.done() and self._deployed.due():
            asking = self._discovering
            if asking is None or asking.done():
                self._discovering = self.spawn(self._deployed.ask())

    @property
    def in_first(self) -> bool:
        """Whether the first round is under way."""
        return self._first is not None and not self._first.done()

    async def first(self, limit_s: float | None = None) -> None:
        """Wait for the first round.

        Parameters
        ----------
        limit_s
            Seconds; without them an error of that round is raised here.
        """
        if self._first is None:
            return
        if limit_s is None:
            await asyncio.shield(self._first)
        else:
            await asyncio.wait({self._first}, timeout=limit_s)

    def spawn(
        self, coroutine: Coroutine[Any, Any, None]
    ) -> asyncio.Task[None]:
        """Run something in the background, until `aclose`."""
        task = asyncio.create_task(coroutine)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task

    async def aclose(self) -> None:
        """End what runs in the background."""
        tasks = [t for t in (self._first, *self._background) if t is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _first_round(self) -> None:
        # What an earlier lab saw is enough to begin with: asking Repertoire
        # for the first time takes a second or two of imports. Without it,
        # what every lab has is probed: discovery itself may be what hangs.
        await self._deployed.peek()
        early = self.spawn(self._monitor.probe())
        _ = self.spawn(self._read_quota())
        await self._deployed.ask_first()
        await asyncio.gather(early, self._monitor.probe(), self._causes.look())

    async def _read_quota(self) -> None:
        await self._quota.read(await self._deployed.soon())


def _failed(task: asyncio.Task[None]) -> bool:
    """Whether a task ended with an error: then it is worth another try."""
    return task.done() and (task.cancelled() or task.exception() is not None)

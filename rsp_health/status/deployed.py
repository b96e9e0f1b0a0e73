"""What is deployed, as the table was last told, and when to ask again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .models import DiscoveryStatus
from .user.quota import ASKED_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..platform.discovery import DiscoveryService
    from ..platform.models import Discovery

__all__ = ["Deployed"]

_FRESH_S = 300.0
_RETRY_S = 30.0
_PATIENCE_S = 2.0


class Deployed:
    """Keeps what discovery said.

    Parameters
    ----------
    discovery
        Asks Repertoire.
    take
        Told of what is deployed each time that it was asked.
    clock
        Monotonic clock, in seconds.
    """

    def __init__(
        self,
        *,
        discovery: DiscoveryService,
        take: Callable[[Discovery], None],
        clock: Callable[[], float],
    ) -> None:
        self._discovery = discovery
        self._take = take
        self._clock = clock
        self._at: float | None = None
        self._clicked_at: float | None = None
        self.known: Discovery | None = None

    async def peek(self) -> None:
        """Take over what an earlier lab saw; nobody is asked."""
        self._keep(await self._discovery.peek())

    async def ask(self) -> None:
        """Ask if that is due, and take over the answer."""
        self._keep(await self._discovery.get())

    async def ask_first(self) -> None:
        """Ask for the first time; a click soon after is no reason to."""
        self._clicked_at = self._clock()
        await self.ask()

    async def ask_anew(self) -> None:
        """Ask because the user wants it; clicks in a row ask once."""
        now, last = self._clock(), self._clicked_at
        anew = last is None or now - last >= ASKED_S
        if anew:
            self._clicked_at = now
        self._keep(await self._discovery.get(refresh=anew))

    async def soon(self) -> Discovery:
        """Return what is deployed; what is not known is not waited for long."""
        if self.known is None or self.known.state == "none":
            return await self._discovery.get(patience_s=_PATIENCE_S)
        return self.known

    def due(self) -> bool:
        """Whether it is time to ask again."""
        if self.known is None or self._at is None:
            return True
        limit = _FRESH_S if self.known.state == "fresh" else _RETRY_S
        return self._clock() - self._at > limit

    @property
    def instance(self) -> str | None:
        """The site's name."""
        return None if self.known is None else self.known.environment_name

    def status(self) -> DiscoveryStatus:
        """Return how fresh it is."""
        known, at = self.known, self._at
        if known is None or at is None:
            return DiscoveryStatus(
                state="none", message="Service discovery is being asked."
            )
        age = known.age_s
        if age is not None:
            age += self._clock() - at
        return DiscoveryStatus(
            state=known.state, age_s=age, message=known.message
        )

    def _keep(self, found: Discovery) -> None:
        self.known, self._at = found, self._clock()
        self._take(found)

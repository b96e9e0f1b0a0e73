"""Announcements of the platform: Semaphore's broadcasts, as plain text.

``GET /semaphore/v1/broadcasts`` is anonymous and gives only what is active.
"""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Any, Literal

from ...platform.clock import seconds
from ...platform.http.answers import FetchError
from ..models import Broadcast, BroadcastList
from ..user.quota import ASKED_S
from .plaintext import plain_text, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...platform.http.client import PlatformHttp
    from ...platform.models import Discovery

__all__ = ["Broadcasts", "semaphore"]

_FRESH_S = (60.0, 90.0)
"""Seconds that an answer holds; random, so that labs do not ask in step."""

_KEEP_S = 900.0
_MAX_BROADCASTS = 20
_ORDER = {"outage": 0, "notice": 1, "info": 2}


class Broadcasts:
    """Fetches announcements when asked, at most once a minute.

    Parameters
    ----------
    http
        The bounded client.
    base_url
        The platform's own address.
    clock
        Monotonic clock, in seconds.
    """

    def __init__(
        self,
        *,
        http: PlatformHttp,
        base_url: str | None,
        clock: Callable[[], float] = seconds,
    ) -> None:
        self._http = http
        self._base_url = base_url
        self._clock = clock
        self._kept: list[Broadcast] = []
        self._kept_at: float | None = None
        self._answer: BroadcastList | None = None
        self._answered_at = 0.0
        self._fresh_s = 0.0
        self._fetching = asyncio.Lock()

    @property
    def current(self) -> list[Broadcast]:
        """What was announced at the last look; nothing before the first."""
        return [] if self._answer is None else self._answer.broadcasts

    async def get(
        self, discovery: Discovery, *, refresh: bool = False
    ) -> BroadcastList:
        """Return the announcements, at most a minute old.

        Parameters
        ----------
        discovery
            What is deployed.
        refresh
            The user wants them as they are now, to a few seconds.
        """
        async with self._fetching:
            age = self._clock() - self._answered_at
            fresh = min(self._fresh_s, ASKED_S) if refresh else self._fresh_s
            if self._answer is None or age >= fresh:
                self._answer = await self._fetch(discovery)
                self._answered_at = self._clock()
                self._fresh_s = random.uniform(*_FRESH_S)  # noqa: S311 - jitter
            return self._answer

    async def _fetch(self, discovery: Discovery) -> BroadcastList:
        base = semaphore(discovery, self._base_url)
        if base is None:
            return BroadcastList(
                state="not_deployed",
                message="This site has no announcements (Semaphore).",
                broadcasts=[],
            )
        try:
            response = await self._http.get(
                f"{base}/broadcasts", accept="application/json"
            )
            if response.status != 200:
                return self._failed(f"it answered HTTP {response.status}")
            items = response.json()
        except FetchError as exc:
            return self._failed(exc.message)
        if not isinstance(items, list):
            return self._failed("its answer is not a list")
        found = [b for b in map(_parse, items) if b is not None]
        found.sort(key=lambda b: _ORDER[b.category])
        self._kept, self._kept_at = found[:_MAX_BROADCASTS], self._clock()
        return BroadcastList(state="fresh", broadcasts=self._kept)

    def _failed(self, why: str) -> BroadcastList:
        message = f"Announcements could not be read: {why}."
        if (
            self._kept_at is not None
            and self._clock() - self._kept_at < _KEEP_S
        ):
            return BroadcastList(
                state="stale", message=message, broadcasts=self._kept
            )
        return BroadcastList(
            state="unavailable", message=message, broadcasts=[]
        )


def semaphore(discovery: Discovery, base_url: str | None) -> str | None:
    """Return the address of Semaphore's API, or `None` if there is none.

    Parameters
    ----------
    discovery
        What is deployed.
    base_url
        The platform's own address.
    """
    service = discovery.services.internal.get("semaphore")
    if service is not None:
        version = service.versions.get("v1")
        base = version.url if version else f"{service.url.rstrip('/')}/v1"
        return base.rstrip("/")
    names = discovery.applications
    if names is not None and "semaphore" not in names:
        return None
    return None if base_url is None else f"{base_url}/semaphore/v1"


def _parse(item: Any) -> Broadcast | None:
    if not isinstance(item, dict):
        return None
    if item.get("active") is False or item.get("enabled") is False:
        return None
    summary = text_of(item.get("summary"), 500)
    if not summary:
        return None
    category: Literal["outage", "notice", "info"]
    match item.get("category"):
        case "outage":
            category = "outage"
        case "notice":
            category = "notice"
        case _:
            category = "info"
    return Broadcast(
        id=plain_text(str(item.get("id", "")), 200),
        category=category,
        summary=summary,
        body=text_of(item.get("body"), 5000),
    )

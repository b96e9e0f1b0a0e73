"""Messages of the platform to this user: Semaphore's notifications.

``GET /semaphore/v1/notifications/messages?unread=true`` (Semaphore 2) needs a
token of any scope and gives the caller's own messages. Older Semaphores have
no such route (404): then there is nothing to tell.
"""

from __future__ import annotations

import asyncio
import random
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ...platform.clock import seconds
from ...platform.http.answers import FetchError
from ..models import UserMessage
from ..user.quota import ASKED_S
from .broadcasts import semaphore
from .plaintext import plain_text, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...platform.environment import LabEnvironment
    from ...platform.http.answers import HttpResponse
    from ...platform.http.client import PlatformHttp
    from ...platform.models import Discovery

__all__ = ["Messages"]

_FRESH_S = (60.0, 90.0)
"""Seconds that an answer holds; random, so that labs do not ask in step."""

_MAX_MESSAGES = 20
_PATH = f"/notifications/messages?unread=true&limit={_MAX_MESSAGES}"


class Messages:
    """Fetches the user's unread messages when asked, once a minute at most.

    Parameters
    ----------
    http
        The bounded client.
    environment
        Knows the platform's address and whether there is a token.
    may_spend
        Whether an address may be asked with the token.
    clock
        Monotonic clock, in seconds.
    """

    def __init__(
        self,
        *,
        http: PlatformHttp,
        environment: LabEnvironment,
        may_spend: Callable[[str], bool] = lambda _: True,
        clock: Callable[[], float] = seconds,
    ) -> None:
        self._http = http
        self._environment = environment
        self._may_spend = may_spend
        self._clock = clock
        self._kept: tuple[list[UserMessage], str] = ([], "")
        self._kept_at: float | None = None
        self._fresh_s = 0.0
        self._fetching = asyncio.Lock()

    async def get(
        self, discovery: Discovery, *, refresh: bool = False
    ) -> tuple[list[UserMessage], str]:
        """Return the messages, and why they are not known, if so.

        Parameters
        ----------
        discovery
            What is deployed.
        refresh
            The user wants them as they are now, to a few seconds.
        """
        async with self._fetching:
            fresh = min(self._fresh_s, ASKED_S) if refresh else self._fresh_s
            at = self._kept_at
            if at is None or self._clock() - at >= fresh:
                self._kept = await self._fetch(discovery)
                self._kept_at = self._clock()
                self._fresh_s = random.uniform(*_FRESH_S)  # noqa: S311 - jitter
            return self._kept

    async def _fetch(
        self, discovery: Discovery
    ) -> tuple[list[UserMessage], str]:
        base = semaphore(discovery, self._environment.base_url)
        if base is None or self._environment.read_token() is None:
            return [], ""
        url = f"{base}{_PATH}"
        if not self._may_spend(url):
            return self._kept
        try:
            response = await self._http.get(
                url, token=True, accept="application/json"
            )
            return _read(response)
        except FetchError as exc:
            return [], _unknown(exc.message)


def _read(response: HttpResponse) -> tuple[list[UserMessage], str]:
    if response.status in {404, 410}:
        return [], ""
    if response.status != 200:
        return [], _unknown(f"it answered HTTP {response.status}")
    items = response.json()
    if not isinstance(items, list):
        return [], _unknown("its answer is not a list")
    found = [m for m in map(_parse, items[:200]) if m is not None]
    return found[:_MAX_MESSAGES], ""


def _unknown(why: str) -> str:
    return f"Messages to you could not be read: {why}."


def _parse(item: Any) -> UserMessage | None:
    if not isinstance(item, dict) or item.get("read") is not None:
        return None
    summary = text_of(item.get("summary"), 500)
    if not summary:
        return None
    try:
        created = datetime.fromisoformat(str(item.get("created")))
    except ValueError:
        created = None
    if created is not None and created.tzinfo is None:
        created = None
    return UserMessage(
        id=plain_text(str(item.get("id", "")), 200),
        summary=summary,
        created_at=created,
    )

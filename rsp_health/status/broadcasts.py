"""Announcements of the platform: Semaphore's broadcasts, as plain text.

Semaphore gives markdown and HTML. Neither is shown as such: the panel gets
text, and nothing in it can become markup. ``GET /semaphore/v1/broadcasts`` is
anonymous and gives only what is active.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from typing import TYPE_CHECKING, Any, Literal

from ..platform.answers import FetchError
from .models import Broadcast, BroadcastList

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..platform.http import PlatformHttp
    from ..platform.models import Discovery

__all__ = ["Broadcasts", "plain_text"]

_FRESH_S = (60.0, 90.0)
"""Seconds that an answer holds; random, so that labs do not ask in step."""

_KEEP_S = 900.0
_MAX_BROADCASTS = 20
_ORDER = {"outage": 0, "notice": 1, "info": 2}

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"<!--.{0,2000}?-->", re.DOTALL), ""),
    (
        re.compile(
            r"<(script|style)\b.{0,2000}?(</\1\s*>|\Z)",
            re.DOTALL | re.IGNORECASE,
        ),
        "",
    ),
    (re.compile(r"</?[a-zA-Z][^<>]{0,1000}>"), ""),
    (re.compile(r"!\[([^\]\[]{0,300})\]\([^()]{0,1000}\)"), r"\1"),
    (
        re.compile(
            r"\[([^\]\[]{1,300})\]\((https://[^()\s]{1,1000})[^()]{0,300}\)"
        ),
        r"\1 (\2)",
    ),
    (re.compile(r"\[([^\]\[]{1,300})\]\([^()]{0,1000}\)"), r"\1"),
    (re.compile(r"^#{1,6}\s+", re.MULTILINE), ""),
    (re.compile(r"(\*\*|__)(?=\S)(.{1,300}?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]{1,300}?)(?<=\S)\*(?!\w)"), r"\1"),
    (re.compile(r"`([^`\n]{1,300})`"), r"\1"),
)
#: Characters that reorder or hide text.
_HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def plain_text(markdown: str, limit: int) -> str:
    """Return markdown as the text that a reader would see.

    Parameters
    ----------
    markdown
        GitHub-flavoured markdown.
    limit
        Most characters to keep.
    """
    text = markdown[: limit * 4].replace("\r\n", "\n")
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    text = _HIDDEN.sub("", text)
    text = "".join(c for c in text if c in "\n\t" or c.isprintable())
    text = re.sub(r"\n{3,}", "\n\n", text).strip()
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


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
        clock: Callable[[], float] = time.monotonic,
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

    async def get(self, discovery: Discovery) -> BroadcastList:
        """Return the announcements, at most a minute old."""
        async with self._fetching:
            age = self._clock() - self._answered_at
            if self._answer is None or age >= self._fresh_s:
                self._answer = await self._fetch(discovery)
                self._answered_at = self._clock()
                self._fresh_s = random.uniform(*_FRESH_S)  # noqa: S311 - jitter
            return self._answer

    async def _fetch(self, discovery: Discovery) -> BroadcastList:
        url = self._url(discovery)
        if url is None:
            return BroadcastList(
                state="not_deployed",
                message="This site has no announcements (Semaphore).",
                broadcasts=[],
            )
        try:
            response = await self._http.get(url, accept="application/json")
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

    def _url(self, discovery: Discovery) -> str | None:
        service = discovery.services.internal.get("semaphore")
        if service is not None:
            version = service.versions.get("v1")
            base = version.url if version else f"{service.url.rstrip('/')}/v1"
            return f"{base.rstrip('/')}/broadcasts"
        names = discovery.applications
        if names is not None and "semaphore" not in names:
            return None
        if self._base_url is None:
            return None
        return f"{self._base_url}/semaphore/v1/broadcasts"

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


def _parse(item: Any) -> Broadcast | None:
    if not isinstance(item, dict):
        return None
    if item.get("active") is False or item.get("enabled") is False:
        return None
    summary = _text(item.get("summary"), 500)
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
        body=_text(item.get("body"), 5000),
    )


def _text(value: Any, limit: int) -> str:
    if not isinstance(value, dict):
        return ""
    gfm = value.get("gfm")
    return plain_text(gfm, limit) if isinstance(gfm, str) else ""

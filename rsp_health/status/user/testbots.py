"""The platform's own test bots (mobu), for those who may read them.

Every route of mobu needs ``exec:admin``. Only the summary is read: other
routes give the bots' tokens in clear.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ...flocks import sentence
from ...platform.http.answers import FetchError
from ..models import Flock, TestBots
from ..probes.base import shorten

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...platform.http.client import PlatformHttp
    from ...platform.models import Discovery
    from ..models import TokenStatus

__all__ = ["SCOPE", "BotsReader", "fetch"]

SCOPE = "exec:admin"

_MAX_COUNT = 10**12

_AGE_S = 300.0
"""Seconds for which mobu's answer is good enough."""


class BotsReader:
    """Reads mobu's summary, but seldom.

    Parameters
    ----------
    http
        The platform.
    base_url
        Its own URL.
    clock
        Monotonic clock, in seconds.
    """

    def __init__(
        self,
        http: PlatformHttp,
        base_url: str | None,
        clock: Callable[[], float],
    ) -> None:
        self._http = http
        self._base_url = base_url
        self._clock = clock
        self._known: TestBots | None = None
        self._known_at = 0.0
        self._reading = asyncio.Lock()

    async def read(self, known: Discovery, token: TokenStatus) -> TestBots:
        """Return mobu's summary, as new as it need be."""
        async with self._reading:
            now = self._clock()
            if self._known is None or now - self._known_at > _AGE_S:
                self._known = await fetch(
                    self._http, known, self._base_url, token
                )
                # What is deployed is not known: that may change at once.
                self._known_at = now if known.state != "none" else -_AGE_S
            return self._known


async def fetch(
    http: PlatformHttp,
    discovery: Discovery,
    base_url: str | None,
    token: TokenStatus,
) -> TestBots:
    """Return mobu's summary, or one honest line why not."""
    service = discovery.services.internal.get("mobu")
    refusal = _refusal(discovery, token)
    if refusal is not None:
        return refusal
    base = service.url.rstrip("/") if service else f"{base_url}/mobu"
    try:
        response = await http.get(
            f"{base}/summary", token=True, accept="application/json"
        )
        if response.status != 200:
            return _unavailable(f"it answered HTTP {response.status}")
        document = response.json()
    except FetchError as exc:
        return _unavailable(exc.message)
    flocks = document.get("flocks") if isinstance(document, dict) else None
    if not isinstance(flocks, list):
        return _unavailable("its answer is not a summary")
    found = [f for f in map(_parse, flocks[:100]) if f is not None]
    return TestBots(state="fresh", flocks=found)


def _refusal(discovery: Discovery, token: TokenStatus) -> TestBots | None:
    """Say why mobu need not be asked, if so."""
    named = "mobu" in discovery.services.internal
    names = discovery.applications
    if not named and (names is None or "mobu" not in names):
        return TestBots(
            state="not_deployed" if names is not None else "unavailable",
            message="This site is not known to run test bots (mobu).",
        )
    if token.state != "valid":
        return _unavailable("the scopes of your token are not known")
    if SCOPE not in token.scopes:
        return TestBots(
            state="restricted",
            message=(
                "The platform's own tests (mobu) can be read with the scope "
                f"{SCOPE} only, which your token lacks."
            ),
        )
    return None


def _unavailable(why: str) -> TestBots:
    return TestBots(
        state="unavailable", message=f"mobu could not be read: {why}."
    )


def _count(value: Any) -> int:
    # More than a float can hold would end in an error, not in a rate.
    return value if type(value) is int and 0 <= value < _MAX_COUNT else 0


def _parse(item: Any) -> Flock | None:
    if not isinstance(item, dict) or not isinstance(item.get("name"), str):
        return None
    try:
        started = datetime.fromisoformat(str(item.get("start_time")))
    except ValueError:
        started = None
    if started is not None and started.tzinfo is None:
        started = None
    name = shorten(item["name"], 80)
    monkeys = _count(item.get("monkey_count"))
    failures = _count(item.get("failure_count"))
    successes = _count(item.get("success_count"))
    return Flock(
        name=name,
        business=shorten(str(item.get("business", "")), 80),
        monkeys=monkeys,
        started_at=started,
        failures=failures,
        successes=successes,
        summary=sentence(name, monkeys, started, failures, successes),
    )

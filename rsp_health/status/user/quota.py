"""What the user may do: token, scopes, quota, and who says so.

Sources: Gafaelfawr's ``token-info`` (scopes, expiry), ``user-info`` (quota),
``quota-overrides`` (readable by everybody; 0 means blocked) and the
``X-RateLimit-*`` headers of answers that came by anyway. None of these reads
costs quota.
"""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ...platform.clock import seconds
from ...platform.http.answers import FetchError
from ...platform.http.ratelimit import RateLimit, rate_limit
from ...wire import utc_now
from ..models import QuotaEntry
from .login import LoginCheck, is_name, names

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...platform.environment import LabEnvironment
    from ...platform.http.client import HttpResponse, PlatformHttp
    from ...platform.models import Discovery
    from ..models import TokenStatus

__all__ = ["ASKED_S", "QuotaReader"]

_FRESH_S = (60.0, 90.0)
"""Seconds that an answer holds; random, so that labs do not ask in step."""

ASKED_S = 5.0
"""Seconds that an answer holds when the user asks for a new one."""

_OURS = 0.5
"""Share of the user's quota that is never touched without a click."""


class QuotaReader:
    """Reads Gafaelfawr's answers about the lab's token.

    Parameters
    ----------
    http
        The bounded client.
    environment
        Knows whether there is a token.
    clock
        Monotonic clock, in seconds.
    """

    def __init__(
        self,
        *,
        http: PlatformHttp,
        environment: LabEnvironment,
        clock: Callable[[], float] = seconds,
    ) -> None:
        self._http = http
        self._environment = environment
        self._clock = clock
        self._observed: dict[str, tuple[float, RateLimit]] = {}
        self._counted: dict[str, str] = {}
        self.login = LoginCheck(
            http=http, environment=environment, clock=clock
        )
        self._limits: dict[str, int] = {}
        self._overridden: set[str] = set()
        #: TAP queries at a time, by database.
        self.concurrent_queries: dict[str, int] = {}
        #: The user's quota for labs, as fields of `LabResources`.
        self.lab_quota: dict[str, Any] = {}
        self._read_at: float | None = None
        self._fresh_s = 0.0
        self._reading = asyncio.Lock()

    def observe(self, response: HttpResponse) -> None:
        """Take note of the quota headers of any answer."""
        seen = rate_limit(response.headers)
        if seen is not None and len(self._observed) < 200:
            self._observed[seen.service] = (self._clock(), seen)
            if len(self._counted) < 200:
                self._counted[response.url] = seen.service

    def may_spend(self, url: str) -> bool:
        """Whether an address may be asked with the token, unclicked.

        What we ask costs no quota on the platform as it is. Where a site
        counts it all the same, its answers say so; then half of the quota is
        left to the user.

        Parameters
        ----------
        url
            What is to be asked.
        """
        service = self._counted.get(url)
        if service is None:
            return True
        entry = self._entry(service)
        return entry.remaining is None or entry.remaining > _OURS * entry.limit

    @property
    def token(self) -> TokenStatus:
        """What is known of the token."""
        return self.login.token

    @property
    def age_s(self) -> float | None:
        """Seconds since Gafaelfawr was last asked; `None` if never."""
        return None if self._read_at is None else self._clock() - self._read_at

    def entries(self) -> list[QuotaEntry]:
        """Return the user's quotas as far as they are known, by name."""
        names = sorted({*self._limits, *self._observed})
        return [self._entry(name) for name in names]

    def _entry(self, name: str) -> QuotaEntry:
        at, seen = self._observed.get(name, (0.0, None))
        limit = self._limits.get(name, seen.limit if seen else 0)
        remaining = resets = None
        if seen is not None and seen.resets_in_s is not None:
            left = seen.resets_in_s - (self._clock() - at)
            if left > 0:
                remaining = seen.remaining
                resets = utc_now() + timedelta(seconds=left)
        return QuotaEntry(
            service=name,
            limit=limit,
            remaining=remaining,
            resets_at=resets,
            overridden=name in self._overridden,
        )

    async def read(
        self, discovery: Discovery, *, refresh: bool = False
    ) -> None:
        """Ask Gafaelfawr, at most once a minute however many ask.

        Parameters
        ----------
        discovery
            Where it is.
        refresh
            The user wants to know how it is now, to a few seconds.
        """
        async with self._reading:
            age = self.age_s
            fresh = min(self._fresh_s, ASKED_S) if refresh else self._fresh_s
            if age is not None and age < fresh:
                return
            await self._read(discovery)
            self._read_at = self._clock()
            self._fresh_s = random.uniform(*_FRESH_S)  # noqa: S311 - jitter

    async def _read(self, discovery: Discovery) -> None:
        base = _gafaelfawr(discovery, self._environment.base_url)
        if base is None or not self.login.has_token:
            await self.login.ask(base)
            return
        if not self.may_spend(f"{base}/user-info"):
            return
        _, user, overrides = await asyncio.gather(
            self.login.ask(base),
            self._ask(f"{base}/user-info"),
            self._ask(f"{base}/quota-overrides"),
        )
        if isinstance(user, dict):
            groups = names(user.get("groups"))
            quota = user.get("quota")
            self._limits = _api(quota)
            if isinstance(quota, dict):
                self.concurrent_queries = _concurrent(quota.get("tap"))
                self.lab_quota = _lab(quota)
            self._override(overrides, groups)

    def _override(self, overrides: Any, groups: set[str]) -> None:
        """Note what an administrator changed for now.

        ``user-info`` gives the result; an override is read to say why, and
        to see a service that is blocked although no quota is listed for it.
        """
        self._overridden = set()
        if not isinstance(overrides, dict):
            return
        bypass = overrides.get("bypass")
        if isinstance(bypass, list) and groups & {str(b) for b in bypass}:
            return
        parts = [_api(overrides.get("default"))]
        grouped = overrides.get("groups")
        if isinstance(grouped, dict):
            parts += [_api(v) for k, v in grouped.items() if k in groups]
        for part in parts:
            for service, limit in part.items():
                self._overridden.add(service)
                self._limits.setdefault(service, limit)

    async def check_login(self, discovery: Discovery) -> None:
        """Ask about the token alone.

        Parameters
        ----------
        discovery
            Where Gafaelfawr is.
        """
        base = _gafaelfawr(discovery, self._environment.base_url)
        if base is None or self.may_spend(f"{base}/token-info"):
            await self.login.ask(base)

    async def _ask(self, url: str) -> Any:
        try:
            response = await self._http.get(
                url, token=True, accept="application/json"
            )
            return response.json() if response.status == 200 else None
        except FetchError:
            return None


def _gafaelfawr(discovery: Discovery, base_url: str | None) -> str | None:
    service = discovery.services.internal.get("gafaelfawr")
    version = service.versions.get("v1") if service is not None else None
    if version is not None:
        return version.url.rstrip("/")
    return None if base_url is None else f"{base_url}/auth/api/v1"


def _api(value: Any) -> dict[str, int]:
    """Read ``api`` of a quota: requests a minute by service."""
    api = value.get("api") if isinstance(value, dict) else None
    if not isinstance(api, dict):
        return {}
    return {
        k: v
        for k, v in list(api.items())[:200]
        if is_name(k)
        and isinstance(v, int)
        and not isinstance(v, bool)
        and v >= 0
    }


def _concurrent(tap: Any) -> dict[str, int]:
    """Read ``tap`` of a quota: queries at a time by database."""
    if not isinstance(tap, dict):
        return {}
    found = {}
    for name, entry in list(tap.items())[:50]:
        count = entry.get("concurrent") if isinstance(entry, dict) else None
        if is_name(name) and type(count) is int:
            found[name] = count
    return found


def _lab(quota: dict[str, Any]) -> dict[str, Any]:
    """Read ``notebook`` (GiB) and ``disk`` (bytes) of a quota."""
    found: dict[str, Any] = {}
    notebook, disk = quota.get("notebook"), quota.get("disk")
    if isinstance(notebook, dict):
        cpu, memory = notebook.get("cpu"), notebook.get("memory")
        if isinstance(notebook.get("spawn"), bool):
            found["may_spawn"] = notebook["spawn"]
        if isinstance(cpu, int | float) and cpu >= 0:
            found["quota_cpu"] = float(cpu)
        if isinstance(memory, int | float) and 0 <= memory < 1e9:
            found["quota_memory_bytes"] = int(memory * 1024**3)
    if isinstance(disk, dict):
        disks = {
            name: size
            for name, size in list(disk.items())[:50]
            if is_name(name) and type(size) is int and size >= 0
        }
        found["disk_quotas"] = disks
        if "/home" in disks:
            found["quota_disk_bytes"] = disks["/home"]
    return found

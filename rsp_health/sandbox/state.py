"""What the sandbox remembers: its scenario, its users, their quotas."""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from .scenarios import get_scenario
from .uws_jobs import Jobs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tornado.httputil import HTTPServerRequest

    from .scenario import Scenario

__all__ = ["API_QUOTAS", "LAB_SCOPES", "Access", "Rate", "SandboxState"]

API_QUOTAS: Mapping[str, int] = MappingProxyType(
    {"hips": 1000, "herald": 250, "sia": 70, "tap": 1000, "vo-cutouts": 35}
)
"""Requests a minute by Gafaelfawr service, as on idfprod."""

LAB_SCOPES = (
    "exec:notebook",
    "exec:portal",
    "read:image",
    "read:tap",
    "user:token",
    "write:files",
)
"""Scopes of an ordinary user's notebook token at an IDF site."""

_WINDOW = 60.0
_LIFETIME = 30 * 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Whom a token belongs to, and what it may do."""

    token: str = field(repr=False)
    username: str
    scopes: tuple[str, ...]
    created: int
    expires: int

    @property
    def key(self) -> str:
        """The public part of the token."""
        return self.token.removeprefix("gt-").partition(".")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """The user's standing with one service after a request was counted."""

    service: str
    limit: int
    used: int
    reset: float
    allowed: bool

    @property
    def headers(self) -> dict[str, str]:
        """The headers that Gafaelfawr adds to the response."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, self.limit - self.used)),
            "X-RateLimit-Used": str(self.used),
            "X-RateLimit-Reset": str(int(self.reset)),
            "X-RateLimit-Resource": self.service,
        }


class SandboxState:
    """The sandbox's memory, safe to use from any thread.

    Parameters
    ----------
    scenario
        Name of the scenario to start in.
    token
        The lab's token; by default a new one.
    clock
        Returns the time in seconds since the epoch; replaced in tests.
    """

    def __init__(
        self,
        scenario: str,
        *,
        token: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._scenario = get_scenario(scenario)
        self._clock = clock
        self._lock = threading.Lock()
        self._windows: dict[tuple[str, str], tuple[float, int]] = {}
        self._accesses: dict[str, Access] = {}
        self._overrides: dict[str, Any] | None = None
        self.base_url = ""
        self.jobs = Jobs(clock)
        self.started_at = clock()
        self.requests: deque[dict[str, Any]] = deque(maxlen=2000)
        #: Where the lab's token was seen: "authorization", or a leak.
        self.token_seen_in: set[str] = set()
        self.lab_token = self.issue("vrubin", LAB_SCOPES, token=token)

    @property
    def scenario(self) -> Scenario:
        """The scenario in force."""
        return self._scenario

    def set_scenario(self, name: str) -> None:
        """Switch; the next request already meets the new scenario."""
        self._scenario = get_scenario(name)
        self.jobs.clear()

    def now(self) -> float:
        """Return the time in seconds since the epoch."""
        return self._clock()

    def issue(
        self,
        username: str,
        scopes: tuple[str, ...],
        *,
        token: str | None = None,
    ) -> str:
        """Issue a token in Gafaelfawr's format, for a user of the sandbox."""
        if token is None:
            key, secret = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
            token = f"gt-{key}.{secret}"
        created = int(self.now())
        self._accesses[token] = Access(
            token=token,
            username=username,
            scopes=scopes,
            created=created,
            expires=created + _LIFETIME,
        )
        return token

    def access(self, token: str) -> Access | None:
        """Return what a token gives, or `None` if it is not valid."""
        found = self._accesses.get(token)
        if found is None or found.expires <= self.now():
            return None
        if token == self.lab_token and not self.scenario.token_valid:
            return None
        return found

    def look_for_token(self, request: HTTPServerRequest) -> None:
        """Note in `token_seen_in` where a request carries the lab's token."""
        secret = self.lab_token.rpartition(".")[2]
        if secret in (request.uri or ""):
            self.token_seen_in.add("address")
        if secret.encode() in request.body:
            self.token_seen_in.add("body")
        for name, value in request.headers.get_all():
            if secret in value:
                self.token_seen_in.add(name.lower())

    def remember(
        self,
        *,
        method: str | None,
        path: str,
        status: int | None,
        app: str,
        username: str | None,
    ) -> None:
        """Keep a request in `requests`; no status: the connection was cut."""
        self.requests.append(
            {
                "method": method,
                "path": path,
                "status": status,
                "app": app,
                "username": username,
            }
        )

    @property
    def overrides(self) -> dict[str, Any] | None:
        """The quota overrides in force, or `None`."""
        if self._overrides is not None:
            return self._overrides
        if not self.scenario.overrides:
            return None
        api = dict(self.scenario.overrides)
        return {"bypass": [], "default": {"api": api}, "groups": {}}

    @overrides.setter
    def overrides(self, value: dict[str, Any] | None) -> None:
        self._overrides = value

    def quotas(self, username: str) -> dict[str, int]:
        """Return a user's quotas in requests a minute, overrides applied."""
        quotas = dict(API_QUOTAS)
        overrides = self.overrides
        if overrides is not None:
            if username in overrides.get("bypass", ()):
                return {}
            quotas |= overrides.get("default", {}).get("api", {})
        return {s: n for s, n in quotas.items() if self.scenario.has(s)}

    def spend(self, username: str, service: str) -> Rate | None:
        """Count one request, and return how the user now stands.

        Windows are a minute long and start with their first request. `None`
        means that the service has no quota.
        """
        limit = self.quotas(username).get(service)
        if limit is None:
            return None
        now = self.now()
        key = (username, service)
        with self._lock:
            reset, used = self._windows.get(key, (0.0, 0))
            if reset <= now:
                reset, used = now + _WINDOW, 0
            allowed = used < limit and not self.scenario.exhausted
            if allowed:
                used += 1
            self._windows[key] = (reset, used)
        return Rate(
            service=service,
            limit=limit,
            used=limit if self.scenario.exhausted else used,
            reset=reset,
            allowed=allowed,
        )

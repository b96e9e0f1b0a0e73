"""Whether the platform lets this user in, and which rows that concerns.

A row is probed without a token, so that it costs nobody's quota. Its answer
says nothing about a login that does not work: every query would be refused.
So the token is checked by itself, and where it is not accepted, no row that
needs it is shown as well.

Gafaelfawr is also asked by nginx about anonymous requests. When it fails,
nearly every route answers HTTP 500, and that is told once, as its own fault.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from ...platform.clock import seconds
from ...platform.http.answers import FetchError
from ..models import TokenStatus
from ..probes.base import is_login_address
from ..watching.tracker import DOWN_AFTER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ...platform.environment import LabEnvironment
    from ...platform.http.answers import HttpResponse
    from ...platform.http.client import PlatformHttp
    from ..rows.targets import Target
    from ..watching.monitor import Row

__all__ = ["LOGIN_SERVICE", "LoginCheck", "Obstacle", "needs"]

LOGIN_SERVICE: Literal["gafaelfawr"] = "gafaelfawr"
"""The application that decides who is let in."""

_CONFIRM_S = (1.0, 2.0)
"""Seconds to the second and the third check after one that failed."""

_ENOUGH = 3
"""Rows that must answer HTTP 500 together until the login is the cause."""

Root = Literal["login", "gafaelfawr"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """Why nothing that needs the login can be used.

    Parameters
    ----------
    root
        ``login`` (this user's) or ``gafaelfawr`` (everybody's).
    what
        What is wrong, as a clause.
    seen
        How that is known, as a clause.
    since
        Monotonic time at which it was first seen, in seconds.
    """

    root: Root
    what: str
    seen: str
    since: float


def needs(target: Target, root: Root) -> bool:
    """Return whether a row can be used only with what is broken.

    Parameters
    ----------
    target
        The row.
    root
        What is broken.
    """
    if target.application == LOGIN_SERVICE:
        return True
    with_token = bool(target.scopes) or target.entry.access == "token"
    if root == "login":
        return with_token
    return with_token or LOGIN_SERVICE in target.entry.depends_on


class LoginCheck:
    """Asks Gafaelfawr about the lab's token.

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
        self._obstacle: Obstacle | None = None
        self.token = TokenStatus(state="unknown", message="Not asked yet.")
        #: How the refusal of the token was seen.
        self.refusal = ""
        #: Checks in a row that found nobody who could tell.
        self.failures = 0
        self._why = ""
        self._answers = 0
        self._asking = asyncio.Lock()

    @property
    def has_token(self) -> bool:
        """Whether there is a token; notes it if there is none."""
        if self._environment.read_token() is not None:
            return True
        self.token = TokenStatus(
            state="missing",
            message="This lab has no token, so nothing is known of you.",
        )
        return False

    @property
    def is_sure(self) -> bool:
        """Whether a check that failed, if any, has been confirmed."""
        return self.failures == 0 or self.failures >= DOWN_AFTER

    async def ask(self, base: str | None) -> None:
        """Ask about the token, once however many ask in the same moment.

        ``token-info`` is the cheapest of Gafaelfawr's routes that need a
        token: it reads Redis only, and counts against no quota.

        Parameters
        ----------
        base
            Gafaelfawr's API, or `None` if it is not known.
        """
        if not self.has_token:
            return
        if base is None:
            self.token = TokenStatus(
                state="unknown", message="Where to ask is not known."
            )
            return
        answers = self._answers
        async with self._asking:
            if self._answers != answers:  # Somebody else has just asked.
                return
            try:
                response = await self._http.get(
                    f"{base}/token-info", token=True, accept="application/json"
                )
                self._judge(response)
            except FetchError as exc:
                if exc.cause == "not_allowed":  # Not asked: a rule of ours.
                    self._note(exc.message)
                else:
                    self._cannot_tell(exc.message)
            self._answers += 1

    def delay(self, interval_s: float) -> float:
        """Return the seconds until the next check.

        Parameters
        ----------
        interval_s
            Seconds between checks that bring nothing new.
        """
        if not self.is_sure:
            return _CONFIRM_S[min(self.failures, len(_CONFIRM_S)) - 1]
        return interval_s

    def obstacle(
        self, rows: Sequence[Row], *, offline: bool
    ) -> Obstacle | None:
        """Return what keeps the user out, if anything does.

        Parameters
        ----------
        rows
            All rows.
        offline
            Nothing answers at all, so nothing is said of the login.
        """
        found = None if offline else self._of_everybody(rows)
        if found is None:
            found = self._of_the_user()
        now, before = self._clock(), self._obstacle
        if found is None:
            self._obstacle = None
        else:
            root, what, seen = found
            same = before is not None and before.root == root
            since = before.since if before is not None and same else now
            self._obstacle = Obstacle(
                root=root, what=what, seen=seen, since=since
            )
        return self._obstacle

    def _of_the_user(self) -> tuple[Root, str, str] | None:
        if self.token.state == "missing":
            return "login", "this lab has no token", "no token was found"
        if self.token.state == "rejected":
            return "login", "your login is not accepted", self.refusal
        return None

    def _of_everybody(
        self, rows: Sequence[Row]
    ) -> tuple[Root, str, str] | None:
        for row in rows:
            last = row.tracker.last
            if row.target.application != LOGIN_SERVICE or last is None:
                continue
            failed = row.tracker.state == "down" or (
                row.tracker.state == "degraded" and _is_failure(last.status)
            )
            if failed and last.state != "up":
                what = f"the service {row.target.title} does not work"
                return LOGIN_SERVICE, what, last.evidence
        what = "the platform's login does not work"
        if self.failures >= DOWN_AFTER:
            seen = f"its check of the token failed {self.failures} times: "
            return LOGIN_SERVICE, what, f"{seen}{self._why}"
        behind = [
            row.tracker.last.status
            for row in rows
            if LOGIN_SERVICE in row.target.entry.depends_on
            and row.target.probed
            and row.tracker.last is not None
        ]
        if len(behind) >= _ENOUGH and set(behind) == {500}:
            return (
                LOGIN_SERVICE,
                what,
                f"all {len(behind)} services behind it answer HTTP 500",
            )
        return None

    def _judge(self, response: HttpResponse) -> None:
        status = response.status
        if status == 200:
            if response.content_type in {"text/html", "application/xhtml+xml"}:
                self._refused(
                    "it answers with a web page, perhaps to log in, where it "
                    "should say whose token it is"
                )
                return
            document = response.json()
            # Each token has a user: what names none is not Gafaelfawr.
            if isinstance(document, dict) and is_name(
                document.get("username")
            ):
                self.token = _valid(document)
                self.refusal, self.failures = "", 0
                return
            self._cannot_tell("the answer is malformed")
        elif status in {401, 403}:
            self._refused(f"it answered HTTP {status}")
        elif 300 <= status < 400 and is_login_address(
            response.headers.get("location", "")
        ):
            self._refused("it sends this lab to the login page")
        elif _is_failure(status):
            self._cannot_tell(f"HTTP {status}")
        else:
            # A quota, or another version: no word on the login itself.
            self.failures = 0
            self._note(f"HTTP {status}")

    def _refused(self, seen: str) -> None:
        self.failures, self.refusal = 0, seen
        self.token = TokenStatus(
            state="rejected",
            message="The platform does not accept this lab's token; "
            f"restart the lab to get a new one ({seen}).",
        )

    def _cannot_tell(self, why: str) -> None:
        self.failures += 1
        self._why = why
        self._note(why)

    def _note(self, why: str) -> None:
        if self.token.state == "rejected":  # Only a yes takes that back.
            told = f"was not accepted, and could not be checked again: {why}."
            self.token = TokenStatus(
                state="rejected", message=f"The token {told}"
            )
            return
        self.token = TokenStatus(
            state="unknown", message=f"The token could not be checked: {why}."
        )


def _is_failure(status: int | None) -> bool:
    return status is not None and status >= 500


def _valid(info: dict[str, Any]) -> TokenStatus:
    return TokenStatus(
        state="valid",
        username=info["username"],
        scopes=sorted(names(info.get("scopes"))),
        expires_at=_moment(info.get("expires")),
    )


def _moment(value: Any) -> datetime | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return datetime.fromtimestamp(value, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def names(value: Any) -> set[str]:
    """Return the names of a list of names, or of objects with a name."""
    if not isinstance(value, list):
        return set()
    found = (v.get("name") if isinstance(v, dict) else v for v in value[:500])
    return {n for n in found if isinstance(n, str) and is_name(n)}


def is_name(value: Any) -> bool:
    """Whether it may be shown: no control or direction characters."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= 100
        and value.isprintable()
    )

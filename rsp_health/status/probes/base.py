"""What all probes share: the request they make and the verdict they give.

Healthy means the exact status *and* the content type *and* a marker in the
body. Everything else is not healthy, and a verdict says which else it was.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from ...platform.http.ratelimit import retry_after

if TYPE_CHECKING:
    from ...platform.http.answers import FetchError, HttpResponse
    from ..models import ServiceState

__all__ = [
    "Probe",
    "Subject",
    "Verdict",
    "from_error",
    "from_status",
    "is_login_address",
    "malformed",
    "shorten",
    "wrong_type",
]

_DOWN = frozenset({502, 503, 504, 521, 522, 523, 524})
_LOGIN = re.compile(r"/(login|oauth2?|auth/login|sso|signin)\b", re.IGNORECASE)
_SCOPE = re.compile(r'scope="([^"]{1,200})"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one probe found.

    Parameters
    ----------
    state
        What this one probe would say of the service.
    evidence
        What was seen, without a full stop.
    answered
        Whether anything answered in HTTP: if nothing on the platform does,
        it may be this lab that is cut off.
    depth
        How far the answer reaches, if it says something else than the
        catalogue does.
    wait_s
        Seconds to wait before asking again (429).
    version
        The application's version, if it told.
    latency_s
        Seconds until the answer.
    status
        The answer's HTTP status, if there was one.
    """

    state: ServiceState
    evidence: str
    answered: bool = True
    depth: str | None = None
    wait_s: float | None = None
    version: str | None = None
    latency_s: float | None = None
    status: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a probe needs to know of the service it judges."""

    token: bool = False
    marker: str | None = None
    options: dict[str, str] = field(default_factory=dict)


class Probe(Protocol):
    """Judges one answer.

    ``accept`` is the media type that is asked for; with ``truncate``, the
    beginning of a body larger than the cap is enough.
    """

    accept: str
    truncate: bool

    def judge(self, response: HttpResponse, subject: Subject) -> Verdict:
        """Judge an answer whose status is 200."""


def shorten(text: str, limit: int = 160) -> str:
    """Return foreign text on one line, printable and short."""
    line = " ".join(
        "".join(c if c.isprintable() else " " for c in text).split()
    )
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def from_error(error: FetchError) -> Verdict:
    """Say what a failed fetch means."""
    if error.cause == "not_allowed":
        return Verdict(state="unknown", evidence=error.message, latency_s=None)
    return Verdict(
        state="degraded" if error.answered else "down",
        evidence=error.message,
        answered=error.answered,
        latency_s=error.elapsed_s,
    )


def from_status(response: HttpResponse, subject: Subject) -> Verdict | None:
    """Judge by the status alone; `None` if it is 200 and the body decides.

    The meaning of 401, 403 and 429 is Gafaelfawr's, see
    ``docs/developers``.
    """
    status = response.status
    if status == 200:
        return None
    state: ServiceState
    wait: float | None = None
    if 300 <= status < 400:
        state, evidence = _redirected(response)
    elif status == 401:
        state = "restricted"
        evidence = (
            "the lab's token is not accepted (HTTP 401)"
            if subject.token
            else "asks for a login (HTTP 401)"
        )
    elif status == 403:
        state, evidence = _forbidden(response)
    elif status == 429:
        wait = retry_after(response.headers)
        state = "throttled"
        evidence = "your requests of this minute are used up (HTTP 429)"
    elif status in {404, 410}:
        state = "unknown"
        evidence = f"nothing is at the address that is known (HTTP {status})"
    elif status >= 500:
        state = "down" if status in _DOWN else "degraded"
        evidence = f"answered HTTP {status}"
    else:
        state = "unknown"
        evidence = f"answered HTTP {status}, which was not expected"
    return Verdict(
        state=state,
        evidence=evidence,
        wait_s=wait,
        latency_s=response.elapsed_s,
    )


def is_login_address(url: str) -> bool:
    """Return whether a redirect leads to a login page."""
    return _LOGIN.search(url) is not None


def _redirected(response: HttpResponse) -> tuple[ServiceState, str]:
    if is_login_address(response.headers.get("location", "")):
        return "restricted", "sends to the login page; can't tell its state"
    return (
        "unknown",
        f"answered a redirect (HTTP {response.status}), not followed",
    )


def _forbidden(response: HttpResponse) -> tuple[ServiceState, str]:
    challenge = response.headers.get("www-authenticate", "")
    if "not allowed to access service" in challenge:
        return "blocked", "blocked for you by an administrator (quota 0)"
    scope = _SCOPE.search(challenge)
    if scope is not None:
        return (
            "restricted",
            f"needs the scope {shorten(scope[1], 60)}, which your token lacks",
        )
    if challenge.lower().startswith("basic"):
        # Ingresses of this type say neither which scope, nor of a block.
        why = "it lacks a scope, or an administrator blocked you"
        return "restricted", f"is not open to your token (HTTP 403): {why}"
    return "restricted", "access is forbidden (HTTP 403); can't tell its state"


def wrong_type(response: HttpResponse, wanted: str) -> Verdict:
    """Say that the answer has another type than wanted."""
    kind = response.content_type
    if kind in {"text/html", "application/xhtml+xml"}:
        return Verdict(
            state="restricted",
            evidence=f"answered with a web page instead of {wanted}, "
            "perhaps a login page",
            latency_s=response.elapsed_s,
        )
    named = shorten(kind, 40) or "nothing named"
    return malformed(response, f"{named} instead of {wanted}")


def malformed(response: HttpResponse, what: str) -> Verdict:
    """Say that the answer is not what a healthy service gives."""
    return Verdict(
        state="degraded",
        evidence=f"answered, but with {what}",
        latency_s=response.elapsed_s,
    )

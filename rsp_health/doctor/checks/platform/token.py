"""Ask the platform whether it accepts this lab's token."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from ....errors import UnreadableFileError
from ....files import load_json
from ....platform.http.client import PlatformHttp
from ....status.user.login import LoginCheck
from ....wire import utc_now
from ...evidence.words import duration, listed
from ...models import Evidence, attention, cannot_tell, fault, ok
from ..base import Check

if TYPE_CHECKING:
    from ....platform.environment import LabEnvironment
    from ....status.models import TokenStatus
    from ...context import Context
    from ...models import Finding

__all__ = ["Token"]

_LIMIT_S = 1.2
_SOON_S = 12 * 3600.0
_VARIABLES = ("NUBLADO_TOKEN", "ACCESS_TOKEN")
_RESTART = (
    "Save your work, then stop this lab and start it again: a new lab gets a "
    "new token."
)


class Token(Check):
    """Asks Gafaelfawr whose token it is, which costs no quota."""

    id = "token"
    title = "Your login"
    otherwise = "No platform is known here."
    asks_platform = True

    def applies(self, context: Context) -> bool:
        """Return whether there is a platform that could know a token."""
        return context.environment.base_url is not None

    def look(self, context: Context) -> Finding:
        """Return what is found."""
        environment = context.environment
        base = _gafaelfawr(environment)
        token, refusal = asyncio.run(_ask(environment, base))
        source = f"{base}/token-info"
        if token.state == "missing":
            return fault(
                "This lab has no token: the platform answers it nothing.",
                Evidence(
                    source="secrets/token, " + ", ".join(_VARIABLES),
                    value="not there, or empty",
                ),
                whose="your_lab",
                next_step=_RESTART,
            )
        if token.state == "rejected":
            return fault(
                "The platform does not accept this lab's token.",
                Evidence(source=source, value=refusal),
                whose="your_lab",
                next_step=_RESTART,
            )
        if token.state != "valid":
            return cannot_tell(token.message)
        seen = [Evidence(source=source, value=_described(token))]
        other = _other_variable(environment)
        if other is not None:
            seen.append(
                Evidence(
                    source=other, value="is not the token that was accepted"
                )
            )
        return _judge(token, seen, other)


def _judge(
    token: TokenStatus, seen: list[Evidence], other: str | None
) -> Finding:
    left = None
    if token.expires_at is not None:
        left = (token.expires_at - utc_now()).total_seconds()
    if left is not None and left < _SOON_S:
        return attention(
            f"Your login ends in {duration(max(0.0, left))}.",
            *seen,
            whose="your_lab",
            next_step="Log in to the platform again before you start long "
            "work, then stop this lab and start it again.",
        )
    if other is not None:
        return attention(
            f"The variable {other} holds another token than the one that "
            "the platform gave this lab: programs that use it may be refused.",
            *seen,
            whose="your_environment",
            next_step=f"Take {other} out of what sets it (~/.bashrc, "
            "~/notebooks/.user_setups); if nothing of yours does, start the "
            "lab again.",
        )
    until = "" if left is None else f", for {duration(left)} more"
    return ok(f"The platform accepts your token{until}.", *seen)


def _described(token: TokenStatus) -> str:
    scopes = listed(sorted(token.scopes), most=20) or "none"
    return f"user {token.username}, scopes: {scopes}"


async def _ask(
    environment: LabEnvironment, base: str
) -> tuple[TokenStatus, str]:
    http = PlatformHttp(environment=environment, timeout_s=_LIMIT_S)
    try:
        login = LoginCheck(http=http, environment=environment)
        await login.ask(base)
        return login.token, login.refusal
    finally:
        await http.aclose()


def _gafaelfawr(environment: LabEnvironment) -> str:
    """Return Gafaelfawr's API: what discovery said at the lab's start."""
    usual = f"{environment.base_url}/auth/api/v1"
    path = environment.mounted("discovery", "v1.json")
    if path is None:
        return usual
    try:
        found: Any = load_json(path)
        for name in ("services", "internal", "gafaelfawr", "versions", "v1"):
            found = found[name]
        return str(found["url"]).rstrip("/")
    except (UnreadableFileError, KeyError, TypeError):
        return usual


def _other_variable(environment: LabEnvironment) -> str | None:
    """Return a variable with another token than the one that is used."""
    used = environment.read_token()
    for name in _VARIABLES:
        value = environment.get(name)
        if value is not None and value != used:
            return name
    return None

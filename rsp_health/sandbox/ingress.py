"""The way in: authentication, quotas and faults, before any application.

On the platform, ingress-nginx asks Gafaelfawr about each request and answers
itself when Gafaelfawr says no or when nothing stands behind a route. The
sandbox does the same in one base class, from what each route declares.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from dataclasses import dataclass
from email.utils import formatdate
from html import escape
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote

from tornado.web import Finish, HTTPError, RequestHandler

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from .state import Access, Rate, SandboxState

__all__ = [
    "ANONYMOUS",
    "PLAIN",
    "PlatformHandler",
    "Protection",
    "nginx_page",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """What an ingress asks of a request.

    Parameters
    ----------
    authenticated
        Whether a valid token is needed.
    scope
        Scope that the token must have.
    service
        Gafaelfawr's name of the service, for its quota.
    login_redirect
        Whether a missing or invalid token is answered by a redirect to the
        login page instead of a challenge.
    by_ingress
        Whether nginx asks Gafaelfawr; `False` for Gafaelfawr's own API, whose
        errors keep their JSON body, and for plain ingresses.
    basic
        Whether the ingress asks for HTTP Basic, as those of the data services
        do. Its challenges carry neither an error nor a scope.
    """

    authenticated: bool = True
    scope: str | None = None
    service: str | None = None
    login_redirect: bool = False
    by_ingress: bool = True
    basic: bool = False


ANONYMOUS = Protection(authenticated=False)
"""An anonymous ingress: no token is looked at, no quota is spent.

nginx asks Gafaelfawr all the same (``/ingress/anonymous``, which takes tokens
out of the request), so it fails with Gafaelfawr.
"""

PLAIN = Protection(authenticated=False, by_ingress=False)
"""A plain ingress: Gafaelfawr is not asked at all."""


class PlatformHandler(RequestHandler):
    """A route of the platform.

    Parameters
    ----------
    state
        The sandbox's memory.
    app
        The Phalanx application behind the route.
    protection
        What its ingress asks for.
    """

    def initialize(
        self,
        *,
        state: SandboxState,
        app: str,
        protection: Protection = ANONYMOUS,
    ) -> None:
        """Remember what the route declares."""
        self.state = state
        self.app = app
        self.protection = protection
        self.user: Access | None = None
        self.rate: Rate | None = None
        self._gone = asyncio.Event()

    def prepare(self) -> Awaitable[None] | None:
        """Do what the ingress does before it asks the application."""
        return self._enter()

    async def _enter(self) -> None:
        scenario = self.state.scenario
        if scenario.closes:
            self._remember(None)
            stream = self.detach()
            stream.close()
            raise Finish
        if not scenario.has(self.app):
            self.refuse(404)
        if self.protection.authenticated:
            self._authenticate()
        elif self.protection.by_ingress and "gafaelfawr" in scenario.down:
            self.refuse(500)
        delay = scenario.delay(self.app)
        if delay:
            await self._wait(delay)
        if scenario.is_down(self.app):
            self.refuse(503)

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._gone.wait()
        except TimeoutError:
            return
        raise Finish  # The client left: there is nobody to answer.

    def on_connection_close(self) -> None:
        """Let a waiting handler end when its client has left."""
        self._gone.set()

    def finish(self, chunk: str | bytes | dict[Any, Any] | None = None) -> Any:
        """Remember the request, before its client can ask about it."""
        skew = self.state.scenario.clock_skew_s
        if skew:
            date = formatdate(self.state.now() + skew, usegmt=True)
            self.set_header("Date", date)
        self._remember(self.get_status())
        return super().finish(chunk)

    def _remember(self, status: int | None) -> None:
        self.state.look_for_token(self.request)
        self.state.remember(
            method=self.request.method,
            path=self.request.path,
            status=status,
            app=self.app,
            username=self.user.username if self.user else None,
        )

    def _authenticate(self) -> None:
        own_api = not self.protection.by_ingress
        if self.state.scenario.is_down("gafaelfawr"):
            self.refuse(503 if own_api else 500)
        if self.state.scenario.always_login:
            self._redirect_to_login()
        token = self._token()
        self.user = self.state.access(token) if token else None
        if self.user is None:
            self._challenge(invalid=bool(token))
        scope = self.protection.scope
        if scope is not None and scope not in self.user.scopes:
            self._forbid(
                "insufficient_scope",
                "Token missing required scope",
                scope=scope,
            )
        if self.protection.service is not None:
            self._spend(self.user, self.protection.service)

    def _token(self) -> str | None:
        header = self.request.headers.get("Authorization")
        if header is None:
            return None
        kind, _, value = header.partition(" ")
        if kind.lower() == "bearer" and value.strip():
            return value.strip()
        if kind.lower() == "basic":
            try:
                pair = base64.b64decode(value, validate=True).decode("ascii")
            except (binascii.Error, UnicodeDecodeError):
                self.refuse(400)
            username, _, password = pair.partition(":")
            return username if username.startswith("gt-") else password
        self.refuse(400)
        return None

    def _challenge(self, *, invalid: bool) -> NoReturn:
        if self.protection.login_redirect:
            self._redirect_to_login()
        challenge = self._realm
        if invalid and not self.protection.basic:
            challenge += (
                ', error="invalid_token",'
                ' error_description="Token is not valid"'
            )
        self.set_header("WWW-Authenticate", challenge)
        if self.protection.by_ingress:
            self.refuse(401)
        # Not a list, as Safir's other errors are: so Gafaelfawr writes it.
        detail = {
            "msg": "Token is not valid"
            if invalid
            else "Authentication required",
            "type": "invalid_token" if invalid else "no_authorization",
        }
        self.set_status(401)
        raise Finish({"detail": detail})

    @property
    def _realm(self) -> str:
        kind = "Basic" if self.protection.basic else "Bearer"
        return f'{kind} realm="{self.request.host}"'

    def _redirect_to_login(self) -> NoReturn:
        here = f"{self.state.base_url}{self.request.uri}"
        self.set_status(302)
        self.set_header(
            "Location", f"{self.state.base_url}/login?rd={quote(here, '')}"
        )
        self.set_header("Content-Type", "text/html")
        raise Finish(nginx_page(302))

    def _forbid(
        self, error: str, description: str, scope: str | None = None
    ) -> NoReturn:
        challenge = self._realm
        if not self.protection.basic:
            challenge += (
                f', error="{error}", error_description="{description}"'
            )
            if scope is not None:
                challenge += f', scope="{scope}"'
        self.set_header("WWW-Authenticate", challenge)
        if self.protection.by_ingress:
            self.refuse(403)  # nginx replaces Gafaelfawr's body by its own.
        self.refuse_json(403, "permission_denied", description)

    def _spend(self, user: Access, service: str) -> None:
        rate = self.state.spend(user.username, service)
        self.rate = rate
        if rate is None:
            return
        if rate.limit == 0:
            self._forbid(
                "insufficient_scope",
                f"User {user.username} not allowed to access service"
                f" {service}",
            )
        for name, value in rate.headers.items():
            self.set_header(name, value)
        if not rate.allowed:
            self.set_header("Retry-After", formatdate(rate.reset, usegmt=True))
            self.set_header("Cache-Control", "no-cache, must-revalidate")
            self.refuse_json(
                429,
                "rate_limited",
                f"Rate limit ({rate.limit}/minute) exceeded",
            )

    def refuse(self, status: int) -> NoReturn:
        """End with nginx's own page for a status."""
        self.set_status(status)
        self.set_header("Content-Type", "text/html")
        raise Finish(nginx_page(status))

    def refuse_json(self, status: int, kind: str, message: str) -> NoReturn:
        """End with an error in the form of Safir's ``ErrorModel``."""
        self.set_status(status)
        raise Finish({"detail": [{"msg": message, "type": kind}]})

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer tornado's own errors (405, 400) without a traceback."""
        del kwargs
        self.set_header("Content-Type", "text/html")
        self.write(nginx_page(status_code))

    def send_xml(self, text: str, *, kind: str = "application/xml") -> None:
        """Answer with an XML document."""
        self.set_header("Content-Type", kind)
        self.write('<?xml version="1.0" encoding="UTF-8"?>\n' + text)

    def send_metadata(self, name: str, description: str, **more: Any) -> None:
        """Answer as Safir applications do at their root."""
        repository = f"https://github.com/lsst-sqre/{name}"
        metadata = {
            "name": name,
            "version": "0.0.0+sandbox",
            "description": description,
            "repository_url": repository,
            "documentation_url": f"https://{name}.lsst.io/",
        }
        self.write({"metadata": metadata, **more})

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        """Refuse streamed bodies: only git streams, in a class of its own."""
        del chunk
        raise HTTPError(400)


def nginx_page(status: int) -> str:
    """Return the page that the ingress shows for a status."""
    title = escape(f"{status} {HTTPStatus(status).phrase}")
    return (
        f"<html>\n<head><title>{title}</title></head>\n<body>\n"
        f"<center><h1>{title}</h1></center>\n"
        "<hr><center>nginx</center>\n</body>\n</html>\n"
    )

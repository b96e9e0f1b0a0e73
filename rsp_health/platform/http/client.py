"""The one HTTP client: every answer in bounded time, size and memory.

httpx by itself is not bounded. Its timeouts are per operation (a server that
drips one byte a second never trips them), it reads bodies of any size, and it
inflates compressed ones. Here each fetch has a total deadline, a cap on the
body, never inflates, never follows a redirect, keeps no cookie, and sends the
lab's token only in ``Authorization`` and only to the platform itself.

This file holds the rules and imports nothing heavy; httpx itself is in
`rsp_health.platform.http.transport`, loaded at the first fetch.
"""

from __future__ import annotations

import asyncio
import base64
import re
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..origins import PlatformOrigin
from .answers import FetchCause, FetchError, HttpResponse
from .freshness import AnswerAges
from .proxies import proxy_for
from .resolver import Resolver

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import httpx

    from ..environment import LabEnvironment
    from .transport import Transport

__all__ = [
    "MAX_BODY_BYTES",
    "FetchCause",
    "FetchError",
    "HttpResponse",
    "PlatformHttp",
]

MAX_BODY_BYTES = 256 * 1024
"""The most that is read of any answer, in bytes."""


_CLOSING_S = 0.2
"""Seconds of the deadline that are left to end what is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    url: str
    headers: dict[str, str]
    max_bytes: int
    truncate: bool
    content: bytes | None = None


class PlatformHttp:
    """Fetches from the platform, each time within bounds.

    One object belongs to one event loop. It may be built anywhere: the client
    and its TLS context are made at the first fetch, off the loop's thread.

    Parameters
    ----------
    environment
        Knows the token, the proxies and the platform's own address.
    timeout_s
        Seconds that one fetch may take in total.
    max_bytes
        Most bytes read of a body.
    """

    def __init__(
        self,
        *,
        environment: LabEnvironment,
        timeout_s: float = 10.0,
        max_bytes: int = MAX_BODY_BYTES,
    ) -> None:
        self._environment = environment
        self._timeout_s = timeout_s
        self._max_bytes = max_bytes
        self._listeners: list[Callable[[HttpResponse], None]] = []
        self._origin = PlatformOrigin.of(environment)
        self._transport: Transport | None = None
        self._opening = asyncio.Lock()
        self._resolver = Resolver()
        self._ages = AnswerAges()

    @property
    def origin(self) -> PlatformOrigin:
        """What counts as the platform."""
        return self._origin

    @property
    def timeout_s(self) -> float:
        """Seconds that one fetch may take in total."""
        return self._timeout_s

    def listen(self, listener: Callable[[HttpResponse], None]) -> None:
        """Call ``listener`` with every answer; quota headers are read so."""
        self._listeners.append(listener)

    async def aclose(self) -> None:
        """Close all connections."""
        transport, self._transport = self._transport, None
        if transport is not None:
            await transport.aclose()
        self._resolver.close()

    async def get(
        self,
        url: str,
        *,
        token: bool = False,
        login: tuple[str, str] | None = None,
        accept: str = "*/*",
        timeout_s: float | None = None,
        max_bytes: int | None = None,
        truncate: bool = False,
    ) -> HttpResponse:
        """Fetch a URL.

        Parameters
        ----------
        url
            Must be ``https``, or ``http`` on this machine.
        token
            Send the lab's token; only possible to the platform itself.
        login
            Send this name and password, as discovery gave them.
        accept
            Media types asked for.
        timeout_s
            Seconds in total, instead of the client's.
        max_bytes
            Most bytes read of the body, instead of the client's.
        truncate
            Return the beginning of a body that is larger than the cap
            instead of raising.

        Raises
        ------
        FetchError
            Raised with its cause if there is no complete answer. An answer
            with any status is an answer: redirects and errors are returned.
        """
        limit = self._timeout_s if timeout_s is None else timeout_s
        headers = self._headers(url, token=token, accept=accept)
        if login is not None:
            plain = base64.b64encode(":".join(login).encode()).decode()
            headers["Authorization"] = f"Basic {plain}"
        response = await self._request(
            _Request(
                url=url,
                headers=headers,
                max_bytes=self._max_bytes if max_bytes is None else max_bytes,
                truncate=truncate,
            ),
            limit,
        )
        self._ages.observe(response)
        for listener in self._listeners:
            listener(response)
        return response

    async def post(
        self,
        url: str,
        content: bytes,
        *,
        headers: Mapping[str, str],
        token: bool = False,
    ) -> HttpResponse:
        """Send something, within the same bounds.

        Parameters
        ----------
        url
            As for `get`.
        content
            The body.
        headers
            What says of what type it is, and what else its reader needs.
        token
            As for `get`.

        Raises
        ------
        FetchError
            Raised with its cause if there is no complete answer.
        """
        accept = headers.get("Accept", "*/*")
        own = self._headers(url, token=token, accept=accept)
        return await self._request(
            _Request(
                url=url,
                headers={**headers, **own},
                max_bytes=self._max_bytes,
                truncate=True,
                content=content,
            ),
            self._timeout_s,
        )

    async def _request(self, request: _Request, limit: float) -> HttpResponse:
        url = request.url
        # Loading the client is our own time, not the service's.
        transport = await self._opened()
        proxied = proxy_for(self._environment, url) is not None
        start = time.monotonic()
        try:
            async with asyncio.timeout(limit - min(_CLOSING_S, limit / 20)):
                if not proxied:
                    # A proxy resolves names itself; the lab may be unable to.
                    await self._resolver.check(url)
                return await transport.fetch(
                    url,
                    request.headers,
                    request.max_bytes,
                    truncate=request.truncate,
                    content=request.content,
                )
        except FetchError as exc:
            exc.elapsed_s = time.monotonic() - start
            if proxied and exc.cause in {"dns", "refused"}:
                # It was the proxy that was looked for, not the host.
                raise FetchError(
                    "proxy",
                    "the lab's proxy cannot be reached",
                    elapsed_s=exc.elapsed_s,
                ) from exc
            raise
        except TimeoutError as exc:
            raise FetchError(
                "timeout",
                f"no answer in {limit:g} s",
                elapsed_s=time.monotonic() - start,
            ) from exc
        except (OSError, UnicodeError) as exc:
            # A name that DNS cannot hold is a `UnicodeError`.
            dns = isinstance(exc, socket.gaierror | UnicodeError)
            raise FetchError(
                "dns" if dns else "network",
                elapsed_s=time.monotonic() - start,
            ) from exc

    def kept_s(self, response: HttpResponse) -> float | None:
        """Return for how long a cache kept an answer; `None` if it is new.

        Parameters
        ----------
        response
            An answer that came from `get`.
        """
        return self._ages.kept_s(response)

    def as_httpx(
        self, seen: Callable[[HttpResponse], None]
    ) -> httpx.AsyncClient:
        """Return an httpx client whose every request is one of `get`.

        For libraries that bring no bounds of their own, such as the official
        Repertoire client. They see a `FetchError` where httpx would raise.

        Parameters
        ----------
        seen
            Told of each answer.
        """
        from .transport import bridge

        return bridge(self.get, seen)

    async def _opened(self) -> Transport:
        async with self._opening:
            if self._transport is None:
                # Imports and certificates: 0.3 s that must not stall a loop.
                self._transport = await asyncio.to_thread(
                    _open, self._environment
                )
            return self._transport

    def _headers(
        self, url: str, *, token: bool, accept: str
    ) -> dict[str, str]:
        if not self._origin.may_call(url):
            raise FetchError("not_allowed")
        # A kept answer proves nothing; "Pragma" is for what knows no better.
        headers = {
            "Accept": accept,
            "Cache-Control": "no-cache",
            "Pragma": "no-cache",
        }
        if token:
            if not self._origin.owns(url):
                raise FetchError(
                    "not_allowed",
                    "the token is sent to the platform itself only",
                )
            value = self._environment.read_token()
            if value is None:
                raise FetchError("not_allowed", "this lab has no token")
            if not re.fullmatch(r"[!-~]+", value):
                raise FetchError(
                    "not_allowed", "the lab's token file is damaged"
                )
            headers["Authorization"] = f"Bearer {value}"
        return headers


def _open(environment: LabEnvironment) -> Transport:
    from .transport import Transport

    return Transport(environment)

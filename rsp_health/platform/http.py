"""The one HTTP client: every answer in bounded time, size and memory.

httpx by itself is not bounded. Its timeouts are per operation (a server that
drips one byte a second never trips them), it reads bodies of any size, and it
inflates compressed ones. Here each fetch has a total deadline, a cap on the
body, never inflates, never follows a redirect, keeps no cookie, and sends the
lab's token only in ``Authorization`` and only to the platform itself.
(Measurements: docs/developers, "Bounded probes".)
"""

from __future__ import annotations

import asyncio
import http.cookiejar
import json
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from .. import __version__
from ..errors import EnvironmentFailureError
from .origins import PlatformOrigin
from .proxies import proxy_for, proxy_mounts
from .resolver import Resolver
from .transport import (
    CappedTransport,
    FetchCause,
    TooLargeError,
    cause_of,
    prepare,
)

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping

    from .environment import LabEnvironment

__all__ = [
    "MAX_BODY_BYTES",
    "FetchCause",
    "FetchError",
    "HttpResponse",
    "PlatformHttp",
]

MAX_BODY_BYTES = 256 * 1024
"""The most that is read of any answer, in bytes."""

_MAX_CONNECTIONS = 32

_SENTENCES: dict[FetchCause, str] = {
    "dns": "the name {host} cannot be resolved",
    "refused": "{host} refuses connections",
    "tls": "the TLS certificate of {host} is not accepted",
    "timeout": "no answer in {limit:g} s",
    "reset": "the connection broke before the answer was complete",
    "network": "{host} cannot be reached",
    "proxy": "the proxy did not pass the request on",
    "bad_content": "the answer is not what was asked for",
    "too_large": "the answer is larger than {cap} KiB",
    "not_allowed": "the address is outside the platform and was not called",
}


class FetchError(EnvironmentFailureError):
    """No usable answer, with its cause.

    Parameters
    ----------
    cause
        Why.
    message
        One sentence without secrets.
    elapsed_s
        Seconds until it was known.
    """

    code = "fetch_failed"

    def __init__(
        self, cause: FetchCause, message: str, *, elapsed_s: float = 0.0
    ) -> None:
        super().__init__(message, code=f"fetch_{cause}")
        self.cause: FetchCause = cause
        self.elapsed_s = elapsed_s

    @property
    def answered(self) -> bool:
        """Whether something at the other end answered in HTTP."""
        return self.cause in {"bad_content", "too_large"}


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResponse:
    """An answer, read completely or up to the cap."""

    url: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    elapsed_s: float
    truncated: bool = False

    @property
    def content_type(self) -> str:
        """The media type alone, in lower case."""
        value = self.headers.get("content-type", "")
        return value.partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The body as text; what is not UTF-8 is replaced."""
        return self.body.decode("utf-8", errors="replace")

    def json(self) -> Any:
        """Parse the body.

        Raises
        ------
        FetchError
            Raised if it is not JSON (cause ``bad_content``).
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as exc:
            raise FetchError(
                "bad_content",
                "the answer is not JSON",
                elapsed_s=self.elapsed_s,
            ) from exc


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
        self._client: httpx.AsyncClient | None = None
        self._opening = asyncio.Lock()
        self._resolver = Resolver()

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
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()
        self._resolver.close()

    async def get(
        self,
        url: str,
        *,
        token: bool = False,
        accept: str = "*/*",
        timeout_s: float | None = None,
        truncate: bool = False,
    ) -> HttpResponse:
        """Fetch a URL.

        Parameters
        ----------
        url
            Must be ``https``, or ``http`` on this machine.
        token
            Send the lab's token; only possible to the platform itself.
        accept
            Media types asked for.
        timeout_s
            Seconds in total, instead of the client's.
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
        start = time.monotonic()
        try:
            async with asyncio.timeout(limit):
                client = await self._opened()
                if proxy_for(self._environment, url) is None:
                    # A proxy resolves names itself; the lab may be unable to.
                    await self._resolver.check(url)
                response = await self._read(
                    client, url, headers, start, truncate=truncate
                )
        except FetchError as exc:
            exc.elapsed_s = time.monotonic() - start
            raise
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, OSError) as e:
            raise self._error(cause_of(e), url, limit, start) from e
        for listener in self._listeners:
            listener(response)
        return response

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
        return httpx.AsyncClient(
            transport=_GetTransport(self, seen), trust_env=False
        )

    async def _opened(self) -> httpx.AsyncClient:
        async with self._opening:
            if self._client is None:
                context = await asyncio.to_thread(prepare, self._environment)
                self._client = self._open(context)
            return self._client

    def _open(self, context: ssl.SSLContext) -> httpx.AsyncClient:
        limits = httpx.Limits(
            max_connections=_MAX_CONNECTIONS,
            max_keepalive_connections=8,
            keepalive_expiry=5.0,
        )

        def transport(proxy: str | None) -> httpx.AsyncBaseTransport:
            inner = httpx.AsyncHTTPTransport(
                verify=context, limits=limits, proxy=proxy, trust_env=False
            )
            return CappedTransport(inner, self._max_bytes)

        # A login page's cookie must not make the next probe look logged in.
        jar = http.cookiejar.CookieJar(
            http.cookiejar.DefaultCookiePolicy(allowed_domains=[])
        )
        return httpx.AsyncClient(
            transport=transport(None),
            mounts=proxy_mounts(self._environment, transport),
            headers={
                "User-Agent": f"rsp-health/{__version__}",
                "Accept-Encoding": "identity",
            },
            cookies=jar,
            follow_redirects=False,
            timeout=self._timeout_s,
            trust_env=False,
        )

    def _headers(
        self, url: str, *, token: bool, accept: str
    ) -> dict[str, str]:
        if not self._origin.may_call(url):
            raise FetchError("not_allowed", _SENTENCES["not_allowed"])
        headers = {"Accept": accept}
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

    async def _read(
        self,
        client: httpx.AsyncClient,
        url: str,
        headers: dict[str, str],
        start: float,
        *,
        truncate: bool,
    ) -> HttpResponse:
        async with client.stream("GET", url, headers=headers) as response:
            body = bytearray()
            truncated = False
            try:
                async for chunk in response.aiter_raw():
                    body += chunk
            except TooLargeError:
                if not truncate:
                    raise
                truncated = True
            return HttpResponse(
                url=url,
                status=response.status_code,
                headers={
                    k.lower(): v[:4096] for k, v in response.headers.items()
                },
                body=bytes(body[: self._max_bytes]),
                elapsed_s=time.monotonic() - start,
                truncated=truncated,
            )

    def _error(
        self, cause: FetchCause, url: str, limit: float, start: float
    ) -> FetchError:
        sentence = _SENTENCES[cause].format(
            host=httpx.URL(url).host, limit=limit, cap=self._max_bytes // 1024
        )
        return FetchError(cause, sentence, elapsed_s=time.monotonic() - start)


class _GetTransport(httpx.AsyncBaseTransport):
    """`PlatformHttp.get`, in the shape that httpx asks for."""

    def __init__(
        self, http: PlatformHttp, seen: Callable[[HttpResponse], None]
    ) -> None:
        self._http = http
        self._seen = seen

    async def handle_async_request(
        self, request: httpx.Request
    ) -> httpx.Response:
        response = await self._http.get(
            str(request.url), accept=request.headers.get("accept", "*/*")
        )
        self._seen(response)
        return httpx.Response(
            response.status,
            headers={"Content-Type": response.headers.get("content-type", "")},
            content=response.body,
            request=request,
        )

"""httpx, with the bounds that it lacks, and its errors told apart.

The only file that uses httpx.
"""

from __future__ import annotations

import asyncio
import http.cookiejar
import socket
import ssl
import time
from typing import TYPE_CHECKING, Any

import anyio
import httpx

from ... import __version__
from .answers import FetchCause, FetchError, HttpResponse
from .proxies import proxy_for, site_proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from ..environment import LabEnvironment

__all__ = ["Transport", "bridge", "cause_of", "tls_context"]

_MAX_CONNECTIONS = 128
"""More than a site has services: a probe must not wait for its turn."""


class Transport:
    """A pool of connections. Build it in a thread: that takes 0.3 s.

    Parameters
    ----------
    environment
        Names the proxies and the certificates to trust.
    """

    def __init__(self, environment: LabEnvironment) -> None:
        # httpx imports its asyncio backend at the first request: 0.2 s.
        anyio.run(anyio.sleep, 0)
        context = tls_context(environment)
        limits = httpx.Limits(
            max_connections=_MAX_CONNECTIONS,
            max_keepalive_connections=8,
            keepalive_expiry=5.0,
        )

        def transport(proxy: str | None) -> httpx.AsyncBaseTransport:
            return httpx.AsyncHTTPTransport(
                verify=context, limits=limits, proxy=proxy, trust_env=False
            )

        # A login page's cookie must not make the next probe look logged in.
        jar = http.cookiejar.CookieJar(
            http.cookiejar.DefaultCookiePolicy(allowed_domains=[])
        )
        self._client = httpx.AsyncClient(
            transport=_Routed(environment, transport),
            headers={
                "User-Agent": f"rsp-health/{__version__}",
                "Accept-Encoding": "identity",
            },
            cookies=jar,
            follow_redirects=False,
            timeout=None,  # noqa: S113 - each fetch has a total deadline
            trust_env=False,
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def fetch(
        self,
        url: str,
        headers: dict[str, str],
        max_bytes: int,
        *,
        truncate: bool,
        content: bytes | None = None,
    ) -> HttpResponse:
        """Fetch a URL, or send something; the caller sets the deadline.

        Raises
        ------
        FetchError
            Raised with its cause if there is no complete answer.
        """
        start = time.monotonic()
        began = False
        handshake = _Handshake()
        try:
            async with self._client.stream(
                "GET" if content is None else "POST",
                url,
                headers=headers,
                content=content,
                extensions={"trace": handshake.trace},
            ) as response:
                began = True
                body, truncated = await _read(response, max_bytes)
        except asyncio.CancelledError:
            await handshake.abandon()
            raise
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as exc:
            raise FetchError(cause_of(exc, began=began)) from exc
        if truncated and not truncate and response.status_code == 200:
            raise FetchError(
                "too_large",
                f"the answer is larger than {max_bytes // 1024} KiB",
            )
        return HttpResponse(
            url=url,
            status=response.status_code,
            headers={k.lower(): v[:4096] for k, v in response.headers.items()},
            body=body,
            elapsed_s=time.monotonic() - start,
            truncated=truncated,
        )


class _Routed(httpx.AsyncBaseTransport):
    """Sends each request the way that the lab's variables say.

    httpx's own ``mounts`` are patterns of URLs, and break on what may well
    stand in ``no_proxy``, such as ``::1``.
    """

    def __init__(
        self,
        environment: LabEnvironment,
        transport: Callable[[str | None], httpx.AsyncBaseTransport],
    ) -> None:
        self._environment = environment
        self._direct = transport(None)
        self._proxied: httpx.AsyncBaseTransport | None = None
        try:
            proxy = site_proxy(environment)
        except FetchError:
            proxy = None  # Told at each request that would need it.
        if proxy is not None:
            self._proxied = transport(proxy)

    async def handle_async_request(
        self, request: httpx.Request
    ) -> httpx.Response:
        proxied = self._proxied
        if proxied is None or not proxy_for(
            self._environment, str(request.url)
        ):
            return await self._direct.handle_async_request(request)
        return await proxied.handle_async_request(request)

    async def aclose(self) -> None:
        await self._direct.aclose()
        if self._proxied is not None:
            await self._proxied.aclose()


class _Handshake:
    """Closes a socket whose TLS handshake was cut short by the deadline.

    httpcore forgets it then (until the garbage collector comes by): a
    service that hangs there would cost a file descriptor each minute.
    """

    def __init__(self) -> None:
        self._socket: Any = None

    async def trace(self, event: str, info: dict[str, Any]) -> None:
        """Take note of what httpcore does; see its ``trace`` extension."""
        if event.endswith(".connect_tcp.complete"):
            self._socket = info["return_value"]
        elif event.endswith(".start_tls.complete"):
            self._socket = None

    async def abandon(self) -> None:
        """Close the socket, if its handshake is not over."""
        if self._socket is not None:
            await self._socket.aclose()


async def _read(
    response: httpx.Response, max_bytes: int
) -> tuple[bytes, bool]:
    encoding = response.headers.get("content-encoding", "identity")
    if encoding.strip().lower() not in {"", "identity"}:
        if response.status_code != 200:
            return b"", True  # The status says enough.
        # Never inflated: 200 kB of gzip can become 200 MB.
        raise FetchError("bad_content")
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > max_bytes:
            return bytes(body[:max_bytes]), True
    return bytes(body), False


def bridge(
    get: Callable[..., Coroutine[Any, Any, HttpResponse]],
    seen: Callable[[HttpResponse], None],
) -> httpx.AsyncClient:
    """Return an httpx client whose every request is a call of ``get``."""
    return httpx.AsyncClient(
        transport=_GetTransport(get, seen), trust_env=False
    )


class _GetTransport(httpx.AsyncBaseTransport):
    def __init__(
        self,
        get: Callable[..., Coroutine[Any, Any, HttpResponse]],
        seen: Callable[[HttpResponse], None],
    ) -> None:
        self._get = get
        self._seen = seen

    async def handle_async_request(
        self, request: httpx.Request
    ) -> httpx.Response:
        response = await self._get(
            str(request.url), accept=request.headers.get("accept", "*/*")
        )
        self._seen(response)
        return httpx.Response(
            response.status,
            headers={"Content-Type": response.headers.get("content-type", "")},
            content=response.body,
            request=request,
        )


def tls_context(environment: LabEnvironment) -> ssl.SSLContext:
    """Trust what the site names in ``SSL_CERT_FILE``, else the usual roots."""
    file = environment.get("SSL_CERT_FILE")
    folder = environment.get("SSL_CERT_DIR")
    if file or folder:
        try:
            return ssl.create_default_context(cafile=file, capath=folder)
        except OSError:
            pass  # An unreadable bundle: fall back to the usual roots.
    return httpx.create_ssl_context(trust_env=False)


_CAUSES: tuple[tuple[type[BaseException], FetchCause], ...] = (
    (TimeoutError, "timeout"),
    (httpx.TimeoutException, "timeout"),
    (httpx.ProxyError, "proxy"),
    (httpx.InvalidURL, "not_allowed"),
    (httpx.UnsupportedProtocol, "not_allowed"),
    (httpx.LocalProtocolError, "not_allowed"),
)

#: What httpx folds into ``ConnectError``: look at what raised it.
_ROOT_CAUSES: tuple[tuple[type[BaseException], FetchCause], ...] = (
    (socket.gaierror, "dns"),
    (ssl.SSLError, "tls"),
    (ssl.CertificateError, "tls"),
    (ConnectionRefusedError, "refused"),
    (ConnectionResetError, "reset"),
    (BrokenPipeError, "reset"),
    # Hung up before a whole head, or did not speak HTTP.
    (httpx.RemoteProtocolError, "reset"),
    (httpx.ReadError, "reset"),
    (httpx.WriteError, "reset"),
    (httpx.CloseError, "reset"),
)


def cause_of(exc: BaseException, *, began: bool = False) -> FetchCause:
    """Name the cause of an error that httpx or the socket raised.

    Parameters
    ----------
    exc
        The error.
    began
        The answer had begun, so its connection worked.
    """
    for kind, cause in _CAUSES:
        if isinstance(exc, kind):
            return cause
    if began:
        return "reset"
    chain = _chain(exc)
    for kind, cause in _ROOT_CAUSES:
        if any(isinstance(e, kind) for e in chain):
            return cause
    return "network"


def _chain(exc: BaseException) -> list[BaseException]:
    seen: list[BaseException] = []
    todo: list[BaseException | None] = [exc]
    while todo and len(seen) < 50:
        current = todo.pop()
        if current is None or any(current is e for e in seen):
            continue
        seen.append(current)
        todo += [current.__cause__, current.__context__]
        if isinstance(current, BaseExceptionGroup):
            todo += current.exceptions
    return seen

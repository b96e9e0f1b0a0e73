"""httpx, with the bounds that it lacks, and its errors told apart.

Beside `rsp_health.platform.http`, the only file that knows httpx.
"""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING, Literal

import anyio
import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from .environment import LabEnvironment

__all__ = [
    "CappedTransport",
    "FetchCause",
    "TooLargeError",
    "cause_of",
    "prepare",
]

FetchCause = Literal[
    "dns",
    "refused",
    "tls",
    "timeout",
    "reset",
    "network",
    "proxy",
    "bad_content",
    "too_large",
    "not_allowed",
]
"""Why there is no usable answer."""


class TooLargeError(httpx.TransportError):
    """The body is larger than the cap."""


class _EncodedError(httpx.TransportError):
    """The body is compressed although identity was asked for."""


class _BrokenBodyError(httpx.TransportError):
    """The connection broke after the answer had begun."""


class CappedTransport(httpx.AsyncBaseTransport):
    """Refuses compressed bodies and stops reading at the cap."""

    def __init__(
        self, inner: httpx.AsyncBaseTransport, max_bytes: int
    ) -> None:
        self._inner = inner
        self._max_bytes = max_bytes

    async def handle_async_request(
        self, request: httpx.Request
    ) -> httpx.Response:
        """Send the request; the body is capped while it is read."""
        response = await self._inner.handle_async_request(request)
        encoding = response.headers.get("content-encoding", "identity")
        stream = response.stream
        if not isinstance(stream, httpx.AsyncByteStream):  # pragma: no cover
            raise TypeError("an asynchronous transport gave a sync stream")
        if encoding.strip().lower() not in {"", "identity"}:
            await stream.aclose()
            raise _EncodedError("compressed", request=request)
        return httpx.Response(
            status_code=response.status_code,
            headers=response.headers,
            stream=_CappedStream(stream, self._max_bytes),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


class _CappedStream(httpx.AsyncByteStream):
    def __init__(self, inner: httpx.AsyncByteStream, max_bytes: int) -> None:
        self._inner = inner
        self._max_bytes = max_bytes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        seen = 0
        try:
            async for chunk in self._inner:
                seen += len(chunk)
                if seen > self._max_bytes:
                    keep = len(chunk) - (seen - self._max_bytes)
                    yield chunk[:keep]
                    raise TooLargeError("too large")
                yield chunk
        except httpx.RemoteProtocolError as exc:
            raise _BrokenBodyError("broke off") from exc

    async def aclose(self) -> None:
        await self._inner.aclose()


def prepare(environment: LabEnvironment) -> ssl.SSLContext:
    """Do what would stall an event loop, in a thread; return a TLS context.

    The context trusts what the site names in ``SSL_CERT_FILE`` or
    ``SSL_CERT_DIR``, else the usual roots.
    """
    # httpx imports its asyncio backend at the first request: 0.2 s.
    anyio.run(anyio.sleep, 0)
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
    (TooLargeError, "too_large"),
    (_EncodedError, "bad_content"),
    (_BrokenBodyError, "reset"),
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


def cause_of(exc: BaseException) -> FetchCause:
    """Name the cause of an error that httpx or the socket raised."""
    for kind, cause in _CAUSES:
        if isinstance(exc, kind):
            return cause
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

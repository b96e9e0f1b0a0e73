"""A server that misbehaves on purpose, byte by byte.

Frameworks cannot send what this sends: endless heads, broken chunks, resets.
Each request's path names the behaviour, the probe and the seed:
``/<kind>/<probe>/<seed>/…``.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable

__all__ = ["Exchange", "FaultServer", "http_answer"]


def http_answer(
    body: bytes = b"",
    *,
    status: str = "200 OK",
    kind: str | None = "application/json",
    headers: tuple[str, ...] = (),
    length: int | None = None,
) -> bytes:
    """Return a complete HTTP/1.1 answer."""
    lines = [f"HTTP/1.1 {status}"]
    if kind is not None:
        lines.append(f"Content-Type: {kind}")
    lines.append(f"Content-Length: {len(body) if length is None else length}")
    lines += headers
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


@dataclass
class Exchange:
    """One request, and the means to answer it."""

    probe: str
    random: random.Random
    writer: asyncio.StreamWriter
    base: str
    other: str

    async def send(self, data: bytes) -> None:
        """Send bytes, and let the client's reading set the pace."""
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """Close with RST instead of FIN."""
        sock = self.writer.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )
        transport = self.writer.transport
        transport.abort()


@dataclass
class FaultServer:
    """Listens on loopback, answers as told, and remembers each head."""

    behave: Callable[[str, Exchange], Awaitable[None]]
    tls: ssl.SSLContext | None = None
    other: str = ""
    heads: deque[bytes] = field(default_factory=lambda: deque(maxlen=100))
    requests: int = 0
    authorized: int = 0
    _server: asyncio.Server | None = None
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def port(self) -> int:
        """The port that is listened on."""
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """The server's own address."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", 0, ssl=self.tls, backlog=256
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await self._server.wait_closed()

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._writers.add(writer)
        try:
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                self.heads.append(head)
                self.requests += 1
                path = head.split(b" ", 2)[1].decode("latin-1")
                # Only Gafaelfawr's own route is to see the token.
                self.authorized += (
                    b"\nauthorization:" in head.lower()
                    and not path.endswith("/token-info")
                )
                kind, probe, seed, *_ = [*path.strip("/").split("/"), "", ""]
                exchange = Exchange(
                    probe=probe,
                    # Repeatable, not secret.
                    random=random.Random(  # noqa: S311
                        f"{kind}/{probe}/{seed}"
                    ),
                    writer=writer,
                    base=self.url,
                    other=self.other,
                )
                await self.behave(kind, exchange)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

"""A server on a port of this machine that says what a test tells it."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

__all__ = ["answer", "closed_port", "talking"]


def answer(status: str = "200 OK", *headers: str) -> bytes:
    """Return an answer in HTTP, without a body."""
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode()


@contextlib.contextmanager
def talking(*said: bytes, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serve one connection: hear something, say something, in turn.

    Yields
    ------
    int
        The port. A server that says nothing keeps its connection open.
    """
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                stream, _ = server.accept()
                with stream:
                    stream.settimeout(60)
                    if tls is not None:
                        stream = tls.wrap_socket(stream, server_side=True)
                    for words in said:
                        stream.recv(65_536)
                        stream.sendall(words)
                    if not said:
                        done.wait(60)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            done.set()
            # An accept that nobody came for is let go.
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            thread.join(60)


def closed_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port

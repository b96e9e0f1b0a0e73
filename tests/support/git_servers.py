"""Servers that git asks and that do not deliver, one behaviour each."""

from __future__ import annotations

import contextlib
import http.server
import socket
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["REFUSALS", "Handler", "Server", "answer", "serving"]


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers every request in the way that its server was told."""

    def do_GET(self) -> None:
        behaviour = self.server.behaviour  # type: ignore[attr-defined]
        behaviour(self)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Server(http.server.ThreadingHTTPServer):
    """A server with one behaviour."""

    daemon_threads = True
    behaviour: Callable[[Handler], None]


def answer(
    status: int, *headers: tuple[str, str], body: bytes = b""
) -> Callable[[Handler], None]:
    def behave(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in headers:
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return behave


def cut_short(handler: Handler) -> None:
    """Promise more than is sent."""
    handler.send_response(200)
    handler.send_header(
        "Content-Type", "application/x-git-upload-pack-advertisement"
    )
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"001e# service=git-upload-pack\n0000")


def reset(handler: Handler) -> None:
    """Close without an answer."""
    handler.connection.shutdown(socket.SHUT_RDWR)


def login_page(handler: Handler) -> None:
    """Send everybody to a page of HTML, as Gafaelfawr does."""
    if handler.path.startswith("/login"):
        answer(200, ("Content-Type", "text/html"), body=b"<html>Log in")(
            handler
        )
    else:
        answer(302, ("Location", "/login"))(handler)


#: By name: what a server does, and what we call that.
REFUSALS: dict[str, tuple[Callable[[Handler], None], str]] = {
    "401": (answer(401, ("WWW-Authenticate", "Basic realm=x")), "auth"),
    "403": (answer(403), "auth"),
    "404": (answer(404), "no_such_repository"),
    "500": (answer(500), "server_error"),
    "503": (answer(503), "server_error"),
    "text": (answer(200, body=b"hello"), "no_such_ref"),
    "login-page": (login_page, "redirected"),
    "cut-short": (cut_short, "interrupted_transfer"),
    "reset": (reset, "interrupted_transfer"),
    "to-a-file": (
        answer(302, ("Location", "file:///etc")),
        "protocol_not_allowed",
    ),
    "to-ftp": (
        answer(302, ("Location", "ftp://localhost/")),
        "protocol_not_allowed",
    ),
}


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    """Run a server on a free port; its ``behaviour`` is set by the caller."""
    with Server(("127.0.0.1", 0), Handler) as found:
        thread = threading.Thread(target=found.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield found
        finally:
            found.shutdown()
            thread.join()

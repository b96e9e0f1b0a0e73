"""Real servers that refuse, fail, lie, hang or cannot be trusted."""

from __future__ import annotations

import http.server
import shutil
import socket
import ssl
import subprocess
import threading
from typing import TYPE_CHECKING

import pytest

from rsp_health.checkout import clone as clone_module
from rsp_health.checkout import updates as updates_module
from rsp_health.errors import RSPHealthError
from tests.faults.checkout.oracle import read_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rsp_health.checkout.service import CheckoutService

    type Make = Callable[..., CheckoutService]

ID = "system-test"


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


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as found:
        thread = threading.Thread(target=found.serve_forever, args=(0.01,))
        thread.start()
        yield found
        found.shutdown()
        thread.join()


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


@pytest.mark.parametrize(
    ("behaviour", "codes"),
    [
        (answer(401, ("WWW-Authenticate", "Basic realm=x")), {"auth"}),
        (answer(403), {"auth"}),
        (answer(404), {"no_such_repository"}),
        (answer(500), {"server_error"}),
        (answer(503), {"server_error"}),
        (answer(200, body=b"hello"), {"no_such_ref"}),
        (login_page, {"redirected"}),
        (cut_short, {"interrupted_transfer"}),
        (reset, {"interrupted_transfer"}),
        (answer(302, ("Location", "file:///etc")), {"protocol_not_allowed"}),
        (
            answer(302, ("Location", "ftp://localhost/")),
            {"protocol_not_allowed"},
        ),
    ],
)
def test_a_server_that_does_not_deliver(
    make: Make,
    server: Server,
    behaviour: Callable[[Handler], None],
    codes: set[str],
) -> None:
    server.behaviour = behaviour
    url = f"http://127.0.0.1:{server.server_port}/x.git"
    service = make(url=url, allowed=["http"])
    tree = service.directory(ID)
    tree.mkdir(parents=True)
    (tree / "mine.txt").write_text("mine")
    found = service.inspect(ID)
    assert found.upstream_error is not None
    assert {found.upstream_error.error} == codes
    with pytest.raises(RSPHealthError) as caught:
        service.checkout(ID, fingerprint=found.fingerprint)
    assert {caught.value.code} == codes
    assert caught.value.hint
    assert "127.0.0.1" not in caught.value.message
    assert read_tree(tree) == {"mine.txt": read_tree(tree)["mine.txt"]}


def test_a_server_that_hangs(
    make: Make, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = threading.Event()

    def hang(handler: Handler) -> None:
        ended.wait(60)

    server.behaviour = hang
    monkeypatch.setattr(updates_module, "REMOTE_LIMIT", 0.3)
    monkeypatch.setattr(clone_module, "CLONE_LIMIT", 0.3)
    url = f"http://127.0.0.1:{server.server_port}/x.git"
    service = make(url=url, allowed=["http"])
    try:
        found = service.inspect(ID)
        assert found.upstream_error is not None
        assert found.upstream_error.error == "timeout"
        with pytest.raises(RSPHealthError) as caught:
            service.checkout(ID, fingerprint=None)
        assert caught.value.code == "timeout"
    finally:
        ended.set()


def test_nobody_listens(make: Make) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/x.git"
        with pytest.raises(RSPHealthError) as caught:
            make(url=url, allowed=["http"]).checkout(ID, fingerprint=None)
    assert caught.value.code == "offline"


@pytest.mark.skipif(
    shutil.which("openssl") is None, reason="needs openssl for a certificate"
)
def test_a_certificate_of_its_own(
    make: Make, server: Server, tmp_path: Path
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-subj",
            "/CN=localhost",
            "-days",
            "1",
            "-keyout",
            str(key),
            "-out",
            str(certificate),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.behaviour = answer(200)
    url = f"https://127.0.0.1:{server.server_port}/x.git"
    with pytest.raises(RSPHealthError) as caught:
        make(url=url, allowed=["https"]).checkout(ID, fingerprint=None)
    assert caught.value.code == "tls"

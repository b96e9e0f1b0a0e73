"""Real servers that refuse, fail, lie, hang or cannot be trusted."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from typing import TYPE_CHECKING

import pytest

from rsp_health.checkout import updates as updates_module
from rsp_health.checkout.change import clone as clone_module
from rsp_health.errors import RSPHealthError
from tests.faults.checkout.oracle import read_tree
from tests.support.git_servers import REFUSALS, answer, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rsp_health.checkout.service import CheckoutService
    from tests.support.git_servers import Handler, Server

    type Make = Callable[..., CheckoutService]

ID = "system-test"


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as found:
        yield found


@pytest.mark.parametrize("name", REFUSALS)
def test_a_server_that_does_not_deliver(
    make: Make,
    server: Server,
    name: str,
) -> None:
    server.behaviour, code = REFUSALS[name]
    url = f"http://127.0.0.1:{server.server_port}/x.git"
    service = make(url=url, allowed=["http"])
    tree = service.directory(ID)
    tree.mkdir(parents=True)
    (tree / "mine.txt").write_text("mine")
    found = service.inspect(ID)
    assert found.upstream_error is not None
    assert {found.upstream_error.error} == {code}
    with pytest.raises(RSPHealthError) as caught:
        service.checkout(ID, fingerprint=found.fingerprint)
    assert {caught.value.code} == {code}
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

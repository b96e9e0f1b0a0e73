from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from rsp_health.errors import BadInputError, EnvironmentFailureError
from rsp_health.sandbox.app import SandboxServer
from rsp_health.sandbox.scenarios import SCENARIOS


def test_it_listens_on_loopback_only() -> None:
    with SandboxServer() as server:
        assert httpx.URL(server.url).host == "127.0.0.1"
        names = {s.getsockname()[0] for s in server._sockets}
    assert names == {"127.0.0.1"}


def test_stop_frees_the_port_and_the_disk(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    server = SandboxServer(scratch=scratch)
    server.start()
    port = httpx.URL(server.url).port
    assert port
    mounts = server.lab_environment(tmp_path)["NUBLADO_RUNTIME_MOUNTS_DIR"]
    assert Path(mounts).is_relative_to(scratch)
    server.stop()
    server.stop()
    assert not scratch.exists()
    with SandboxServer(port=port) as again:
        assert httpx.get(again.url).status_code == 200


def test_start_twice_is_one_start(tmp_path: Path) -> None:
    with SandboxServer(scratch=tmp_path / "scratch") as server:
        url = server.url
        server.start()
        assert server.url == url


def test_taken_port_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(EnvironmentFailureError) as caught:
            SandboxServer(port=port, scratch=scratch).start()
    assert caught.value.code == "port_taken"
    assert str(port) in caught.value.message
    assert not scratch.exists()


def test_unknown_scenario_is_told_at_once() -> None:
    with pytest.raises(BadInputError) as caught:
        SandboxServer(scenario="no-such")
    assert caught.value.code == "no_such_scenario"
    with SandboxServer() as server, pytest.raises(BadInputError):
        server.set_scenario("no-such")


def test_stop_ends_requests_that_wait() -> None:
    """A request waits in `slow` while the sandbox stops: it is cut."""
    server = SandboxServer(scenario="slow")
    server.start()
    url = httpx.URL(server.url)
    request = b"GET /api/tap/availability HTTP/1.1\r\nHost: x\r\n\r\n"
    with socket.create_connection((url.host, url.port or 0)) as waiting:
        waiting.sendall(request)
        # Connections are taken in order: an answer to a later one means
        # that this one is being handled.
        control = httpx.get(f"{server.url}/sandbox/scenario", timeout=30)
        assert control.json()["scenario"] == "slow"
        server.stop()
        waiting.settimeout(30)
        assert waiting.recv(1024) == b""
    assert [
        t.name for t in threading.enumerate() if t.name == "rsp-sandbox"
    ] == []


def test_clients_that_leave_do_not_disturb(tmp_path: Path) -> None:
    with SandboxServer(scenario="slow", scratch=tmp_path / "s") as server:
        for _ in range(5):
            with pytest.raises(httpx.ReadTimeout):
                httpx.get(f"{server.url}/api/tap/availability", timeout=0.1)
        server.set_scenario("healthy")
        answer = httpx.get(f"{server.url}/api/tap/availability")
    assert answer.status_code == 200
    assert "true" in answer.text


def test_switching_under_load() -> None:
    """Every answer is one that some scenario gives; none is a 500 of ours."""
    allowed = {200, 302, 400, 401, 403, 404, 429, 500, 503}
    quick = [n for n in SCENARIOS if n not in {"slow", "unreachable"}]
    paths = ["/api/tap/availability", "/api/cutout/availability", "/"]
    with SandboxServer() as server:
        token = server.state.lab_token
        done = threading.Event()

        def load(path: str) -> set[int]:
            headers = {"Authorization": f"Bearer {token}"}
            with httpx.Client(base_url=server.url, headers=headers) as client:
                seen = set()
                while not done.is_set():
                    seen.add(client.get(path).status_code)
                return seen

        with ThreadPoolExecutor(3) as pool:
            loads = [pool.submit(load, path) for path in paths]
            with httpx.Client(base_url=server.url) as control:
                for name in quick * 2:
                    body = {"scenario": name}
                    put = control.put("/sandbox/scenario", json=body)
                    assert put.json()["scenario"] == name
                    answer = control.get("/semaphore/v1/broadcasts")
                    assert answer.status_code in allowed
            done.set()
            seen = set().union(*(future.result() for future in loads))
        server.set_scenario("healthy")
        assert httpx.get(server.url).status_code == 200
    assert seen <= allowed
    assert 200 in seen


def test_quotas_hold_when_many_ask_at_once() -> None:
    with SandboxServer() as server:
        headers = {"Authorization": f"Bearer {server.state.lab_token}"}
        url = f"{server.url}/api/cutout/availability"
        with (
            httpx.Client(headers=headers) as client,
            ThreadPoolExecutor(4) as pool,
        ):
            asked = [pool.submit(client.get, url) for _ in range(40)]
            statuses = sorted(a.result().status_code for a in asked)
    assert statuses == [200] * 35 + [429] * 5

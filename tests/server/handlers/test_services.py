"""The table of services over HTTP, on the sandbox RSP."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.sandbox.app import SandboxServer
from tests.support.events import EventRecorder

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from jupyter_server.serverapp import ServerApp

    type Call = Callable[..., Awaitable[tuple[int, Any]]]


@pytest.fixture(scope="module")
def platform() -> Iterator[SandboxServer]:
    with SandboxServer() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(platform: SandboxServer) -> SandboxServer:
    platform.set_scenario("healthy")
    platform.state.requests.clear()
    return platform


@pytest.fixture
def lab_environment(
    sandbox: SandboxServer, jp_environ: None, tmp_path: Path, monkeypatch: Any
) -> None:
    variables = sandbox.lab_environment(tmp_path / "home")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def rows(document: dict[str, Any]) -> dict[str, str]:
    return {row["id"]: row["state"] for row in document["services"]}


async def test_table(call: Call, sandbox: SandboxServer) -> None:
    status, document = await call("GET", "services")
    assert (status, document["schema"]) == (200, "rsp-health.status/1")
    status, document = await call("POST", "services/refresh", {})
    assert status == 200
    states = rows(document)
    assert states["tap"] == "up"
    assert "down" not in states.values()
    assert sandbox.state.lab_token not in str(document)


async def test_refresh_of_one_service(
    call: Call, sandbox: SandboxServer
) -> None:
    status, body = await call(
        "POST", "services/refresh", {"services": ["nonesuch"]}
    )
    assert (status, body["error"]) == (404, "no_such_service")
    await call("POST", "services/refresh", {"services": ["tap"]})
    paths = Counter(r["path"] for r in sandbox.state.requests)
    before = paths["/api/tap/availability"]
    await call("POST", "services/refresh", {"services": ["tap"]})
    paths = Counter(r["path"] for r in sandbox.state.requests)
    assert paths["/api/tap/availability"] == before + 1


async def test_a_query_of_one_service(
    call: Call, sandbox: SandboxServer, jp_serverapp: ServerApp
) -> None:
    recorder = EventRecorder(jp_serverapp.event_logger)
    sandbox.set_scenario("tap-queries-fail")
    status, document = await call("POST", "services/query", {"service": "tap"})
    assert status == 200
    row = next(r for r in document["services"] if r["id"] == "tap")
    assert row["query"]["state"] == "failed"
    assert row["state"] == "degraded"
    await recorder.until(
        "service", lambda e: (e["id"], e["state"]) == ("tap", "degraded")
    )
    for body, refusal in (
        ({"service": "nonesuch"}, (404, "no_such_service")),
        ({"service": "sia:dp1"}, (422, "no_query")),
        ({}, (422, "invalid_request")),
    ):
        status, answer = await call("POST", "services/query", body)
        assert (status, answer["error"]) == refusal


async def test_a_change_is_published(
    call: Call, sandbox: SandboxServer, jp_serverapp: ServerApp
) -> None:
    recorder = EventRecorder(jp_serverapp.event_logger)
    await call("POST", "services/refresh", {})
    sandbox.set_scenario("tap-down")
    for _ in range(3):
        _, document = await call(
            "POST", "services/refresh", {"services": ["tap"]}
        )
    assert rows(document)["tap"] == "down"
    event = await recorder.until(
        "service", lambda e: e["id"] == "tap" and e["state"] == "down"
    )
    assert event["previous"] in {"up", "degraded", "unknown"}


async def test_twenty_tabs_are_one_call(
    call: Call, sandbox: SandboxServer
) -> None:
    answers = await asyncio.gather(
        *(call("GET", "services") for _ in range(20))
    )
    assert {status for status, _ in answers} == {200}
    # Once the first round is over, all further polls come from memory.
    await call("POST", "services/refresh", {"services": ["tap"]})
    sandbox.state.requests.clear()
    await asyncio.gather(*(call("GET", "services") for _ in range(20)))
    asked = Counter(r["path"] for r in sandbox.state.requests)
    assert max(asked.values(), default=0) <= 1  # the monitor's own round


async def test_first_round_asks_each_service_once(
    call: Call, sandbox: SandboxServer
) -> None:
    await asyncio.gather(*(call("GET", "services") for _ in range(20)))
    seen = [r["path"] for r in sandbox.state.requests]
    assert seen.count("/api/tap/availability") == 1
    assert seen.count("/repertoire/discovery") <= 1


@pytest.mark.slow
async def test_polling_is_no_activity(
    call: Call, jp_serverapp: ServerApp
) -> None:
    await call("GET", "services")
    before = jp_serverapp.web_app.last_activity()
    for _ in range(100):
        for _ in range(10):
            await call("GET", "services")
    assert jp_serverapp.web_app.last_activity() == before
    # What a person does, counts.
    await call("POST", "services/refresh", {"services": ["tap"]})
    assert jp_serverapp.web_app.last_activity() > before


async def test_quota_and_broadcasts(
    call: Call, sandbox: SandboxServer
) -> None:
    status, quota = await call("GET", "quota")
    assert (status, quota["schema"]) == (200, "rsp-health.quota/1")
    assert quota["token"]["state"] == "valid"
    assert quota["token"]["username"] == "vrubin"
    assert sandbox.state.lab_token not in str(quota)
    sandbox.set_scenario("maintenance")
    status, news = await call("GET", "broadcasts")
    assert (status, news["schema"]) == (200, "rsp-health.broadcasts/1")
    assert news["broadcasts"]


@pytest.mark.parametrize(
    "scenario", ["everything-down", "unreachable", "login-page", "minimal"]
)
async def test_no_platform_is_no_error(
    call: Call, sandbox: SandboxServer, scenario: str
) -> None:
    sandbox.set_scenario(scenario)
    for path in ("services", "quota", "broadcasts", "info"):
        status, _ = await call("GET", path)
        assert status == 200, path


async def test_the_token_is_told_to_nobody(
    call: Call,
    sandbox: SandboxServer,
    jp_serverapp: ServerApp,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    recorder = EventRecorder(jp_serverapp.event_logger)
    answers: list[Any] = []
    for scenario in sandbox.scenarios():
        if scenario == "slow":
            continue
        sandbox.set_scenario(scenario)
        body = {"services": ["nonesuch"]}
        answers.append(await call("POST", "services/refresh", body))
        answers.append(await call("POST", "services/refresh", {}))
        paths = ("services", "quota", "broadcasts", "info")
        answers += [await call("GET", path) for path in paths]
    assert {status for status, _ in answers} <= {200, 404}
    secret = sandbox.state.lab_token.partition(".")[2]
    assert secret
    assert secret not in str(answers)
    assert secret not in str(recorder.events)
    assert secret not in caplog.text
    files = [p for p in (tmp_path / "rsp-health").rglob("*") if p.is_file()]
    assert files
    assert not [p for p in files if secret.encode() in p.read_bytes()]


async def test_the_last_day_of_a_service(
    call: Call, sandbox: SandboxServer
) -> None:
    await call("POST", "services/refresh", {"services": ["tap"]})
    sandbox.state.requests.clear()
    status, document = await call(
        "GET", "services/history", params={"service": "tap"}
    )
    assert (status, document["schema"]) == (
        200,
        "rsp-health.service-history/1",
    )
    newest = document["half_hours"][-1]
    assert (newest["state"], newest["not_passed"]) == ("up", 0)
    assert document["begins_at"] < newest["start"] <= document["observed_at"]
    paths = Counter(r["path"] for r in sandbox.state.requests)
    assert not paths["/api/tap/availability"], "it is told from memory"
    for name in ("nonesuch", ""):
        status, answer = await call(
            "GET", "services/history", params={"service": name}
        )
        assert (status, answer["error"]) == (404, "no_such_service")

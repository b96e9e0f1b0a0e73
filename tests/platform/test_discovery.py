from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from rsp_health.platform.discovery import DiscoveryService
from rsp_health.platform.environment import LabEnvironment
from rsp_health.sandbox.app import SandboxServer
from tests.faults.status.server import Exchange, FaultServer, http_answer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from rsp_health.platform.models import Discovery


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def running() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


@pytest.fixture
def sandbox(running: SandboxServer) -> Iterator[SandboxServer]:
    running.state.requests.clear()
    yield running
    running.set_scenario("healthy")


def _environment(
    sandbox: SandboxServer, *mounts: Path, **variables: str
) -> LabEnvironment:
    return LabEnvironment(
        variables={"EXTERNAL_INSTANCE_URL": sandbox.url, **variables},
        mounts=mounts,
    )


def _use[T](
    service: DiscoveryService,
    use: Callable[[DiscoveryService], Awaitable[T]],
) -> T:
    async def run() -> T:
        try:
            return await use(service)
        finally:
            await service.aclose()

    return asyncio.run(run())


def _asked(sandbox: SandboxServer) -> int:
    return sum(
        r["path"] == "/repertoire/discovery" for r in sandbox.state.requests
    )


async def _get(service: DiscoveryService) -> Discovery:
    return await service.get()


def test_the_platform_is_asked_and_the_answer_is_kept(
    sandbox: SandboxServer, tmp_path: Path
) -> None:
    environment = _environment(sandbox)
    service = DiscoveryService(environment=environment, cache_dir=tmp_path)

    found = _use(service, _get)

    assert found.state == "fresh"
    assert found.message == ""
    assert found.environment_name == "rsp-sandbox"
    assert found.applications is not None
    assert "tap" in found.applications
    assert found.datasets["dp1"].services["tap"].url.endswith("/api/tap")

    # Another process within five minutes asks nobody.
    sandbox.state.requests.clear()
    again = DiscoveryService(environment=environment, cache_dir=tmp_path)
    assert again.applications() == frozenset(found.applications)
    assert _use(again, _get).state == "fresh"
    assert _asked(sandbox) == 0


def test_many_questions_at_once_ask_once(
    sandbox: SandboxServer, tmp_path: Path
) -> None:
    async def use(service: DiscoveryService) -> set[str]:
        found = await asyncio.gather(*(service.get() for _ in range(20)))
        return {f.state for f in found}

    service = DiscoveryService(
        environment=_environment(sandbox), cache_dir=tmp_path
    )

    assert _use(service, use) == {"fresh"}
    assert _asked(sandbox) == 1


def test_an_old_answer_is_marked_when_there_is_no_new_one(
    sandbox: SandboxServer, tmp_path: Path
) -> None:
    clock = Clock()

    async def use(service: DiscoveryService) -> list[Discovery]:
        seen = [await service.get()]
        sandbox.set_scenario("discovery-down")
        clock.now += 400
        seen.append(await service.get())
        asked = _asked(sandbox)
        clock.now += 5
        seen.append(await service.get())
        assert _asked(sandbox) == asked  # Not nagged while it fails.
        clock.now += 30
        sandbox.set_scenario("healthy")
        seen.append(await service.get())
        return seen

    service = DiscoveryService(
        environment=_environment(sandbox), cache_dir=tmp_path, clock=clock
    )

    first, old, older, new = _use(service, use)

    assert [first.state, old.state, older.state, new.state] == [
        "fresh",
        "stale",
        "stale",
        "fresh",
    ]
    assert old.applications == first.applications
    assert (old.age_s, older.age_s, new.age_s) == (400.0, 405.0, 0.0)
    assert "HTTP 503" in old.message
    assert new.message == ""


def test_the_lab_s_own_file_is_the_last_resort(
    sandbox: SandboxServer, tmp_path: Path
) -> None:
    sandbox.set_scenario("discovery-down")
    mount = tmp_path / "nublado"
    (mount / "discovery").mkdir(parents=True)
    (mount / "discovery" / "v1.json").write_text(
        json.dumps(
            {
                "datasets": {
                    "dp1": {
                        "services": {"tap": {"url": f"{sandbox.url}/api/tap"}}
                    }
                }
            }
        )
    )
    service = DiscoveryService(
        environment=_environment(sandbox, mount), cache_dir=tmp_path / "c"
    )

    found = _use(service, _get)

    assert found.state == "file"
    assert found.applications is None
    assert list(found.datasets) == ["dp1"]
    assert "does not list the applications" in found.message
    assert service.applications() is None


@pytest.mark.parametrize("scenario", ["discovery-down", "unreachable"])
def test_without_any_source_it_says_so(
    sandbox: SandboxServer, tmp_path: Path, scenario: str
) -> None:
    sandbox.set_scenario(scenario)
    service = DiscoveryService(
        environment=_environment(sandbox), cache_dir=tmp_path
    )

    found = _use(service, _get)

    assert (found.state, found.applications) == ("none", None)
    assert found.message.startswith("Service discovery could not be read: ")


def test_outside_a_lab_nothing_is_known(tmp_path: Path) -> None:
    service = DiscoveryService(
        environment=LabEnvironment(variables={}, mounts=()),
        cache_dir=tmp_path,
    )

    found = _use(service, _get)

    assert found.state == "none"
    assert "does not say where" in found.message


def test_an_empty_document_is_an_answer(
    sandbox: SandboxServer, tmp_path: Path
) -> None:
    sandbox.set_scenario("empty-discovery")
    service = DiscoveryService(
        environment=_environment(sandbox), cache_dir=tmp_path
    )

    found = _use(service, _get)

    assert (found.state, found.applications) == ("fresh", ())


@pytest.mark.parametrize(
    "content",
    [
        "",
        "no json",
        "[]",
        "{}",
        '{"url": "https://elsewhere/repertoire", "document": {}}',
        '{"url": "%s", "fetched_at": "yesterday", "document": {}}',
        '{"url": "%s", "fetched_at": "2026-01-01T00:00:00", "document": {}}',
        '{"url": "%s", "fetched_at": "2026-01-01T00:00:00Z", "document": 5}',
        "[" * 100_000,
    ],
)
def test_a_spoilt_copy_is_passed_over(
    sandbox: SandboxServer, tmp_path: Path, content: str
) -> None:
    text = content.replace("%s", f"{sandbox.url}/repertoire")
    (tmp_path / "discovery.json").write_text(text)
    service = DiscoveryService(
        environment=_environment(sandbox), cache_dir=tmp_path
    )

    assert _use(service, _get).state == "fresh"


def test_a_copy_from_the_future_is_not_fresh(
    sandbox: SandboxServer, tmp_path: Path
) -> None:
    (tmp_path / "discovery.json").write_text(
        json.dumps(
            {
                "url": f"{sandbox.url}/repertoire",
                "fetched_at": "2999-01-01T00:00:00+00:00",
                "document": {"applications": ["old"]},
            }
        )
    )
    sandbox.set_scenario("discovery-down")
    service = DiscoveryService(
        environment=_environment(sandbox), cache_dir=tmp_path
    )

    found = _use(service, _get)

    assert (found.state, found.applications) == ("stale", ("old",))


def test_a_copy_that_cannot_be_kept_is_no_failure(
    sandbox: SandboxServer, tmp_path: Path
) -> None:
    blocker = tmp_path / "cache"
    blocker.write_text("a file where a folder should be")
    service = DiscoveryService(
        environment=_environment(sandbox), cache_dir=blocker
    )

    assert _use(service, _get).state == "fresh"


def test_who_cannot_wait_asks_nobody(
    sandbox: SandboxServer, tmp_path: Path
) -> None:
    service = DiscoveryService(
        environment=_environment(sandbox), cache_dir=tmp_path
    )

    assert service.applications(ask=False) is None
    assert _asked(sandbox) == 0
    asked = service.applications()
    assert asked
    assert service.applications(ask=False) == asked


def test_who_has_little_patience_gets_the_old_answer(tmp_path: Path) -> None:
    async def run() -> None:
        answer = asyncio.Event()

        async def behave(_: str, exchange: Exchange) -> None:
            await answer.wait()
            await exchange.send(http_answer(b'{"applications": ["new"]}'))

        async with FaultServer(behave) as server:
            (tmp_path / "discovery.json").write_text(
                json.dumps(
                    {
                        "url": f"{server.url}/repertoire",
                        "fetched_at": "2020-01-01T00:00:00+00:00",
                        "document": {"applications": ["old"]},
                    }
                )
            )
            service = DiscoveryService(
                environment=LabEnvironment(
                    variables={"EXTERNAL_INSTANCE_URL": server.url}, mounts=()
                ),
                cache_dir=tmp_path,
            )
            early = await service.get(patience_s=0.01)
            assert (early.state, early.applications) == ("stale", ("old",))
            answer.set()
            late = await service.get()
            assert (late.state, late.applications) == ("fresh", ("new",))
            assert server.requests == 1
            await service.aclose()

    asyncio.run(run())


def test_the_terminal_asks_when_it_has_no_copy(
    sandbox: SandboxServer, tmp_path: Path
) -> None:
    service = DiscoveryService(
        environment=_environment(sandbox), cache_dir=tmp_path
    )

    names = service.applications()

    assert names is not None
    assert {"tap", "sia"} <= names

"""Whatever the platform's own services answer, the panel goes on."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.platform.discovery import DiscoveryService
from rsp_health.platform.environment import LabEnvironment
from rsp_health.status.service import StatusService
from tests.faults.status.server import Exchange, FaultServer, http_answer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

_DEEP = b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
_LABEL = "x" * 70


class Platform:
    """Answers by path; what is not told is 404."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        #: Discovery waits for it.
        self.gate = asyncio.Event()
        self.asked = asyncio.Event()
        self.gate.set()
        self.server = FaultServer(self._behave)

    async def _behave(self, kind: str, exchange: Exchange) -> None:
        del kind
        path = self.server.heads[-1].split(b" ", 2)[1].decode()
        answer = self.answers.get(path.partition("?")[0])
        if path.startswith("/repertoire/discovery"):
            self.asked.set()
            await self.gate.wait()
        if answer is None:
            await exchange.send(http_answer(status="404 Not Found"))
        elif isinstance(answer, asyncio.Event):
            await answer.wait()
        else:
            body = (
                answer
                if isinstance(answer, bytes)
                else json.dumps(answer).encode()
            )
            await exchange.send(http_answer(body))


def _use(
    tmp_path: Path,
    use: Callable[[Platform, StatusService], Awaitable[None]],
) -> None:
    async def run() -> None:
        platform = Platform()
        async with platform.server as server:
            environment = LabEnvironment(
                variables={
                    "EXTERNAL_INSTANCE_URL": server.url,
                    "NUBLADO_TOKEN": "gt-hostile",
                },
                mounts=(),
            )
            discovery = DiscoveryService(
                environment=environment, cache_dir=tmp_path
            )
            status = StatusService(
                environment=environment, discovery=discovery
            )
            try:
                await use(platform, status)
            finally:
                await status.aclose()
                await discovery.aclose()

    asyncio.run(run())


async def _ask_everything(status: StatusService) -> None:
    for question in (
        status.snapshot(),
        status.refresh(),
        status.quota(),
        status.broadcasts(),
    ):
        document = await question
        assert document.model_dump_json()


_DISCOVERIES: dict[str, Any] = {
    "deep": _DEEP,
    "a list": b"[]",
    "not UTF-8": b'{"applications":["\xff"]}',
    "lone surrogates": b'{"applications":["tap","\\ud800"]}',
    "no numbers": b'{"applications":NaN,"datasets":Infinity}',
    "names that DNS cannot hold": {
        "services": {
            "internal": {
                "gafaelfawr": {
                    "url": "https://a..b.example/",
                    "versions": {"v1": {"url": f"https://{_LABEL}.org/"}},
                },
                "semaphore": {"url": f"https://{_LABEL}.example/"},
                "mobu": {"url": "https://a..example:99999/"},
            }
        },
        "datasets": {
            "x": {"services": {"tap": {"url": f"https://{_LABEL}.org/"}}}
        },
    },
}


@pytest.mark.parametrize("document", _DISCOVERIES.values(), ids=_DISCOVERIES)
def test_no_discovery_document_breaks_anything(
    tmp_path: Path, document: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def use(platform: Platform, status: StatusService) -> None:
        platform.answers["/repertoire/discovery"] = document
        await _ask_everything(status)
        for row in (await status.snapshot()).services:
            assert row.state != "up"

    _use(tmp_path, use)
    assert "Traceback" not in caplog.text


def test_a_platform_whose_discovery_hangs_is_probed_all_the_same(
    tmp_path: Path,
) -> None:
    async def use(platform: Platform, status: StatusService) -> None:
        platform.answers["/repertoire/discovery"] = asyncio.Event()
        document = await status.snapshot()
        rows = {row.id: row.evidence for row in document.services}
        assert set(rows) == {"gafaelfawr", "nublado", "repertoire"}
        assert "HTTP 404" in rows["gafaelfawr"]
        assert document.discovery.state == "none"

    _use(tmp_path, use)


def test_what_is_asked_at_once_waits_to_hear_what_is_deployed(
    tmp_path: Path,
) -> None:
    async def use(platform: Platform, status: StatusService) -> None:
        platform.gate.clear()
        platform.answers["/repertoire/discovery"] = {"applications": ["tap"]}
        first = asyncio.create_task(status.snapshot())
        await platform.asked.wait()
        others = asyncio.gather(status.broadcasts(), status.quota())
        platform.gate.set()
        news, quota = await others
        await first
        assert news.state == "not_deployed"
        assert quota.test_bots is not None
        assert quota.test_bots.state == "not_deployed"

    _use(tmp_path, use)


def test_a_client_that_fails_is_asked_again_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def use(platform: Platform, status: StatusService) -> None:
        platform.answers["/repertoire/discovery"] = {"applications": ["tap"]}
        with monkeypatch.context() as broken:
            broken.setattr(
                "rsp_health.platform.discovery._official_client", _broken
            )
            found = await status.refresh()
            assert found.discovery.state == "none"
            assert "could not be read" in found.discovery.message
        deployed = status._deployed
        now = deployed._clock()
        monkeypatch.setattr(deployed, "_clock", lambda: now + 60)
        found = await status.refresh()
        assert found.discovery.state == "fresh"
        assert "tap" in {row.id for row in found.services}

    _use(tmp_path, use)


def _broken() -> None:
    raise RuntimeError("a bug of another package")


def test_a_first_round_that_fails_is_not_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def use(platform: Platform, status: StatusService) -> None:
        platform.answers["/repertoire/discovery"] = {"applications": ["tap"]}
        with monkeypatch.context() as broken:
            broken.setattr("rsp_health.status.service.resolve", _broken)
            with pytest.raises(TypeError):
                await status.refresh()
        found = await status.refresh()
        assert "tap" in {row.id for row in found.services}

    _use(tmp_path, use)


_BOTS = {"name": "x", "success_count": 10**400, "failure_count": 10**400}
_TEXT = {"gfm": "\u202e<b>hi</b> \x1b[31m &lt;script&gt; \ud800"}
_ANSWERS: dict[str, dict[str, Any]] = {
    "deep": {
        "/auth/api/v1/token-info": _DEEP,
        "/auth/api/v1/user-info": _DEEP,
        "/auth/api/v1/quota-overrides": _DEEP,
        "/semaphore/v1/broadcasts": _DEEP,
        "/semaphore/v1/notifications/messages": _DEEP,
    },
    "huge": {
        "/auth/api/v1/token-info": {
            "scopes": ["exec:admin"],
            "expires": 10**30,
        },
        "/auth/api/v1/user-info": {
            "groups": 5,
            "quota": {
                "api": {"tap": 10**40, "x" * 500: 5, "\u202ea": 3, "y": -1},
                "notebook": {"cpu": True, "memory": 1e300},
                "tap": {"qserv": {"concurrent": 10**50}},
                "disk": {"/home": 10**60},
            },
        },
        "/auth/api/v1/quota-overrides": {"default": [], "bypass": 5},
        "/mobu/summary": {"flocks": [_BOTS, {"name": 5}, None]},
    },
    "odd": {
        "/auth/api/v1/token-info": (
            b'{"expires":NaN,"scopes":[["a"],{"name":{}},"\\ud800"]}'
        ),
        "/auth/api/v1/user-info": (
            b'{"groups":[{"name":["x"]}],"quota":{"api":{"tap":1e3},'
            b'"notebook":{"cpu":Infinity,"memory":NaN}}}'
        ),
        "/semaphore/v1/broadcasts": [
            5,
            {"id": {"a": [1]}, "summary": _TEXT, "category": ["x"], "body": 5},
        ],
        "/semaphore/v1/notifications/messages": [
            {"summary": _TEXT, "created": 5}
        ],
    },
}


@pytest.mark.parametrize("answers", _ANSWERS.values(), ids=_ANSWERS)
def test_no_answer_about_the_user_breaks_anything(
    tmp_path: Path, answers: dict[str, Any]
) -> None:
    async def use(platform: Platform, status: StatusService) -> None:
        platform.answers["/repertoire/discovery"] = {
            "applications": ["mobu", "semaphore", "tap"]
        }
        platform.answers.update(answers)
        await _ask_everything(status)

    _use(tmp_path, use)

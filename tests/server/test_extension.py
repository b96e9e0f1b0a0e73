"""The life of the extension in a server."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

from rsp_health.checkout.models import RefList
from rsp_health.server.extension import HealthApp

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import pytest
    from jupyter_server.serverapp import ServerApp

    from rsp_health.server.features import Features


def event_threads() -> list[str]:
    return [t.name for t in threading.enumerate() if "run-events" in t.name]


async def test_the_loaded_instance_is_started_and_stopped(
    jp_serverapp: ServerApp, features: Features
) -> None:
    (app,) = jp_serverapp.extension_manager.extension_apps["rsp_health"]
    assert isinstance(app, HealthApp)
    assert app._features is features
    await app._start_jupyter_server_extension(jp_serverapp)
    assert app._background is not None
    await app._background
    assert features.checkout.peek() is not None
    assert features.runner.peek() is not None
    assert len(event_threads()) == 1
    await app.stop_extension()
    assert event_threads() == []
    await app.stop_extension()


async def test_its_threads_end_with_it(
    jp_serverapp: ServerApp, features: Features
) -> None:
    before = set(threading.enumerate())
    (app,) = jp_serverapp.extension_manager.extension_apps["rsp_health"]
    await app._start_jupyter_server_extension(jp_serverapp)
    await features.doctor.get()
    await features.ask_upstream(lambda: None)
    ours = {
        t
        for t in set(threading.enumerate()) - before
        if "rsp-health" in t.name
    }
    assert len(ours) >= 2
    await app.stop_extension()
    for thread in ours:
        await asyncio.to_thread(thread.join, 30)
        assert not thread.is_alive(), thread.name


async def test_a_stop_during_the_start(jp_serverapp: ServerApp) -> None:
    (app,) = jp_serverapp.extension_manager.extension_apps["rsp_health"]
    await app._start_jupyter_server_extension(jp_serverapp)
    await app.stop_extension()
    assert event_threads() == []


async def test_a_dead_network_leaves_the_panel_alive(
    call: Callable[..., Awaitable[tuple[int, Any]]],
    features: Features,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checkout = await features.checkout.get()
    network = threading.Event()

    def refs(_repo_id: str) -> RefList:
        network.wait(60)
        return RefList(repository="x", default="main", branches=[], tags=[])

    monkeypatch.setattr(checkout, "refs", refs)
    waiting = [
        asyncio.ensure_future(call("GET", "repositories/system-test/refs"))
        for _ in range(40)
    ]
    try:
        for path in ("info", "services", "runs", "repositories"):
            status, _ = await call("GET", path)
            assert status == 200
        assert not any(task.done() for task in waiting)
    finally:
        network.set()
    answers = await asyncio.gather(*waiting)
    assert {status for status, _ in answers} == {200}

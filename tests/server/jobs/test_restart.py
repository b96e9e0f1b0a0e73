"""A run ends with its server, and the next server tells of it."""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import TYPE_CHECKING

import pytest

from tests.faults.runner.cases import survivors
from tests.faults.runner.kills import write_notebooks
from tests.support.servers import ServerProcess

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("end", ["kill", "stop"])
async def test_nothing_outlives_the_server(
    tmp_path: Path, end: str, uid: str
) -> None:
    server = ServerProcess(tmp_path, variables={"RSP_HEALTH_FAULTS": uid})
    # A child in a session of its own, endless output, a lock held in C.
    write_notebooks(server.root / "busy")
    body = {"paths": ["busy"], "jobs": 4, "all": True}
    await server.start()
    try:
        status, run = await server.call("POST", "rsp-health/runs", body)
        assert status == 201, server.log
        path = f"rsp-health/runs/{run['run_id']}"
        await _until_busy(server, path)
    finally:
        await asyncio.to_thread(getattr(server, end))
    await asyncio.to_thread(_wait_until_gone, f"RSP_HEALTH_FAULTS={uid}")

    await server.start()
    try:
        status, document = await server.call("GET", path)
        assert (status, document["state"]) == (200, "interrupted")
        states = {n["path"]: n["state"] for n in document["notebooks"]}
        assert states["busy/d-held.ipynb"] == "interrupted"
        assert not set(states.values()) & {"queued", "running"}
        # Nothing keeps the notebooks from being run again.
        status, _ = await server.call("POST", "rsp-health/runs", body)
        assert status == 201, server.log
    finally:
        server.kill()


def _wait_until_gone(mark: str) -> None:
    deadline = time.monotonic() + 60
    while left := survivors(mark):
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


async def _until_busy(server: ServerProcess, path: str) -> None:
    async with asyncio.timeout(60):
        while True:
            _, document = await server.call("GET", path)
            states = [n["state"] for n in document["notebooks"]]
            held = document["notebooks"][-1]
            if states and held["cells"] and held["state"] == "running":
                return
            await asyncio.sleep(0.1)


@pytest.fixture
def uid() -> str:
    # Another clone's tests may be at work on this machine.
    return uuid.uuid4().hex

"""A run outlives its server, and the next server knows of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import nbformat
import pytest

from tests.support.servers import ServerProcess

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    server = ServerProcess(tmp_path)
    yield server
    server.stop()


def write_notebook(path: Path, gate: Path) -> None:
    """Write a notebook whose second cell waits for a file."""
    wait = f"import pathlib, time\nwhile not pathlib.Path({str(gate)!r}).exists(): time.sleep(0.05)"
    cells = [nbformat.v4.new_code_cell(s) for s in ("1", wait, "3")]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=cells)))


async def test_a_killed_server_takes_no_run_with_it(
    server: ServerProcess, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    write_notebook(server.root / "long.ipynb", gate)
    await server.start()
    status, run = await server.call(
        "POST", "rsp-health/runs", {"paths": ["long.ipynb"]}
    )
    assert status == 201, server.log
    path = f"rsp-health/runs/{run['run_id']}"
    server.kill()

    await server.start()
    status, document = await server.call("GET", path)
    assert (status, document["state"]) == (200, "running")
    finished = asyncio.create_task(_finish(server, run["run_id"]))
    await server.subscribed.wait()
    # One notebook at a time: also the new server knows.
    status, conflict = await server.call(
        "POST", "rsp-health/runs", {"paths": ["long.ipynb"]}
    )
    assert (status, conflict["run_id"]) == (409, run["run_id"])
    gate.touch()
    assert await finished == "passed"
    _, document = await server.call("GET", path)
    assert document["state"] == "passed"
    (notebook,) = document["notebooks"]
    assert [cell["state"] for cell in notebook["cells"]] == ["passed"] * 3


async def _finish(server: ServerProcess, run_id: str) -> str:
    async with asyncio.timeout(60):
        async for event in server.events():
            if event["kind"] == "run_finished":
                assert event["run_id"] == run_id
                return str(event["state"])
    raise AssertionError("no end")

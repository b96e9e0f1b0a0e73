"""SIGKILL of the server that started a run, at random moments."""

from __future__ import annotations

import asyncio
import random
import shutil
import time
import uuid
from typing import TYPE_CHECKING

from rsp_health.runner.record.history import History
from tests.faults.runner.cases import survivors
from tests.faults.runner.kills import judge, write_notebooks
from tests.support.servers import ServerProcess

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["main"]

#: Seconds until no process may be left.
_LIMIT_S = 10.0


def main(scratch: Path, rounds: int) -> int:
    """Kill servers; return how many times something was wrong."""
    chance = random.Random(8)  # noqa: S311 - moments, not secrets
    failures = 0
    slowest = 0.0
    for number in range(1, rounds + 1):
        after = chance.uniform(0.0, 2.5)
        place = scratch / "server"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        wrong, seconds = asyncio.run(_kill_once(place, after_s=after))
        slowest = max(slowest, seconds)
        failures += bool(wrong)
        for line in wrong:
            print(f"    kill {number} after {after:.2f} s: {line}")
    print(
        f"  {rounds} servers killed in mid-run, {failures} wrong; the last "
        f"process was gone {slowest:.1f} s later at the latest",
        flush=True,
    )
    return failures


async def _kill_once(
    place: Path, *, after_s: float
) -> tuple[list[str], float]:
    """Start a server and a run, kill the server, and look.

    Returns
    -------
    tuple
        What was wrong, and the seconds until no process was left.
    """
    mark = f"RSP_HEALTH_FAULTS={uuid.uuid4().hex}"
    server = ServerProcess(place, variables=dict([mark.split("=")]))
    write_notebooks(server.root / "busy")
    await server.start()
    body = {"paths": ["busy"], "jobs": 4, "all": True}
    status, run = await server.call("POST", "rsp-health/runs", body)
    if status != 201:
        server.kill()
        return [f"the run did not start: {status}"], 0.0
    await asyncio.sleep(after_s)
    server.kill()
    killed = time.monotonic()
    wrong = []
    while left := survivors(mark):
        if time.monotonic() - killed > _LIMIT_S:
            wrong += [f"survives: {line}" for line in left]
            break
        await asyncio.sleep(0.05)
    seconds = time.monotonic() - killed
    data = server.home / ".rsp-health"
    if not History(data).ids():
        return [*wrong, "the record is gone"], seconds
    return wrong + judge(data, run["run_id"]), seconds

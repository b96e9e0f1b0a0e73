"""Kernels of notebooks that die, or are ended: which cause is told of each.

``python -m tests.faults.kernel_deaths --deaths 200`` for the long version.
The kernels are real processes of a real manager, and lack of memory is real
where a control group can be made.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
import sys
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

from jupyter_server._tz import utcnow

from rsp_health.platform.control_group import ControlGroup
from tests.support.light_kernels import LightKernels
from tests.support.memory_group import path_of, small_memory_group

__all__ = ["main"]

#: What happens to a kernel, and the cause that must be told; none for what
#: its user did.
_KINDS = {
    "memory": "out_of_memory",
    "segfault": "crashed",
    "abort": "crashed",
    "exit": "exited",
    "kill": "killed",
    "culled": "culled",
    "shut down": None,
    "restarted": None,
}
_SIGNALS = {
    "memory": signal.SIGUSR1,
    "segfault": signal.SIGSEGV,
    "abort": signal.SIGABRT,
    "exit": signal.SIGUSR2,
    "kill": signal.SIGKILL,
}


async def _happen(light: LightKernels, kind: str) -> list[str]:
    """Let it happen to a kernel; return the causes that are told of it."""
    light.told.clear()
    id = await light.start()
    # What was counted before is too old to speak of this one.
    for _ in range(4):
        await light.deaths.look()
    kernel = light.manager.get_kernel(id)
    if kind == "shut down":
        await light.manager.shutdown_kernel(id, now=True)
    elif kind == "restarted":
        await kernel.restart_kernel(now=True)
        await light.until_ready(light.pid(id))
    elif kind == "culled":
        kernel.last_activity = utcnow() - timedelta(seconds=7200)
        kernel.execution_state = "idle"
        kernel.shutdown_wait_time = 0.1
        light.manager.cull_idle_timeout = 60
        await light.manager.cull_kernel_if_idle(id)
    else:
        await light.kill(id, _SIGNALS[kind])
    await light.deaths.look()
    await light.deaths.look()
    told = [e["cause"] for e in light.told if e["kernel_id"] == id]
    if id in light.manager.list_kernel_ids():
        await light.manager.shutdown_kernel(id, now=True)
    await light.deaths.look()
    return told


async def _run(folder: Path, deaths: int) -> int:
    with small_memory_group() as made:
        group, counters, kinds = None, None, list(_KINDS)
        if made is None:
            print("  no control group can be made: no lack of memory")
            kinds.remove("memory")
        else:
            mount, group = made
            (folder / "proc").mkdir()
            path_of(mount, group, folder / "proc")
            counters = ControlGroup(mount, folder / "proc")
        wrong: Counter[str] = Counter()
        happened: Counter[str] = Counter()
        chance = random.Random(14)  # noqa: S311 - which kind comes next
        async with LightKernels(
            folder, cgroup=group, counters=counters
        ) as light:
            light.deaths.take_place()
            for number in range(deaths):
                kind = kinds[number % len(kinds)]
                if number >= len(kinds):
                    kind = chance.choice(kinds)
                told = await _happen(light, kind)
                happened[kind] += 1
                cause = _KINDS[kind]
                if told != ([] if cause is None else [cause]):
                    wrong[kind] += 1
                    print(f"  {kind}: told {told}")
    print(f"  {dict(happened)}")
    print(f"  {happened.total()} ends, {wrong.total()} wrong")
    return 1 if wrong else 0


def main(argv: list[str]) -> int:
    """Run, and return 0 if each cause was told rightly."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--deaths", type=int, default=200)
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_run(Path(folder), options.deaths))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Deaths one after another: light kernels of a real manager.

Lack of memory is real where a control group can be made.
"""

from __future__ import annotations

import random
import signal
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from jupyter_server._tz import utcnow

from rsp_health.platform.control_group import ControlGroup
from tests.support.light_kernels import LightKernels
from tests.support.memory_group import path_of, small_memory_group

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["happen", "light_deaths"]

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


async def happen(light: LightKernels, kind: str) -> list[str]:
    """Let something happen to a kernel; return the causes that are told.

    Parameters
    ----------
    light
        The kernels.
    kind
        What happens.
    """
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


async def light_deaths(folder: Path, deaths: int) -> int:
    """Let kernels die; return how often a wrong cause was told.

    Parameters
    ----------
    folder
        An empty one.
    deaths
        How many.
    """
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
                told = await happen(light, kind)
                happened[kind] += 1
                cause = _KINDS[kind]
                if told != ([] if cause is None else [cause]):
                    wrong[kind] += 1
                    print(f"  {kind}: told {told}")
    print(f"  light kernels: {dict(happened)}")
    print(f"  {happened.total()} ends, {wrong.total()} wrong", flush=True)
    return wrong.total()

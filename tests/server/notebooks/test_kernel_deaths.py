"""Why a kernel of a notebook died; real processes, a real manager."""

from __future__ import annotations

import contextlib
import signal
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from jupyter_server._tz import utcnow

from rsp_health.doctor.evidence.lab_size import against_lack
from rsp_health.platform.control_group import ControlGroup, MemoryCounters
from rsp_health.server.notebooks.death_causes import judge_death
from tests.support.events import EventRecorder
from tests.support.light_kernels import LightKernels
from tests.support.memory_group import path_of, small_memory_group

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from jupyter_server.serverapp import ServerApp

    type Call = Callable[..., Awaitable[tuple[int, Any]]]

GIB = 1024**3
COUNTERS = MemoryCounters(
    used_bytes=GIB, limit_bytes=8 * GIB, peak_bytes=8 * GIB, oom_kills=1
)


@pytest.mark.parametrize(
    ("number", "cause"),
    [
        (signal.SIGSEGV, "crashed"),
        (signal.SIGABRT, "crashed"),
        (signal.SIGTERM, "killed"),
        (signal.SIGKILL, "killed"),
        (signal.SIGUSR2, "exited"),
    ],
)
async def test_a_death_is_told_with_its_cause(
    tmp_path: Path, number: int, cause: str
) -> None:
    async with LightKernels(tmp_path) as light:
        id = await light.start()
        await light.kill(id, number)

        await light.deaths.look()
        await light.deaths.look()

        (told,) = light.told
        assert (told["cause"], told["path"]) == (cause, f"{id}.ipynb")
        assert told["message"]
        assert told["next_step"]


async def test_what_the_user_did_is_not_told(tmp_path: Path) -> None:
    async with LightKernels(tmp_path) as light:
        stopped, restarted = await light.start(), await light.start()
        await light.manager.shutdown_kernel(stopped, now=True)
        before = light.pid(restarted)
        await light.manager.get_kernel(restarted).restart_kernel(now=True)
        assert light.pid(restarted) != before

        await light.deaths.look()

        assert light.told == []


async def test_the_next_life_of_a_kernel_is_watched_too(
    tmp_path: Path,
) -> None:
    async with LightKernels(tmp_path) as light:
        id = await light.start()
        await light.manager.get_kernel(id).restart_kernel(now=True)
        await light.until_ready(light.pid(id))
        await light.deaths.look()
        await light.kill(id, signal.SIGSEGV)

        await light.deaths.look()

        assert [told["cause"] for told in light.told] == ["crashed"]


async def test_who_is_restarted_by_jupyter_before_we_look_is_told(
    tmp_path: Path,
) -> None:
    async with LightKernels(tmp_path) as light:
        id = await light.start()
        kernel = light.manager.get_kernel(id)
        await light.kill(id, signal.SIGSEGV)
        restarter = kernel._restarter
        assert restarter is not None
        await restarter.poll()
        await light.until_ready(light.pid(id))

        await light.deaths.look()

        assert [told["cause"] for told in light.told] == ["crashed"]


async def test_a_kernel_that_nobody_used_is_told_as_culled(
    tmp_path: Path,
) -> None:
    async with LightKernels(tmp_path) as light:
        light.deaths.start()
        id = await light.start()
        used = await light.start()
        for kernel_id, idle in ((id, 7200), (used, 1)):
            kernel = light.manager.get_kernel(kernel_id)
            kernel.last_activity = utcnow() - timedelta(seconds=idle)
            kernel.execution_state = "idle"
            # It hears no request to end.
            kernel.shutdown_wait_time = 0.1
        light.manager.cull_idle_timeout = 60
        light.manager.cull_interval = 1

        await light.manager.cull_kernels()
        await light.deaths.look()

        (told,) = light.told
        assert (told["kernel_id"], told["cause"]) == (id, "culled")
        assert "nobody used it for 2 h" in told["message"]


async def test_after_its_end_nothing_is_told_or_changed(
    tmp_path: Path,
) -> None:
    async with LightKernels(tmp_path) as light:
        cull = light.manager.cull_kernel_if_idle
        light.deaths.start()
        id = await light.start()
        await light.deaths.aclose()
        await light.kill(id, signal.SIGSEGV)

        assert light.told == []
        assert light.manager.cull_kernel_if_idle == cull


async def test_lack_of_memory_is_told_with_the_limit(tmp_path: Path) -> None:
    with small_memory_group() as made:
        if made is None:
            pytest.skip("no control group of memory can be made here")
        mount, group = made
        proc = tmp_path / "proc"
        proc.mkdir()
        path_of(mount, group, proc)
        counters = ControlGroup(mount, proc)
        async with LightKernels(
            tmp_path, cgroup=group, counters=counters
        ) as light:
            id = await light.start()
            await light.kill(id, signal.SIGUSR1)
            await light.deaths.look()
            (told,) = light.told
            # The next one is killed by somebody else, some time later.
            other = await light.start()
            for _ in range(4):
                await light.deaths.look()
            await light.kill(other, signal.SIGKILL)
            await light.deaths.look()

    assert told["cause"] == "out_of_memory"
    assert "ran out of its memory of 67 MB" in told["message"]
    assert light.told[1]["cause"] == "killed"


@pytest.mark.parametrize(
    ("status", "kills", "cause", "words"),
    [
        (-9, 1, "out_of_memory", "of 8.6 GB (at most 8.6 GB was in use)"),
        (-9, 0, "killed", "not for lack of memory"),
        (-9, None, "killed", "may have been for lack of memory"),
        (-11, 1, "crashed", "SIGSEGV"),
        (-63, 0, "killed", "signal 63"),
        (0, 0, "exited", "exit code 0"),
        (None, 1, "killed", "how is not known"),
    ],
)
def test_nothing_is_claimed_beyond_what_was_seen(
    status: int | None, kills: int | None, cause: str, words: str
) -> None:
    death = judge_death(
        status, lived_s=100.0, memory=COUNTERS, memory_kills=kills
    )

    assert death.cause == cause
    assert words in death.message


@pytest.mark.parametrize(
    ("name", "largest", "words"),
    [
        (None, None, "or start a larger lab than 8.6 GB."),
        ("Medium (2.0 CPU, 8Gi RAM)", None, "than Medium (2.0 CPU, 8Gi RAM)."),
        (None, 32 * 1024**3, "your quota allows up to 34 GB of memory."),
        (None, 8 * 1024**3, "all the memory that your quota allows (8.6 GB)."),
    ],
)
def test_the_lab_that_fits_is_told_as_far_as_it_is_known(
    name: str | None, largest: int | None, words: str
) -> None:
    death = judge_death(
        -9,
        lived_s=100.0,
        memory=COUNTERS,
        memory_kills=1,
        against_lack=partial(against_lack, name=name, largest=largest),
    )

    assert words in death.next_step
    assert ("larger lab" in death.next_step) == (largest != 8 * 1024**3)


def test_an_early_end_is_told_as_one() -> None:
    death = judge_death(1, lived_s=2.0, memory=None, memory_kills=None)

    assert death.message == "ended 2 s after its start, with exit code 1."
    assert "rsp-health doctor kernel" in death.next_step


async def test_a_server_tells_it_on_the_bus(
    jp_serverapp: ServerApp, call: Call
) -> None:
    recorder = EventRecorder(jp_serverapp.event_logger)
    manager: Any = jp_serverapp.kernel_manager
    id = await manager.start_kernel(kernel_name="python3")
    process = manager.get_kernel(id).provisioner.process
    features = jp_serverapp.web_app.settings["rsp_health_features"]
    deaths = await features.deaths.get()
    await deaths.look()
    deaths.start()
    process.kill()
    process.wait()

    told = await recorder.until("kernel", lambda e: e["kernel_id"] == id)

    assert told["cause"] == "killed"
    assert told["path"] is None
    with contextlib.suppress(KeyError):
        await manager.shutdown_kernel(id, now=True)

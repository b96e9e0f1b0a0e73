from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from rsp_health.doctor.checks.environment import kernel_count
from rsp_health.doctor.seen import Seen, ServerKernel
from rsp_health.wire import utc_now

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ...conftest import Lab

IDLE = "import time; print(1, flush=True); time.sleep(600)"


@pytest.fixture
def processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """Return a ``/proc`` that has two kernels only: one idle, one at work."""
    proc = tmp_path / "proc"
    proc.mkdir()
    started = []
    for id in ("11111111", "22222222"):
        one = subprocess.Popen(
            [sys.executable, "-c", IDLE, f"/run/kernel-{id}-aaaa.json"],
            stdout=subprocess.PIPE,
        )
        started.append(one)
        assert one.stdout is not None
        one.stdout.readline()
        (proc / str(one.pid)).symlink_to(f"/proc/{one.pid}")
    looks = iter([{}, {started[1].pid: 0.4}])
    monkeypatch.setattr(kernel_count, "cpu_times", lambda _: next(looks))
    yield proc
    for one in started:
        one.kill()
        one.communicate()


def test_few_kernels_are_well_and_named(lab: Lab, processes: Path) -> None:
    lab.variables["MEM_LIMIT"] = str(64 * 1024**3)
    kernel = ServerKernel(
        id="11111111-aaaa",
        name="lsst",
        state="idle",
        last_activity=utc_now(),
        notebook="deep.ipynb",
    )

    found = lab.look(
        "kernel.count",
        proc=processes,
        cgroup=processes,
        seen=Seen(kernels=[kernel], terminals=2),
    )

    assert found.state == "ok"
    assert found.sentence.startswith("2 kernels in this lab; ")
    told = {e.source: e.value for e in found.evidence}
    assert "last used" in told["the kernel 11111111 (deep.ipynb)"]
    assert "at work" in told["the kernel 22222222"]
    assert told["this server"] == "2 open terminals"


def test_idle_ones_that_hold_much_memory_are_told(
    lab: Lab, processes: Path
) -> None:
    lab.variables["MEM_LIMIT"] = "4000000"

    found = lab.look("kernel.count", proc=processes, cgroup=processes)

    assert (found.state, found.whose) == ("attention", "your_lab")
    assert found.sentence.startswith("1 idle kernel holds ")


def test_no_kernel_is_well(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / str(os.getpid())).symlink_to("/proc/self")

    found = lab.look("kernel.count", proc=tmp_path)

    assert found.sentence == "No kernel runs in this lab."

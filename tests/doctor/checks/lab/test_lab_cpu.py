"""Processor time as control groups count it, at two moments."""

from __future__ import annotations

import os
from itertools import count
from typing import TYPE_CHECKING

import pytest

from rsp_health.doctor.checks.lab import lab_cpu

if TYPE_CHECKING:
    from pathlib import Path

    from rsp_health.doctor.models import Finding

    from ...conftest import Lab

TICKS = os.sysconf("SC_CLK_TCK")


class Cpu:
    """A lab that does, in the second that is looked at, what a test says."""

    def __init__(
        self, lab: Lab, top: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.lab = lab
        self.cgroup = top / "cgroup"
        self.cgroup.mkdir()
        self.proc = top / "proc"
        (self.proc / "8").mkdir(parents=True)
        (self.proc / "8" / "cmdline").write_text("python\0reduce.py\0")
        clock = count()
        monkeypatch.setattr(lab_cpu, "monotonic", lambda: next(clock))
        monkeypatch.setattr(lab_cpu, "sleep", lambda _: self._write(1))
        self.cores = self.held = 0.0
        self.v1 = False

    def look(
        self, cores: float, held: float = 0.0, *, v1: bool = False
    ) -> Finding:
        self.cores, self.held, self.v1 = cores, held, v1
        self._write(0)
        return self.lab.look("lab.cpu", cgroup=self.cgroup, proc=self.proc)

    def _write(self, at: int) -> None:
        used = 100 + at * self.cores
        periods = f"nr_periods {at * 10}\nnr_throttled {at * self.held * 10:g}"
        if self.v1:
            files = {
                "cpuacct/cpuacct.usage": f"{used * 1e9:.0f}",
                "cpu/cpu.stat": f"{periods}\nthrottled_time 0",
                "cpu/cpu.cfs_quota_us": "400000",
                "cpu/cpu.cfs_period_us": "100000",
            }
        else:
            files = {
                "cpu.stat": f"usage_usec {used * 1e6:.0f}\n{periods}",
                "cpu.max": "400000 100000",
            }
        for name, content in files.items():
            path = self.cgroup / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(content + "\n")
        ticks = int(at * self.cores * TICKS)
        (self.proc / "8" / "stat").write_text(
            f"8 (a) b) R 1 2 3 4 5 6 7 8 9 10 {ticks} 0 0 0"
        )


@pytest.fixture
def cpu(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cpu:
    return Cpu(lab, tmp_path, monkeypatch)


@pytest.mark.parametrize("v1", [False, True])
@pytest.mark.parametrize(
    ("cores", "held", "state"),
    [(1.0, 0.0, "ok"), (3.9, 0.0, "attention"), (2.0, 0.5, "attention")],
)
def test_use_is_told_in_both_versions(
    cpu: Cpu, cores: float, held: float, state: str, v1: bool
) -> None:
    found = cpu.look(cores, held, v1=v1)

    assert found.state == state
    assert found.evidence[0].value == f"{cores} of 4 cores in use during 1.0 s"
    assert found.evidence[1].value == f"held back in {held:.0%} of that time"


def test_who_takes_it_is_named(cpu: Cpu) -> None:
    found = cpu.look(3.9)

    assert (found.evidence[2].source, found.evidence[2].value) == (
        "python reduce.py (8)",
        "3.9 cores",
    )
    assert found.sentence.startswith(
        "This lab uses 3.9 of 4 cores, nearly all that it has: "
    )
    assert found.next_step.endswith("python reduce.py (8) takes most.")


def test_what_is_not_counted_is_not_known(lab: Lab, tmp_path: Path) -> None:
    found = lab.look("lab.cpu", cgroup=tmp_path, proc=tmp_path)

    assert found.state == "cannot_tell"

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
        monkeypatch.setattr(lab_cpu, "sleep", self._pass)
        self.cores = self.held = self.own = 0.0
        self.v1, self.at = False, 0
        self.write_periods = True

    def look(
        self,
        cores: float,
        held: float = 0.0,
        *,
        v1: bool = False,
        waited: float | None = None,
        own: float = 0.0,
    ) -> Finding:
        """Look at a lab.

        ``waited`` is the share of the last minute in which something waited;
        ``own`` are the cores that the doctor's own processes take.
        """
        self.cores, self.held, self.v1, self.own = cores, held, v1, own
        if waited is not None:
            (self.cgroup / "cpu.pressure").write_text(
                f"some avg10=0.00 avg60={waited * 100:.2f} avg300=0.00 "
                "total=5\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"
            )
        self._write(0)
        return self.lab.look("lab.cpu", cgroup=self.cgroup, proc=self.proc)

    def _pass(self, seconds: float) -> None:
        assert seconds <= 1.0
        self.at += 1
        self._write(self.at)

    def _write(self, at: int) -> None:
        used = 100 + at * self.cores
        periods = f"nr_periods {at * 10}\nnr_throttled {at * self.held * 10:g}"
        if not self.write_periods:
            periods = ""
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
        mine = os.getpid()
        for pid, parent, cores in (
            (8, 1, self.cores - self.own),
            (mine, 1, 0.0),
            (mine + 1, mine, self.own),
        ):
            ticks = int(at * cores * TICKS)
            (self.proc / str(pid)).mkdir(exist_ok=True)
            (self.proc / str(pid) / "stat").write_text(
                f"{pid} (a) b) R {parent} 2 3 4 5 6 7 8 9 10 {ticks} 0 0 0"
            )


@pytest.fixture
def cpu(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cpu:
    return Cpu(lab, tmp_path, monkeypatch)


@pytest.mark.parametrize("v1", [False, True])
@pytest.mark.parametrize(
    ("cores", "held", "state"),
    [(1.0, 0.0, "ok"), (3.9, 0.0, "ok"), (2.0, 0.5, "attention")],
)
def test_use_is_told_in_both_versions(
    cpu: Cpu, cores: float, held: float, state: str, v1: bool
) -> None:
    found = cpu.look(cores, held, v1=v1)

    assert found.state == state
    assert f"{cores} of 4 cores in use during" in found.evidence[0].value
    assert found.evidence[1].value == f"held back in {held:.0%} of that time"


def test_who_takes_it_is_named(cpu: Cpu) -> None:
    found = cpu.look(3.9, waited=0.4)

    told = {e.source: e.value for e in found.evidence}
    assert told["python reduce.py (8)"] == "3.9 cores"
    assert told["waiting for a core"] == "40% of the last minute"
    assert found.sentence.startswith(
        "This lab uses 3.9 of 4 cores, nearly all that it has: "
    )
    assert "python reduce.py (8)" in found.next_step
    assert "Kernels" not in found.next_step


def test_a_kernel_is_shut_down_where_kernels_are(cpu: Cpu) -> None:
    name = "/run/kernel-3f9c0000-1111-2222-3333-444455556666.json"
    (cpu.proc / "8" / "cmdline").write_text(f"python\0-f\0{name}\0")

    found = cpu.look(3.9, waited=0.4)

    assert "the kernel 3f9c0000 (8)" in found.next_step
    assert "Running ▸ Kernels" in found.next_step


@pytest.mark.parametrize("held", [0.0, 0.9])
def test_half_a_second_is_no_finding_where_nothing_waited_before(
    cpu: Cpu, held: float
) -> None:
    found = cpu.look(3.9, held, waited=0.02)

    assert found.state == "ok"
    assert found.evidence[-1].value == "2% of the last minute"


def test_what_the_doctor_takes_is_not_the_lab_s(cpu: Cpu) -> None:
    found = cpu.look(3.9, 0.9, own=3.0, waited=0.9)

    assert found.state == "ok"
    assert found.sentence == (
        "This lab uses 0.9 of 4 cores; in 90% of the last minute something "
        "in it waited for one."
    )
    assert "without the 3.0 of this doctor" in found.evidence[0].value


def test_where_nothing_is_kept_nobody_can_tell(cpu: Cpu) -> None:
    (cpu.cgroup / "cpu.max").write_text("max 100000")
    cpu.lab.variables["CPU_LIMIT"] = "4"
    cpu.write_periods = False

    found = cpu.look(3.9)

    assert found.state == "cannot_tell"
    assert "3.9 of 4 cores" in found.sentence


def test_what_is_not_counted_is_not_known(lab: Lab, tmp_path: Path) -> None:
    found = lab.look("lab.cpu", cgroup=tmp_path, proc=tmp_path)

    assert found.state == "cannot_tell"

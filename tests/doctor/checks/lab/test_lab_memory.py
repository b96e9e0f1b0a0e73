"""Memory as control groups count it, and a real kill for lack of it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.doctor.seen import Seen
from rsp_health.status.models import LabResources, QuotaDocument, TokenStatus
from rsp_health.wire import utc_now
from tests.support.memory_group import path_of, small_memory_group

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rsp_health.doctor.models import Finding

    from ...conftest import Lab

GIB = 1024**3


def _files(folder: Path, **contents: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / f"memory.{name}").write_text(f"{content}\n")


def _v2(top: Path, used: int, kills: int) -> None:
    _files(
        top,
        current=used + GIB,
        max=8 * GIB,
        peak=7 * GIB,
        stat=f"anon 1\ninactive_file {GIB}",
        events=f"low 0\noom 3\noom_kill {kills}",
    )


def _v1(top: Path, used: int, kills: int) -> None:
    _files(
        top / "memory" / "kubepods" / "lab",
        usage_in_bytes=used + GIB,
        limit_in_bytes=8 * GIB,
        max_usage_in_bytes=7 * GIB,
        stat=f"inactive_file 5\ntotal_inactive_file {GIB}",
        oom_control=f"oom_kill_disable 0\nunder_oom 0\noom_kill {kills}",
    )


class Memory:
    """A lab whose counters are files."""

    def __init__(self, lab: Lab, top: Path) -> None:
        self.lab = lab
        self.cgroup = top / "cgroup"
        self.proc = top / "proc"
        (self.proc / "self").mkdir(parents=True)
        (self.proc / "self" / "cgroup").write_text(
            "4:cpu,memory:/kubepods/lab\n0::/\n"
        )

    def process(self, pid: int, kilobytes: int, *words: str) -> None:
        folder = self.proc / str(pid)
        folder.mkdir()
        (folder / "statm").write_text(f"9999999 {kilobytes // 2} 0 0 0 0 0")
        (folder / "cmdline").write_text("\0".join([*words, ""]))
        (folder / "smaps_rollup").write_text(
            f"0-f ---p 0 00:00 0 [rollup]\nPss:      {kilobytes} kB\n"
        )

    def look(self, **more: Any) -> Finding:
        return self.lab.look(
            "lab.memory", cgroup=self.cgroup, proc=self.proc, **more
        )


@pytest.fixture
def memory(lab: Lab, tmp_path: Path) -> Memory:
    return Memory(lab, tmp_path)


@pytest.mark.parametrize("version", [_v1, _v2])
@pytest.mark.parametrize(
    ("used", "kills", "state"),
    [
        (2 * GIB, 0, "ok"),
        (2 * GIB, 2, "attention"),
        (7 * GIB, 0, "attention"),
        (int(7.7 * GIB), 0, "fault"),
    ],
)
def test_use_and_kills_are_told_in_both_versions(
    memory: Memory, version: object, used: int, kills: int, state: str
) -> None:
    assert callable(version)
    version(memory.cgroup, used, kills)

    found = memory.look()

    assert found.state == state
    assert " of 8.6 GB" in found.evidence[0].value


def test_the_lab_that_fits_is_told_as_far_as_it_is_known(
    memory: Memory,
) -> None:
    _v2(memory.cgroup, GIB, 1)
    quota = QuotaDocument(
        observed_at=utc_now(),
        token=TokenStatus(state="valid"),
        api=[],
        lab=LabResources(quota_memory_bytes=32 * GIB),
    )

    found = memory.look(seen=Seen(quota=quota))

    assert found.next_step.endswith("your quota allows up to 34 GB of memory.")
    assert memory.look().next_step.endswith("a larger lab than 8.6 GB.")


def test_who_takes_it_is_named(memory: Memory) -> None:
    _v2(memory.cgroup, int(7.9 * GIB), 0)
    kernel = "/h/.local/share/jupyter/runtime/kernel-3f9c2b10-aa.json"
    memory.process(7, 900_000, "/usr/bin/python3", "-m", "dask", "worker")
    memory.process(8, 6_000_000, "/x/python", "-m", "i", "-f", kernel)
    memory.process(9, 4_000, "/bin/bash", "-l")

    found = memory.look()

    assert [(e.source, e.value) for e in found.evidence[2:]] == [
        ("the kernel 3f9c2b10 (8)", "6.1 GB"),
        ("python3 dask (7)", "922 MB"),
        ("bash (9)", "4.1 MB"),
    ]
    assert found.next_step.endswith("the kernel 3f9c2b10 takes most.")


def test_what_is_not_counted_is_not_known(memory: Memory) -> None:
    assert memory.look().state == "cannot_tell"


def test_no_limit_is_no_lack(memory: Memory) -> None:
    _v2(memory.cgroup, 2 * GIB, 0)
    (memory.cgroup / "memory.max").write_text("max\n")

    assert memory.look().sentence == "This lab uses 2.1 GB of memory."


@pytest.fixture
def small_group() -> Iterator[tuple[Path, Path]]:
    """Make a real group with 64 MiB of memory: its mount, and its folder."""
    with small_memory_group() as made:
        if made is None:
            pytest.skip("no control group of memory can be made here")
        yield made


def test_a_real_kill_is_counted(
    lab: Lab, tmp_path: Path, small_group: tuple[Path, Path]
) -> None:
    mount, group = small_group
    path_of(mount, group, tmp_path)
    before = lab.look("lab.memory", cgroup=mount, proc=tmp_path)

    done = subprocess.run(
        [
            *("sh", "-c", 'echo $$ > "$1/cgroup.procs"; shift; exec "$@"'),
            *("sh", str(group), sys.executable, "-I", "-S", "-c"),
            "x = b'x' * (400 * 1024 ** 2)",
        ],
        check=False,
    )
    after = lab.look("lab.memory", cgroup=mount, proc=tmp_path)

    assert done.returncode == -9
    assert before.state == "ok"
    assert after.state == "attention"
    assert after.sentence.startswith("Lack of memory has killed 1 process ")

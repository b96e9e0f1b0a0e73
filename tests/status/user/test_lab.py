from __future__ import annotations

from typing import TYPE_CHECKING

from rsp_health.platform.environment import LabEnvironment
from rsp_health.status.user.lab import Lab

if TYPE_CHECKING:
    from pathlib import Path

GIB = 1024**3


def _cgroup(tmp_path: Path, **files: str) -> Path:
    folder = tmp_path / "cgroup"
    folder.mkdir()
    for name, text in files.items():
        (folder / name.replace("_", ".", 1)).write_text(text)
    return folder


def _lab(
    cgroup: Path, tmp_path: Path, clock: list[float] | None = None, **v: str
) -> Lab:
    return Lab(
        environment=LabEnvironment(
            variables={"HOME": str(tmp_path), **v}, mounts=()
        ),
        cgroup=cgroup,
        clock=lambda: (clock or [0.0])[0],
    )


def test_limits_and_use_of_a_container(tmp_path: Path) -> None:
    cgroup = _cgroup(
        tmp_path,
        memory_current=f"{5 * GIB}\n",
        memory_max=f"{9 * GIB}\n",
        memory_stat=f"anon 1\ninactive_file {GIB}\n",
        memory_events="low 0\noom 3\noom_kill 2\n",
        cpu_stat="usage_usec 1000000\nuser_usec 1\n",
        cpu_max="200000 100000\n",
    )
    clock = [10.0]
    lab = _lab(
        cgroup,
        tmp_path,
        clock,
        MEM_LIMIT=str(8 * GIB),
        CONTAINER_SIZE="Medium (2.0 CPU, 8Gi RAM)",
        IMAGE_DESCRIPTION="Weekly 2026_46",
    )

    first = lab.read()
    clock[0] = 20.0
    (cgroup / "cpu.stat").write_text("usage_usec 16000000\n")
    second = lab.read()

    assert first.memory_used_bytes == 4 * GIB
    assert first.memory_limit_bytes == 8 * GIB
    assert first.cpu_limit == 2.0
    assert first.cpu_used is None
    assert second.cpu_used == 1.5
    assert first.oom_kills == 2
    assert first.size == "Medium (2.0 CPU, 8Gi RAM)"
    assert first.disk_total_bytes is not None
    assert "ended 2 processes" in first.hints[0]


def test_what_does_not_fit_is_said_before_it_is_killed(tmp_path: Path) -> None:
    cgroup = _cgroup(tmp_path, memory_current=str(7 * GIB))

    lab = _lab(cgroup, tmp_path, MEM_LIMIT=str(8 * GIB)).read()

    assert lab.hints[0].startswith("Only 1.0 GiB of memory are left")


def test_outside_a_container_nothing_is_made_up(tmp_path: Path) -> None:
    lab = _lab(tmp_path / "none", tmp_path / "gone").read()

    assert lab.model_dump(exclude_defaults=True) == {}


def test_an_unlimited_group_has_no_limit(tmp_path: Path) -> None:
    cgroup = _cgroup(
        tmp_path,
        memory_max="max\n",
        cpu_max="max 100000\n",
        memory_current="junk",
        cpu_stat="usage_usec x\nodd\n",
    )

    lab = _lab(cgroup, tmp_path).read()

    assert lab.memory_limit_bytes is None
    assert lab.cpu_limit is None
    assert lab.memory_used_bytes is None


def test_two_readings_too_close_tell_no_rate(tmp_path: Path) -> None:
    cgroup = _cgroup(tmp_path, cpu_stat="usage_usec 0\n")
    clock = [10.0]
    lab = _lab(cgroup, tmp_path, clock)

    lab.read()
    clock[0] = 10.1
    (cgroup / "cpu.stat").write_text("usage_usec 100000\n")
    assert lab.read().cpu_used is None
    clock[0] = 12.0
    (cgroup / "cpu.stat").write_text("usage_usec 1000000\n")
    assert lab.read().cpu_used == 0.5

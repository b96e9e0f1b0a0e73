"""Both versions of control groups, as a container may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rsp_health.platform.control_group import ControlGroup

if TYPE_CHECKING:
    from pathlib import Path

GIB = 1024**3
UNLIMITED = str((1 << 63) - 4096)


def _write(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(f"{text}\n")


def _group(tmp_path: Path, membership: str) -> ControlGroup:
    _write(tmp_path / "proc" / "self", {"cgroup": membership})
    return ControlGroup(tmp_path / "cgroup", tmp_path / "proc")


def test_version_2(tmp_path: Path) -> None:
    own = tmp_path / "cgroup" / "pod" / "lab"
    _write(
        own,
        {
            "memory.current": str(5 * GIB),
            "memory.max": str(8 * GIB),
            "memory.stat": f"anon 1\nactive_file {GIB}\ninactive_file {GIB}",
            "memory.events": "oom 3\noom_kill 2",
        },
    )
    memory = _group(tmp_path, "0::/pod/lab").memory()
    assert memory is not None
    # What was read twice can be dropped too.
    assert memory.used_bytes == 3 * GIB
    assert memory.limit_bytes == 8 * GIB
    assert memory.oom_kills == 2


def test_version_1(tmp_path: Path) -> None:
    own = tmp_path / "cgroup" / "memory" / "pod"
    _write(
        own,
        {
            "memory.usage_in_bytes": str(5 * GIB),
            "memory.limit_in_bytes": str(8 * GIB),
            "memory.stat": f"active_file 1\ntotal_active_file {GIB}\n"
            f"inactive_file 1\ntotal_inactive_file {GIB}",
            "memory.oom_control": "under_oom 0\noom_kill 1",
        },
    )
    memory = _group(tmp_path, "4:memory:/pod\n0::/").memory()
    assert memory is not None
    assert memory.used_bytes == 3 * GIB
    assert memory.limit_bytes == 8 * GIB
    assert memory.oom_kills == 1


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize(
    ("own", "parent", "limit"),
    [
        ("max", "4096", 4096),
        (None, "4096", 4096),
        ("1024", "4096", 1024),
        ("max", "max", None),
        (UNLIMITED, UNLIMITED, None),
    ],
)
def test_the_limit_is_that_of_the_nearest_group_that_has_one(
    tmp_path: Path,
    version: int,
    own: str | None,
    parent: str,
    limit: int | None,
) -> None:
    v1 = version == 1
    top = tmp_path / "cgroup" / ("memory" if v1 else "")
    used = "memory.usage_in_bytes" if v1 else "memory.current"
    name = "memory.limit_in_bytes" if v1 else "memory.max"
    _write(top / "pod" / "lab", {used: "1", **({name: own} if own else {})})
    _write(top / "pod", {used: "2", name: parent})
    path = "4:memory:/pod/lab" if v1 else "0::/pod/lab"
    memory = _group(tmp_path, path).memory()
    assert memory is not None
    assert (memory.used_bytes, memory.limit_bytes) == (1, limit)


def test_what_cannot_be_read_is_not_made_up(tmp_path: Path) -> None:
    _write(tmp_path / "cgroup", {"memory.current": "junk"})
    assert _group(tmp_path, "0::/").memory() is None
    assert _group(tmp_path / "none", "").memory() is None

"""A real control group with little memory."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["path_of", "small_memory_group"]


@contextlib.contextmanager
def small_memory_group() -> Iterator[tuple[Path, Path] | None]:
    """Make a group with 64 MiB: its mount, and its folder.

    It is `None` where no group can be made.
    """
    lines = Path("/proc/self/cgroup").read_text().splitlines()
    for mount, file in (
        (Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes"),
        (Path("/sys/fs/cgroup"), "memory.max"),
    ):
        is_v1 = mount.name == "memory"
        parents = [
            line.split(":", 2)[2].lstrip("/")
            for line in lines
            if ("memory" in line.split(":")[1].split(","))
            or (not is_v1 and line.startswith("0:"))
        ]
        for parent in parents:
            group = mount / parent / f"rsp-health-test-{os.getpid()}"
            if not _made(group, group / file):
                continue
            try:
                yield Path("/sys/fs/cgroup"), group
            finally:
                while group.exists():  # until its dead are gone
                    with contextlib.suppress(OSError):
                        group.rmdir()
                    time.sleep(0.01)
            return
    yield None


def _made(group: Path, limit: Path) -> bool:
    with contextlib.suppress(OSError):
        group.mkdir()
        if limit.exists():
            limit.write_text(str(64 * 1024**2))
            return True
        group.rmdir()
    return False


def path_of(mount: Path, group: Path, proc: Path) -> None:
    """Write what a process of the group reads of itself, below ``proc``."""
    path = "/" + str(group.relative_to(mount)).removeprefix("memory/")
    (proc / "self").mkdir()
    (proc / "self" / "cgroup").write_text(f"4:memory:{path}\n0::{path}\n")

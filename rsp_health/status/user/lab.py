"""This lab's own limits and use: what fits into it.

Limits as the platform set them (``MEM_LIMIT``, ``CPU_LIMIT``), use as the
kernel counts it for the container.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from ...platform.clock import seconds
from ...platform.control_group import ControlGroup
from ...platform.lab_room import MEMORY_LITTLE, home_little
from ...sizes import disk_size
from ..models import LabResources

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...platform.environment import LabEnvironment

__all__ = ["MAY_NOT_SPAWN", "Lab"]

MAY_NOT_SPAWN = (
    "An administrator does not let you start labs at present: once this lab "
    "ends you cannot start another."
)
"""What ``spawn: false`` in the user's quota means to them."""

_GIB = 1024**3


class Lab:
    """Reads the lab's own counters.

    Parameters
    ----------
    environment
        The limits that the platform set.
    cgroup
        Where control groups are mounted.
    clock
        Monotonic clock, in seconds.
    """

    def __init__(
        self,
        *,
        environment: LabEnvironment,
        cgroup: Path = Path("/sys/fs/cgroup"),
        clock: Callable[[], float] = seconds,
    ) -> None:
        self._environment = environment
        self._group = ControlGroup(cgroup)
        self._clock = clock
        self._cpu: tuple[float, float] | None = None

    def read(self) -> LabResources:
        """Return limits and use; what is not known is `None`."""
        environment, cpu = self._environment, self._group.cpu()
        lab = self.read_room()
        lab.image = environment.image
        lab.image_description = environment.image_description
        lab.size = environment.container_size
        own_limit = None if cpu is None else cpu.limit_cores
        lab.cpu_limit = environment.cpu_limit or own_limit
        lab.cpu_used = self._cpu_used(None if cpu is None else cpu.used_s)
        lab.hints = list(_hints(lab))
        return lab

    def read_room(self) -> LabResources:
        """Return memory and disk alone; what is not known is `None`."""
        memory = self._group.memory()
        free, total = self._disk()
        return LabResources(
            memory_limit_bytes=self._environment.memory_limit_bytes
            or (memory and memory.limit_bytes),
            memory_used_bytes=memory and memory.used_bytes,
            disk_free_bytes=free,
            disk_total_bytes=total,
            oom_kills=memory and memory.oom_kills,
        )

    def _cpu_used(self, used: float | None) -> float | None:
        """Return the mean since the last call; the first knows nothing."""
        now = self._clock()
        before, self._cpu = self._cpu, None if used is None else (now, used)
        if before is None or used is None or now - before[0] < 0.5:
            if before is not None and used is not None:
                self._cpu = before
            return None
        return max(0.0, (used - before[1]) / (now - before[0]))

    def _disk(self) -> tuple[int | None, int | None]:
        try:
            usage = shutil.disk_usage(self._environment.home)
        except OSError:
            return None, None
        return usage.free, usage.total


def _hints(lab: LabResources) -> list[str]:
    hints = []
    limit, used = lab.memory_limit_bytes, lab.memory_used_bytes
    if limit and used is not None and used >= MEMORY_LITTLE * limit:
        left = max(0, limit - used) / _GIB
        hints.append(
            f"Only {left:.1f} GiB of memory are left: what needs more is "
            "killed. Shut down kernels, or start a larger lab."
        )
    if lab.oom_kills:
        hints.append(
            f"Lack of memory has ended {lab.oom_kills} "
            f"process{'' if lab.oom_kills == 1 else 'es'} in this lab: a "
            "kernel that died may have been too big for it."
        )
    free, total = lab.disk_free_bytes, lab.disk_total_bytes
    if total and free is not None and free < home_little(total):
        hints.append(f"Only {disk_size(free)} of disk are left in your home.")
    return hints

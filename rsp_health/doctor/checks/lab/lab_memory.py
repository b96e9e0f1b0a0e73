"""Look at the lab's memory, and whether the lack of it killed anything."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from ....platform.control_group import ControlGroup
from ....platform.lab_room import MEMORY_LITTLE, MEMORY_NONE
from ...evidence.consumers import largest
from ...evidence.lab_size import against_lack
from ...evidence.words import counted, size
from ...models import Evidence, attention, cannot_tell, fault, ok
from ..base import Check

if TYPE_CHECKING:
    from ....platform.control_group import MemoryCounters
    from ...context import Context
    from ...models import Finding

__all__ = ["LabMemory"]


class LabMemory(Check):
    """Reads the container's counters, and those of the user's processes."""

    id = "lab.memory"
    title = "Memory of this lab"

    def look(self, context: Context) -> Finding:
        """Return what is found."""
        memory = ControlGroup(context.cgroup, context.proc).memory()
        if memory is None:
            return cannot_tell(
                f"The lab's memory is not counted in {context.cgroup}."
            )
        limit = memory.limit_bytes or context.environment.memory_limit_bytes
        seen = [_counted(context, memory, limit)]
        if memory.oom_kills is not None:
            seen.append(
                Evidence(
                    source="oom_kill",
                    value=f"{counted(memory.oom_kills, 'process', 'processes')}"
                    " killed for lack of memory since the lab started",
                )
            )
        share = 0.0 if limit is None else memory.used_bytes / limit
        if limit is not None and share >= MEMORY_LITTLE:
            return _has_little(context, limit - memory.used_bytes, share, seen)
        if memory.oom_kills:
            died = counted(memory.oom_kills, "process", "processes")
            return attention(
                f"Lack of memory has killed {died} in this lab since it "
                "started: a kernel that died may be one of them.",
                *seen,
                whose="your_lab",
                next_step=_if_one_died(context, limit),
            )
        of = "" if limit is None else f" of {size(limit)}"
        return ok(
            f"This lab uses {size(memory.used_bytes)}{of} of memory.", *seen
        )


def _if_one_died(context: Context, limit: int | None) -> str:
    quota = None if context.seen is None else context.seen.quota
    step = against_lack(
        limit,
        name=context.environment.container_size,
        largest=None if quota is None else quota.lab.quota_memory_bytes,
    )
    return f"If a kernel died: {step[0].lower()}{step[1:]}"


def _counted(
    context: Context, memory: MemoryCounters, limit: int | None
) -> Evidence:
    allowed = "without a limit" if limit is None else f"of {size(limit)}"
    peak = (
        ""
        if memory.peak_bytes is None
        else f", at most {size(memory.peak_bytes)} with what can be dropped"
    )
    return Evidence(
        source=f"control group in {context.cgroup}",
        value=f"{size(memory.used_bytes)} in use {allowed}{peak}",
    )


def _has_little(
    context: Context, left: int, share: float, seen: list[Evidence]
) -> Finding:
    consumers = []
    with contextlib.suppress(OSError):
        consumers = largest(context.proc)
    who = [
        Evidence(source=f"{c.name} ({c.pid})", value=size(c.memory_bytes))
        for c in consumers
    ]
    make = fault if share >= MEMORY_NONE else attention
    largest_one = f": {consumers[0].name} takes most" if consumers else ""
    return make(
        f"Only {size(max(0, left))} of this lab's memory are left: what needs "
        "more is killed.",
        *seen,
        *who,
        whose="your_lab",
        next_step="Shut down kernels that you do not need, in Running ▸ "
        f"Kernels{largest_one}.",
    )

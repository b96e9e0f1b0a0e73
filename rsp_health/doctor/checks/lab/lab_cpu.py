"""Look for half a second at what the lab's processors do."""

from __future__ import annotations

import contextlib
from time import monotonic, sleep
from typing import TYPE_CHECKING

from ....platform.control_group import ControlGroup
from ...evidence.consumers import cpu_times, name_of
from ...models import Evidence, attention, cannot_tell, ok
from ..base import Check

if TYPE_CHECKING:
    from ....platform.control_group import CpuCounters
    from ...context import Context
    from ...models import Finding

__all__ = ["LabCpu"]

_WINDOW_S = 0.5
_BUSY = 0.9
#: Share of the spans in which something ran and was held back.
_HELD_BACK = 0.25
_NAMED = 3


class LabCpu(Check):
    """Compares the container's counters at two moments."""

    id = "lab.cpu"
    title = "Processors of this lab"

    def look(self, context: Context) -> Finding:
        """Return what is found."""
        group = ControlGroup(context.cgroup, context.proc)
        before, began = group.cpu(), monotonic()
        if before is None:
            return cannot_tell(
                f"Processor time is not counted in {context.cgroup}."
            )
        processes = _processes(context)
        sleep(_WINDOW_S)
        after = group.cpu() or before
        window = monotonic() - began
        consumers = _consumers(context, processes, window)
        limit = after.limit_cores or context.environment.cpu_limit
        return _judge(
            Evidence(
                source=f"control group in {context.cgroup}",
                value=f"{_cores(before, after, window):.1f}{_of(limit)} cores "
                f"in use during {window:.1f} s",
            ),
            _cores(before, after, window),
            limit,
            _held_back(before, after),
            consumers,
        )


def _judge(
    counted: Evidence,
    cores: float,
    limit: float | None,
    held_back: float | None,
    consumers: list[Evidence],
) -> Finding:
    seen = [counted]
    if held_back is not None:
        seen.append(
            Evidence(
                source="throttled",
                value=f"held back in {held_back:.0%} of that time",
            )
        )
    is_held = (held_back or 0.0) > _HELD_BACK
    is_busy = limit is not None and cores >= _BUSY * limit
    if not is_busy and not is_held:
        return ok(f"This lab uses {cores:.1f}{_of(limit)} cores.", *seen)
    most = f": {consumers[0].source} takes most" if consumers else ""
    return attention(
        f"This lab uses {cores:.1f}{_of(limit)} cores, "
        f"{'and is held back' if is_held else 'nearly all that it has'}: what "
        "runs in it may be slow.",
        *seen,
        *consumers,
        whose="your_lab",
        next_step="Interrupt or shut down what you do not need, in Running ▸ "
        f"Kernels{most}.",
    )


def _cores(before: CpuCounters, after: CpuCounters, window: float) -> float:
    return max(0.0, (after.used_s - before.used_s) / window)


def _of(limit: float | None) -> str:
    return "" if limit is None else f" of {limit:g}"


def _held_back(before: CpuCounters, after: CpuCounters) -> float | None:
    values = (
        before.periods,
        before.throttled,
        after.periods,
        after.throttled,
    )
    if any(value is None for value in values):
        return None
    first, held, last, then = (value or 0 for value in values)
    return (then - held) / (last - first) if last > first else 0.0


def _processes(context: Context) -> dict[int, float]:
    with contextlib.suppress(OSError):
        return cpu_times(context.proc)
    return {}


def _consumers(
    context: Context, before: dict[int, float], window: float
) -> list[Evidence]:
    took = {
        pid: (seconds - before.get(pid, 0.0)) / window
        for pid, seconds in _processes(context).items()
    }
    busiest = sorted(took, key=lambda pid: -took[pid])[:_NAMED]
    return [
        Evidence(
            source=f"{name_of(context.proc / str(pid))} ({pid})",
            value=f"{took[pid]:.1f} cores",
        )
        for pid in busiest
        if took[pid] >= 0.1
    ]

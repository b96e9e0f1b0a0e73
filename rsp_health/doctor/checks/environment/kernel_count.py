"""Count the kernels that do nothing, and the memory that they hold."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ....platform.control_group import ControlGroup
from ....wire import utc_now
from ...evidence.consumers import cpu_times, kernels
from ...evidence.words import counted, duration, size
from ...models import Evidence, attention, ok
from ..base import Check

if TYPE_CHECKING:
    from ...context import Context
    from ...evidence.consumers import Consumer
    from ...models import Finding
    from ...seen import ServerKernel

__all__ = ["KernelCount"]

_LOOK_S = 0.4
#: Idle kernels beyond which somebody has forgotten some.
_MANY = 10
_SHARE = 0.4
_STEP = (
    "Shut down those that you no longer need, in Running ▸ Kernels: what is "
    "only in their memory is lost, files stay."
)


class KernelCount(Check):
    """Reads the processes, and what the server says of its kernels."""

    id = "kernel.count"
    title = "Running kernels"

    def look(self, context: Context) -> Finding:
        """Return what is found."""
        running = kernels(context.proc)
        if not running:
            return ok(
                "No kernel runs in this lab.",
                Evidence(source=str(context.proc), value="no kernel"),
            )
        before = cpu_times(context.proc)
        time.sleep(_LOOK_S)
        after = cpu_times(context.proc)
        idle = [
            one
            for one in running
            if after.get(one.pid, 0.0) - before.get(one.pid, 0.0)
            < _LOOK_S / 10
        ]
        held = sum(one.memory_bytes for one in idle)
        seen = [_told(one, context, one in idle) for one in running]
        if context.seen is not None and context.seen.terminals:
            seen.append(
                Evidence(
                    source="this server",
                    value=counted(context.seen.terminals, "open terminal"),
                )
            )
        limit = _limit(context)
        much = limit is not None and held > _SHARE * limit
        if not much and len(idle) <= _MANY:
            return ok(
                f"{counted(len(running), 'kernel')} in this lab; "
                f"{len(idle)} of them idle, with {size(held)} of memory.",
                *seen,
            )
        of = f" of {size(limit)}" if limit is not None else ""
        return attention(
            f"{counted(len(idle), 'idle kernel')} "
            f"{'holds' if len(idle) == 1 else 'hold'} {size(held)}{of} of "
            "memory.",
            *seen,
            whose="your_lab",
            next_step=_STEP,
        )


def _limit(context: Context) -> int | None:
    memory = ControlGroup(context.cgroup, context.proc).memory()
    counted_limit = None if memory is None else memory.limit_bytes
    return counted_limit or context.environment.memory_limit_bytes


def _told(one: Consumer, context: Context, is_idle: bool) -> Evidence:
    of = _of_server(one, context)
    notebook = f" ({of.notebook})" if of is not None and of.notebook else ""
    does = "idle" if is_idle else "at work"
    if of is not None and of.last_activity is not None and is_idle:
        ago = (utc_now() - of.last_activity).total_seconds()
        does += f", last used {duration(max(0.0, ago))} ago"
    return Evidence(
        source=f"{one.name}{notebook}",
        value=f"{size(one.memory_bytes)}, {does}",
    )


def _of_server(one: Consumer, context: Context) -> ServerKernel | None:
    known = [] if context.seen is None else context.seen.kernels or []
    short = one.name.rpartition(" ")[2]
    return next((k for k in known if k.id.startswith(short)), None)

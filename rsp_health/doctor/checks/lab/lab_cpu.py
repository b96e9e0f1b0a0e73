"""Look for a moment, and at the last minute, at what the processors do."""

from __future__ import annotations

import contextlib
from time import monotonic, sleep
from typing import TYPE_CHECKING

from ....platform.control_group import ControlGroup
from ...evidence.consumers import (
    is_kernel,
    name_of,
    processor_times,
    tree,
)
from ...models import Evidence, attention, cannot_tell, ok
from ..base import Check

if TYPE_CHECKING:
    from ....platform.control_group import CpuCounters
    from ...context import Context
    from ...evidence.consumers import CpuTime
    from ...models import Finding

__all__ = ["LabCpu"]

_WINDOW_S = 0.5
#: Where nothing tells of the minute before, so much longer is looked.
_LONGER_S = 1.0
_BUSY = 0.9
#: Share of the spans in which something ran and was held back.
_HELD_BACK = 0.25
#: Who is held back uses at least so much of the limit by himself.
_OF_LIMIT = 0.5
#: Share of the last minute in which something waited for a core.
_WAITED = 0.2
_NAMED = 3
#: Cores that are worth a word.
_LEAST = 0.1


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
        waited = group.cpu_waiting()
        processes = _processes(context)
        sleep(_WINDOW_S)
        seen = _Seen(context, processes, before, group.cpu() or before, began)
        if waited is None and seen.is_much:
            sleep(_LONGER_S)
            seen = _Seen(
                context, processes, before, group.cpu() or before, began
            )
        return seen.judge(waited)


class _Seen:
    """What was used between two moments, by whom."""

    def __init__(
        self,
        context: Context,
        processes: dict[int, CpuTime],
        before: CpuCounters,
        after: CpuCounters,
        began: float,
    ) -> None:
        self._context = context
        self._window = monotonic() - began
        self._took, self._own = _took(context, processes, self._window)
        used = (after.used_s - before.used_s) / self._window
        self._cores = max(0.0, used - self._own)
        self._limit = after.limit_cores or context.environment.cpu_limit
        self._held = _held_back(before, after)

    @property
    def is_busy(self) -> bool:
        return self._limit is not None and self._cores >= _BUSY * self._limit

    @property
    def is_held(self) -> bool:
        least = _OF_LIMIT * (self._limit or 0.0)
        return (self._held or 0.0) > _HELD_BACK and self._cores >= least

    @property
    def is_much(self) -> bool:
        return self.is_busy or self.is_held

    def judge(self, waited: float | None) -> Finding:
        """Return the finding.

        Parameters
        ----------
        waited
            Share of the last minute in which something waited for a core;
            `None` if that is not counted.
        """
        uses = f"{self._cores:.1f}{_of(self._limit)} cores"
        seen = self._evidence(uses, waited)
        if waited is None and self._held is None and self.is_busy:
            return cannot_tell(
                f"This lab used {uses} for {self._window:.1f} s; whether more "
                "was wanted is not counted here.",
                *seen,
            )
        slow = self.is_held if waited is None else waited >= _WAITED
        if not (self.is_much and slow):
            return ok(f"This lab uses {uses}{_waiting(waited)}.", *seen)
        return attention(
            f"This lab uses {uses}, "
            f"{'and is held back' if self.is_held else 'nearly all that it has'}: "
            "what runs in it may be slow.",
            *seen,
            *self._consumers(),
            whose="your_lab",
            next_step=self._next_step(),
        )

    def _evidence(self, uses: str, waited: float | None) -> list[Evidence]:
        own = (
            f", without the {self._own:.1f} of this doctor"
            if self._own >= _LEAST
            else ""
        )
        seen = [
            Evidence(
                source=f"control group in {self._context.cgroup}",
                value=f"{uses} in use during {self._window:.1f} s{own}",
            )
        ]
        if self._held is not None:
            seen.append(
                Evidence(
                    source="throttled",
                    value=f"held back in {self._held:.0%} of that time",
                )
            )
        if waited is not None:
            seen.append(
                Evidence(
                    source="waiting for a core",
                    value=f"{waited:.0%} of the last minute",
                )
            )
        return seen

    def _busiest(self) -> list[int]:
        order = sorted(self._took, key=lambda pid: -self._took[pid])
        return [pid for pid in order[:_NAMED] if self._took[pid] >= _LEAST]

    def _name(self, pid: int) -> str:
        return f"{name_of(self._context.proc / str(pid))} ({pid})"

    def _consumers(self) -> list[Evidence]:
        named = self._busiest()
        found = [
            Evidence(
                source=self._name(pid), value=f"{self._took[pid]:.1f} cores"
            )
            for pid in named
        ]
        rest = self._cores - sum(self._took[pid] for pid in named)
        if rest >= _LEAST:
            found.append(
                Evidence(
                    source="all others, and those that have ended",
                    value=f"{rest:.1f} cores",
                )
            )
        return found

    def _next_step(self) -> str:
        named = self._busiest()
        if not named:
            return (
                "Look with `top` in a terminal what runs, and end what you do "
                "not need."
            )
        most = self._name(named[0])
        if is_kernel(most):
            return (
                "Interrupt or shut down what you do not need, in Running ▸ "
                f"Kernels: {most} takes most."
            )
        return (
            f"{most} takes most: if you do not need it, end it where you "
            "started it, or with `kill` in a terminal."
        )


def _took(
    context: Context, before: dict[int, CpuTime], window: float
) -> tuple[dict[int, float], float]:
    """Return the cores of each process, and those of the doctor itself."""
    after = _processes(context)
    ours = tree(after, context.doctor) | tree(before, context.doctor)
    spent = 0.0
    took: dict[int, float] = {}
    for pid, now in after.items():
        then = before.get(pid)
        cores = (now.own_s - (then.own_s if then else 0.0)) / window
        if pid not in ours:
            took[pid] = cores
            continue
        spent += cores
        if pid == context.doctor and then is not None:
            # Of what it started and has ended meanwhile.
            spent += (now.ended_s - then.ended_s) / window
    return took, max(0.0, spent)


def _waiting(waited: float | None) -> str:
    """Return what to say of a lab that waits, and does not use it all."""
    if waited is None or waited < _WAITED:
        return ""
    return (
        f"; in {waited:.0%} of the last minute something in it waited for one"
    )


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


def _processes(context: Context) -> dict[int, CpuTime]:
    with contextlib.suppress(OSError):
        return processor_times(context.proc)
    return {}

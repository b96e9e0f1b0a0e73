"""Classifies how a cell ended: the one place where states are decided."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ...redaction.terminal import without_ansi
from .. import processes
from ..kernels.exit import KernelExit
from .notebook_outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Collection

    from ...notebooks.document import CodeCell
    from ...redaction import Redactor
    from ..kernels.client import Kernel
    from ..models import CellState, RunMode
    from ..options import Limits
    from ..stopping import StopSwitch
    from .outputs import OutputCollector
    from .termination import Cause, TerminationEscalation

__all__ = [
    "SKIP_EXCEPTIONS",
    "CellOutcomeClassifier",
    "RunningCell",
    "duration",
]

#: Exceptions by which a notebook asks to be skipped: ours, and
#: ``unittest.SkipTest`` for notebooks that import nothing of ours.
SKIP_EXCEPTIONS = frozenset({"SkipNotebook", "SkipTest"})

#: Seconds by which the wall clock must leave the monotonic one to have been
#: set; slowly adjusted clocks stay below in any cell.
_CLOCK_SET_S = 0.5


def _clock() -> float:
    return time.time() - time.monotonic()


@dataclass(slots=True)
class RunningCell:
    """A cell while it runs."""

    cell: CodeCell
    message_id: str
    began: float
    last_heard: float
    #: How far the wall clock was ahead of the monotonic one, in seconds.
    clock: float = field(default_factory=_clock)
    #: Ids of what the kernel was asked when it fell silent.
    liveness_probes: set[str] = field(default_factory=set)
    answers_probes: bool = False
    reply: dict[str, Any] | None = None
    idle: bool = False
    busy_at: str | None = None
    idle_at: str | None = None
    escalation: TerminationEscalation | None = None
    #: How many calls to stop were acted on.
    stops: int = 0

    @property
    def number(self) -> str:
        """Its number over code cells; and IPython's own, if that differs.

        IPython counts what it executes, so not the empty cells before.
        """
        index, count = self.cell.index, self.cell.cell.get("execution_count")
        other = isinstance(count, int) and count != index
        return f"{index} (In[{count}])" if other else str(index)

    @property
    def complete(self) -> bool:
        """Whether both halves of its end have come."""
        return self.idle and self.reply is not None


class CellOutcomeClassifier:
    """Says how each cell of one notebook ended.

    Parameters
    ----------
    kernel
        Its kernel.
    outputs
        What the running cell put out.
    limits
        What it may use.
    stop
        Tells who stopped the run.
    redactor
        Takes the secrets out of what is cut off.
    to_run
        Numbers of the code cells that are not skipped.
    mode
        Whether an error that is shown counts (``jupyter``), or only what the
        kernel replies (``mobu``).
    notes
        Takes what the user should know, whatever the end.
    """

    def __init__(
        self,
        *,
        kernel: Kernel,
        outputs: OutputCollector,
        limits: Limits,
        stop: StopSwitch,
        redactor: Redactor,
        to_run: Collection[int],
        mode: RunMode,
        notes: list[str],
    ) -> None:
        self._kernel = kernel
        self._outputs = outputs
        self._limits = limits
        self._stop = stop
        self._redactor = redactor
        self._to_run = to_run
        self._mode = mode
        self._notes = notes
        self._oom_before = processes.oom_kills()

    def stopped(self, where: str) -> Outcome:
        """Say that the run was stopped, by whom, and where it was then."""
        if self._stop.by_user:
            return Outcome("stopped", f"Stopped {where}.")
        return Outcome("interrupted", f"{self._stop.reason} {where}.")

    def late(self, where: str) -> Outcome:
        """Say that the notebook's time was up, and where it was then."""
        limit = self._limits.notebook_timeout_s or 0.0
        return Outcome(
            "timed_out", f"The notebook ran longer than {limit:g} s, {where}."
        )

    def classify(
        self, running: RunningCell, lost: bool, allows_errors: bool
    ) -> tuple[CellState, Outcome | None]:
        """Say how a cell ended, and the notebook if that was its end.

        Parameters
        ----------
        running
            The cell.
        lost
            Whether the kernel fell silent before its end was known.
        allows_errors
            Whether an exception is no failure here.
        """
        number = running.number
        if running.escalation is not None:
            return self._ended_by_us(running.escalation.cause, number)
        if not running.complete:
            return self._incomplete(lost, number)
        reply = running.reply or {}
        status = reply.get("status")
        if status == "error" or (status != "ok" and self._outputs.error):
            return self._error(reply, number, allows_errors)
        if status != "ok":
            return "failed", Outcome(
                "failed", f"Cell {number} was aborted by the kernel."
            )
        found = self._shown(reply, number, allows_errors)
        return self._ended(running, reply) if found is None else found

    def _ended(
        self, running: RunningCell, reply: dict[str, Any]
    ) -> tuple[CellState, Outcome | None]:
        """Classify a cell that passed, and may have ended the kernel."""
        index, number = running.cell.index, running.number
        left = sum(later > index for later in self._to_run)
        if left and _asks_exit(reply):
            return "passed", Outcome(
                "died",
                f"Cell {number} called exit(): the kernel ended with {left} "
                f"code {'cell' if left == 1 else 'cells'} left to run.",
            )
        return "passed", None

    def _shown(
        self, reply: dict[str, Any], number: str, allows_errors: bool
    ) -> tuple[CellState, Outcome] | None:
        """Classify an error that is shown though the reply says all is well.

        As of ``%run``, or of a figure that could not be drawn. Return `None`
        if it is no failure.
        """
        shown = self._outputs.error = self._outputs.shown_error()
        if shown is None:
            return None
        if self._mode == "jupyter":
            state, outcome = self._error(reply, number, allows_errors)
            return None if outcome is None else (state, outcome)
        what = self._described(str(shown["ename"]), str(shown["evalue"]))
        self._notes.append(
            f"Cell {number} shows an error ({what}), but its code ended "
            "without one: mobu counts it as passed."
        )
        return None

    def _incomplete(
        self, lost: bool, number: str
    ) -> tuple[CellState, Outcome]:
        if lost:
            return "failed", Outcome(
                "error",
                f"Cell {number}: the kernel stopped sending messages, so it "
                "cannot be told how the cell ended.",
            )
        reason = f"{self.exit_reason()} In cell {number}."
        return "died", Outcome("died", reason)

    def _ended_by_us(
        self, cause: Cause, number: str
    ) -> tuple[CellState, Outcome]:
        if cause == "stop":
            return "stopped", self.stopped(f"in cell {number}")
        if cause == "cell":
            limit = self._limits.cell_timeout_s or 0.0
            return "timed_out", Outcome(
                "timed_out",
                f"Cell {number} ran longer than {limit:g} s.",
            )
        return "timed_out", self.late(f"in cell {number}")

    def _error(
        self, reply: dict[str, Any], number: str, allows_errors: bool
    ) -> tuple[CellState, Outcome | None]:
        name = str(reply.get("ename", ""))
        value = str(reply.get("evalue", ""))
        told = self._outputs.error
        if told is not None and name in {"", "NoneType"}:
            # Aborted, or raised while a result was shown: the reply does not
            # know what.
            name, value = str(told["ename"]), str(told["evalue"])
        elif told is None:
            # No traceback was published; the reply has the same facts.
            self._outputs.error = {
                "ename": name,
                "evalue": value,
                "traceback": [str(x) for x in reply.get("traceback") or ()],
            }
        if name in SKIP_EXCEPTIONS:
            return "skipped", Outcome("skipped", value or "It asked for it.")
        if allows_errors:
            return "passed", None
        text = self._described(name, value)
        return "failed", Outcome("failed", f"Cell {number}: {text}")

    def _described(self, name: str, value: str) -> str:
        """Return an exception as its first line says it."""
        text = without_ansi(self._redactor.text(value))
        first = text.strip().splitlines()[:1]
        return f"{name}: {first[0][:300]}" if first else name

    def exit_reason(self) -> str:
        """Say why the kernel is gone."""
        ended = self._kernel.exit or KernelExit(None)
        before, after = self._oom_before, processes.oom_kills()
        out_of_memory = (
            None if before is None or after is None else after > before
        )
        text = ended.describe(out_of_memory=out_of_memory)
        # Only its end was kept.
        log = self._redactor.tail(ended.log, len(ended.log), cut=True)
        lines = [x for x in log.splitlines() if x.strip()]
        if lines:
            text += f" It said: {lines[-1][:300]}"
        return text


def _asks_exit(reply: dict[str, Any]) -> bool:
    """Whether the kernel ends after this cell, as after ``exit()``."""
    payload = reply.get("payload")
    return any(
        isinstance(item, dict)
        and item.get("source") == "ask_exit"
        and not item.get("keepkernel")
        for item in (payload if isinstance(payload, list) else ())
    )


def duration(running: RunningCell, measured: float) -> float:
    """Seconds by the kernel's own clock, where that can be believed.

    The kernel's clock may be set while a cell runs, and so is the one here,
    which shows it. What was measured is monotonic and can only be longer, by
    the way of the messages.
    """
    if abs(_clock() - running.clock) > _CLOCK_SET_S:
        return round(measured, 6)
    try:
        busy = datetime.fromisoformat(running.busy_at or "")
        idle = datetime.fromisoformat(running.idle_at or "")
        told = (idle - busy).total_seconds()
    except (ValueError, TypeError):
        return round(measured, 6)
    if 0 <= told <= measured:
        return round(told, 6)
    return round(measured, 6)

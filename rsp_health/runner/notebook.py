"""Runs one notebook in one kernel, and says truthfully how that ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from ..wire import utc_now
from . import processes
from .kernel import Death, KernelStartError
from .outputs import OutputCollector
from .redact import redact

if TYPE_CHECKING:
    from .document import CodeCell, NotebookDocument
    from .kernel import Kernel
    from .memory import MemoryMeter
    from .messages import Message
    from .models import CellState, NotebookState, RunMode
    from .stopping import StopSwitch

__all__ = ["SKIP_EXCEPTIONS", "Limits", "NotebookRun", "Outcome"]

#: Exceptions by which a notebook asks to be skipped: ours, and
#: ``unittest.SkipTest`` for notebooks that import nothing of ours.
SKIP_EXCEPTIONS = frozenset({"SkipNotebook", "SkipTest"})
#: Seconds without any message after which the missing half of a cell's end
#: (its reply, or idle) is given up: never taken for success.
_SILENCE_S = 15.0
#: Seconds in which the last output of a dead kernel still arrives.
_LAST_WORDS_S = 0.2

Emit = Callable[..., None]
Cause = Literal["cell", "notebook", "stop"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a notebook may use.

    Parameters
    ----------
    cell_timeout_s, notebook_timeout_s
        Seconds, or `None` for no limit.
    max_output_bytes
        Output kept for each cell.
    start_timeout_s
        Seconds in which a kernel has to answer.
    interrupt_s, terminate_s
        Seconds that a kernel has to obey an interrupt, and then SIGTERM,
        before the next step of the ladder.
    """

    cell_timeout_s: float | None = 1000.0
    notebook_timeout_s: float | None = None
    max_output_bytes: int = 2 * 1024 * 1024
    start_timeout_s: float = 60.0
    interrupt_s: float = 4.0
    terminate_s: float = 3.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a notebook ended."""

    state: NotebookState
    reason: str | None = None


class _Ladder:
    """The steps from an interrupt to a kill, by the clock."""

    def __init__(self, kernel: Kernel, cause: Cause, limits: Limits) -> None:
        self.cause = cause
        self._kernel = kernel
        self._steps: list[tuple[float, Callable[[], None]]] = [
            (limits.terminate_s, kernel.terminate),
            (0.0, kernel.kill),
        ]
        kernel.interrupt()
        self.deadline = time.monotonic() + limits.interrupt_s

    def climb(self) -> None:
        """Take the next step."""
        if not self._steps:
            self.deadline = time.monotonic() + 1.0
            return
        wait, step = self._steps.pop(0)
        step()
        self.deadline = time.monotonic() + (wait or 1.0)

    def kill(self) -> None:
        """Take the last step at once."""
        self._steps.clear()
        self._kernel.kill()
        self.deadline = time.monotonic() + 1.0


@dataclass(slots=True)
class _Running:
    """A cell while it runs."""

    cell: CodeCell
    message_id: str
    began: float
    last_heard: float
    reply: dict[str, Any] | None = None
    idle: bool = False
    busy_at: str | None = None
    idle_at: str | None = None
    ladder: _Ladder | None = None

    @property
    def complete(self) -> bool:
        return self.idle and self.reply is not None


class NotebookRun:
    """One attempt at one notebook.

    Parameters
    ----------
    document
        The notebook; its cells' outputs are replaced.
    kernel
        A kernel that was asked for; the caller ends it.
    limits
        What it may use.
    mode
        ``jupyter`` honours cell tags, ``mobu`` does not.
    emit
        Takes record lines: kind and fields.
    stop
        Tells that the run is to stop.
    memory
        Measures the cells.
    budget
        Bytes of output left for the run.
    """

    def __init__(
        self,
        *,
        document: NotebookDocument,
        kernel: Kernel,
        limits: Limits,
        mode: RunMode,
        emit: Emit,
        stop: StopSwitch,
        memory: MemoryMeter,
        budget: list[int],
    ) -> None:
        self._document = document
        self._kernel = kernel
        self._limits = limits
        self._mode = mode
        self._emit = emit
        self._stop = stop
        self._memory = memory
        self._outputs = OutputCollector(
            cell_limit=limits.max_output_bytes, budget=budget
        )
        self._oom_before = processes.oom_kills()
        self._deadline: float | None = None
        self._tail_at = 0.0

    def run(self) -> Outcome:
        """Run all cells; never raises for what a notebook may do."""
        began = time.monotonic()
        limit = self._limits.notebook_timeout_s
        self._deadline = None if limit is None else began + limit
        start_limit = self._limits.start_timeout_s
        if limit is not None:
            start_limit = min(start_limit, limit)
        if self._stop.stopped:
            return self._stopped("before its first cell")
        try:
            self._kernel.wait_until_ready(
                timeout_s=start_limit, wake=self._stop.wake
            )
        except KernelStartError as exc:
            if self._stop.stopped:
                return self._stopped("while its kernel started")
            return Outcome("error", redact(str(exc)))
        outcome = Outcome("passed")
        cells = self._document.cells
        ended_at: int | None = None
        for cell in cells:
            if ended_at is not None:
                self._not_run(cell)
            elif self._is_skipped(cell):
                self._emit(
                    "cell_finished", cell_index=cell.index, state="skipped"
                )
            else:
                found = self._run_cell(cell)
                if found is not None:
                    outcome = found
                    ended_at = cell.index
        self._document.metadata["language_info"] = self._kernel.language_info
        widgets = self._outputs.widget_metadata()
        if widgets is not None:
            self._document.metadata["widgets"] = widgets
        return outcome

    def _is_skipped(self, cell: CodeCell) -> bool:
        if not cell.source.strip():
            return True
        return self._mode == "jupyter" and "skip-execution" in cell.tags

    def _allows_errors(self, cell: CodeCell) -> bool:
        if self._mode == "mobu":
            return False
        if "raises-exception" in cell.tags:
            return True
        for metadata in (cell.cell["metadata"], self._document.metadata):
            execution = metadata.get("execution")
            if (
                isinstance(execution, dict)
                and execution.get("allow_errors") is True
            ):
                return True
        return False

    def _not_run(self, cell: CodeCell) -> None:
        """Leave no output of an earlier run in the executed copy."""
        cell.cell["outputs"] = []
        cell.cell["execution_count"] = None

    def _stopped(self, where: str) -> Outcome:
        if self._stop.by_user:
            return Outcome("stopped", f"Stopped {where}.")
        return Outcome("interrupted", f"{self._stop.reason} {where}.")

    def _run_cell(self, cell: CodeCell) -> Outcome | None:
        """Run a cell; return the notebook's end if this is it."""
        if self._stop.stopped:
            self._not_run(cell)
            return self._stopped(f"before cell {cell.index}")
        if not self._kernel.alive:
            self._not_run(cell)
            return Outcome(
                "died", f"{self._death_reason()} Before cell {cell.index}."
            )
        allows_errors = self._allows_errors(cell)
        self._outputs.start(cell.cell)
        cell.cell["execution_count"] = None
        cell.cell["metadata"]["execution"] = {}
        self._emit(
            "cell_started",
            cell_index=cell.index,
            id=cell.id,
            source_sha256=cell.sha256,
        )
        pid = self._kernel.pid
        if pid is not None:
            self._memory.start(pid)
        now = time.monotonic()
        running = _Running(
            cell=cell,
            message_id=self._kernel.send(
                "shell",
                "execute_request",
                {
                    "code": cell.source,
                    "silent": False,
                    "store_history": True,
                    "user_expressions": {},
                    "allow_stdin": False,
                    "stop_on_error": not allows_errors,
                },
            ),
            began=now,
            last_heard=now,
        )
        lost = self._wait(running)
        measured = time.monotonic() - running.began
        self._outputs.finish()
        peak = self._memory.finish(pid) if pid is not None else None
        state, outcome = self._judge(running, lost, allows_errors)
        self._emit(
            "cell_finished",
            cell_index=cell.index,
            state=state,
            duration_s=_duration(running, measured),
            peak_memory_bytes=peak,
            output_bytes=self._outputs.bytes,
            output_truncated=self._outputs.truncated,
            execution_count=cell.cell["execution_count"],
            error=self._outputs.plain_error(),
        )
        return outcome

    def _wait(self, running: _Running) -> bool:
        """Wait for the cell's end; true if the kernel fell silent."""
        while not running.complete:
            deadline = self._next_deadline(running)
            wait = None if deadline is None else deadline - time.monotonic()
            wake = self._stop.wake
            ready = self._kernel.poll(wait, wake)
            self._read(running)
            if running.complete:
                return False
            if not self._kernel.alive:
                self._last_words(running)
                return False
            if wake in ready:
                self._on_stop(running)
            elif (
                deadline is not None
                and time.monotonic() >= deadline
                and self._on_deadline(running)
            ):
                return True
        return False

    def _next_deadline(self, running: _Running) -> float | None:
        """Return when to act if nothing happens before."""
        if running.ladder is not None:
            return running.ladder.deadline
        deadlines = []
        if self._limits.cell_timeout_s is not None:
            deadlines.append(running.began + self._limits.cell_timeout_s)
        if self._deadline is not None:
            deadlines.append(self._deadline)
        if running.idle or running.reply is not None:
            deadlines.append(running.last_heard + _SILENCE_S)
        return min(deadlines, default=None)

    def _on_stop(self, running: _Running) -> None:
        if running.ladder is None:
            running.ladder = _Ladder(self._kernel, "stop", self._limits)
        if self._stop.exhausted:
            running.ladder.kill()

    def _on_deadline(self, running: _Running) -> bool:
        """Act on a deadline; true if the kernel is silent for good."""
        now = time.monotonic()
        if running.ladder is not None:
            running.ladder.climb()
            return False
        if self._deadline is not None and now >= self._deadline:
            running.ladder = _Ladder(self._kernel, "notebook", self._limits)
            return False
        limit = self._limits.cell_timeout_s
        if limit is not None and now >= running.began + limit:
            running.ladder = _Ladder(self._kernel, "cell", self._limits)
            return False
        return True

    def _read(self, running: _Running) -> None:
        """Read what has arrived on both channels."""
        for message in self._kernel.receive("iopub"):
            if message.parent_id == running.message_id:
                running.last_heard = time.monotonic()
                self._take(running, message)
        for message in self._kernel.receive("shell"):
            if (
                message.parent_id == running.message_id
                and message.kind == "execute_reply"
            ):
                running.last_heard = time.monotonic()
                running.reply = message.content
                _note(running.cell, "shell.execute_reply", message.date)
        if running.last_heard - self._tail_at > 1.0:
            self._show_tail(running)

    def _take(self, running: _Running, message: Message) -> None:
        if message.kind == "status":
            state = message.content.get("execution_state")
            if state == "busy":
                running.busy_at = message.date
            elif state == "idle":
                running.idle = True
                running.idle_at = message.date
            _note(running.cell, f"iopub.status.{state}", message.date)
            return
        if message.kind == "execute_input":
            _note(running.cell, "iopub.execute_input", message.date)
        self._outputs.add(message)

    def _show_tail(self, running: _Running) -> None:
        """Record the end of a long cell's output, for those who watch."""
        if not self._outputs.tail:
            return
        if time.monotonic() - running.began < 1.0:
            return
        self._tail_at = time.monotonic()
        text = self._outputs.tail
        if len(text) >= 2000 and "\n" in text:
            # The cut may have gone through a credential.
            text = text.partition("\n")[2]
        self._emit(
            "cell_output",
            cell_index=running.cell.index,
            text=redact(text),
            output_bytes=self._outputs.bytes,
        )

    def _last_words(self, running: _Running) -> None:
        """Read what a dead kernel had sent before."""
        deadline = time.monotonic() + _LAST_WORDS_S
        while (left := deadline - time.monotonic()) > 0:
            if not self._kernel.poll(min(left, 0.05), self._stop.wake):
                break
            self._read(running)
            if running.complete:
                break

    def _judge(
        self, running: _Running, lost: bool, allows_errors: bool
    ) -> tuple[CellState, Outcome | None]:
        """Say how the cell ended, and the notebook if that was its end."""
        index = running.cell.index
        if running.ladder is not None:
            return self._judge_ladder(running.ladder.cause, index)
        if not running.complete:
            return self._judge_incomplete(lost, index)
        reply = running.reply or {}
        status = reply.get("status")
        if status == "error" or (status != "ok" and self._outputs.error):
            return self._judge_error(reply, index, allows_errors)
        if status != "ok":
            return "failed", Outcome(
                "failed", f"Cell {index} was aborted by the kernel."
            )
        left = len(self._document.cells) - index
        if left and _asks_exit(reply):
            return "passed", Outcome(
                "died",
                f"Cell {index} called exit(): the kernel ended before the "
                f"remaining {left} code cells.",
            )
        return "passed", None

    def _judge_incomplete(
        self, lost: bool, index: int
    ) -> tuple[CellState, Outcome]:
        if lost:
            return "failed", Outcome(
                "error",
                f"Cell {index}: the kernel stopped sending messages, so it "
                "cannot be told how the cell ended.",
            )
        reason = f"{self._death_reason()} In cell {index}."
        return "died", Outcome("died", reason)

    def _judge_ladder(
        self, cause: Cause, index: int
    ) -> tuple[CellState, Outcome]:
        if cause == "stop":
            return "stopped", self._stopped(f"in cell {index}")
        if cause == "cell":
            limit = self._limits.cell_timeout_s or 0.0
            return "timed_out", Outcome(
                "timed_out",
                f"Cell {index} ran longer than {limit:g} s.",
            )
        limit = self._limits.notebook_timeout_s or 0.0
        return "timed_out", Outcome(
            "timed_out",
            f"The notebook ran longer than {limit:g} s, in cell {index}.",
        )

    def _judge_error(
        self, reply: dict[str, Any], index: int, allows_errors: bool
    ) -> tuple[CellState, Outcome | None]:
        name = str(reply.get("ename", ""))
        value = redact(str(reply.get("evalue", "")))
        if self._outputs.error is None:
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
        first = value.strip().splitlines()[:1]
        text = f": {first[0][:300]}" if first else ""
        return "failed", Outcome("failed", f"Cell {index}: {name}{text}")

    def _death_reason(self) -> str:
        death = self._kernel.death or Death(None)
        before, after = self._oom_before, processes.oom_kills()
        out_of_memory = (
            before is not None and after is not None and after > before
        )
        text = death.describe(out_of_memory=out_of_memory)
        lines = [x for x in death.log.splitlines() if x.strip()]
        if lines:
            text += f" It said: {redact(lines[-1])[:300]}"
        return text


def _asks_exit(reply: dict[str, Any]) -> bool:
    payload = reply.get("payload")
    return any(
        isinstance(item, dict) and item.get("source") == "ask_exit"
        for item in (payload if isinstance(payload, list) else ())
    )


def _note(cell: CodeCell, name: str, date: str) -> None:
    """Keep a time in the executed copy, where Jupyter's tools look for it."""
    timing = cell.cell["metadata"].setdefault("execution", {})
    timing[name] = date.replace("+00:00", "Z") or utc_now().isoformat()


def _duration(running: _Running, measured: float) -> float:
    """Seconds by the kernel's own clock, where that can be believed.

    The kernel's clock may be set while a cell runs; ours here is monotonic
    and can only be later, by the way of the messages.
    """
    try:
        busy = datetime.fromisoformat(running.busy_at or "")
        idle = datetime.fromisoformat(running.idle_at or "")
        told = (idle - busy).total_seconds()
    except (ValueError, TypeError):
        return round(measured, 6)
    if 0 <= told <= measured:
        return round(told, 6)
    return round(measured, 6)

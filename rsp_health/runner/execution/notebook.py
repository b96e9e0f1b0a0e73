"""Runs one notebook in one kernel, and says truthfully how that ended."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ...states import CUT_OFF
from ..kernels.client import KernelStartError
from ..planning.tags import CellWishes
from ..record_lines import CellFinished, CellStarted
from .cell_outcome import CellOutcomeClassifier, RunningCell, duration
from .live import LiveTail
from .notebook_outcome import Outcome
from .outputs import OutputCollector
from .termination import TerminationEscalation

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...notebooks.document import CodeCell, NotebookDocument
    from ...redaction import Redactor
    from ..kernels.client import Kernel
    from ..kernels.wire import Message
    from ..models import RunMode
    from ..options import Limits
    from ..record_lines import RecordLine
    from ..stopping import StopSwitch
    from .memory import MemoryMeter

__all__ = ["NotebookRun"]

#: Seconds without any message after which the missing half of a cell's end
#: (its reply, or idle) is given up: never taken for success. The kernel must
#: have answered something else since, or it is only slow.
_SILENCE_S = 15.0
#: The same for a kernel that answers nothing at all, while it lives: it, or
#: the whole machine, may be stalled (a suspended lab, a hanging file server).
_STALL_S = 120.0
#: Seconds of that silence after which the kernel is asked for something
#: else. When a handler of its output thread raises (half a character, printed)
#: ipykernel keeps what is queued behind it until there is more to send.
_LIVENESS_PROBES_S = (0.5, 2.0, 6.0)
#: Seconds in which the last output of a dead kernel still arrives.
_LAST_WORDS_S = 0.2
#: Share of the lab's memory from which a cell is worth a word.
_MUCH_MEMORY = 0.75


class NotebookRun:
    """One attempt at one notebook.

    Parameters
    ----------
    name
        The notebook's path, as the record tells it.
    document
        The notebook; its cells' outputs are replaced.
    kernel
        A kernel that was asked for; the caller ends it.
    limits
        What it may use.
    mode
        ``jupyter`` honours cell tags, ``mobu`` does not.
    tell
        Takes record lines: kind and fields.
    stop
        Tells that the run is to stop.
    memory
        Measures the cells.
    budget
        Bytes of output left for the run.
    redactor
        Takes secrets out of what is cut off.
    memory_limit_bytes
        What the lab has, for a word of warning; `None` if not known.
    """

    def __init__(
        self,
        *,
        name: str,
        document: NotebookDocument,
        kernel: Kernel,
        limits: Limits,
        mode: RunMode,
        tell: Callable[[RecordLine], None],
        stop: StopSwitch,
        memory: MemoryMeter,
        budget: list[int],
        redactor: Redactor,
        memory_limit_bytes: int | None = None,
    ) -> None:
        self._document = document
        self._kernel = kernel
        self._limits = limits
        self._wishes = CellWishes(document, mode)
        self._name = name
        self._tell = tell
        self._stop = stop
        self._memory = memory
        self._outputs = OutputCollector(
            cell_limit=limits.max_output_bytes,
            budget=budget,
            redactor=redactor,
        )
        self._live = LiveTail(name, self._outputs, tell)
        self._memory_limit = memory_limit_bytes
        #: What the user should know, whatever the end.
        self.notes: list[str] = []
        self._classifier = CellOutcomeClassifier(
            kernel=kernel,
            outputs=self._outputs,
            limits=limits,
            stop=stop,
            redactor=redactor,
            to_run=self._wishes.to_run(),
            mode=mode,
            notes=self.notes,
        )
        self._deadline: float | None = None

    def start(self) -> Outcome | None:
        """Wait for the kernel.

        Returns
        -------
        Outcome or None
            The notebook's end, if the run was stopped or its time was up
            meanwhile.

        Raises
        ------
        KernelStartError
            Raised if the kernel did not start.
        """
        limit = self._limits.notebook_timeout_s
        start_limit = self._limits.start_timeout_s
        if limit is not None:
            self._deadline = time.monotonic() + limit
            start_limit = min(start_limit, limit)
        try:
            if not self._stop.stopped:
                self._kernel.wait_until_ready(
                    timeout_s=start_limit, wake=self._stop.wake
                )
        except KernelStartError:
            if not self._stop.stopped:
                if self._deadline is None or time.monotonic() < self._deadline:
                    raise
                return self._classifier.late("before its first cell")
        if self._stop.stopped:
            return self._classifier.stopped("before its first cell")
        return None

    def run(self) -> Outcome:
        """Run all cells; never raises for what a notebook may do."""
        cells = self._document.cells
        outcome = Outcome("passed")
        if not self._wishes.to_run():
            outcome = Outcome(
                "skipped", "It holds no code cell that is to be run."
            )
        ended_at: int | None = None
        for cell in cells:
            if ended_at is not None:
                self._not_run(cell)
            elif self._wishes.is_skipped(cell):
                self._tell(
                    CellFinished(
                        notebook=self._name,
                        cell_index=cell.index,
                        state="skipped",
                    )
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

    def _not_run(self, cell: CodeCell) -> None:
        """Leave no output of an earlier run in the executed copy."""
        cell.cell["outputs"] = []
        cell.cell["execution_count"] = None

    def _run_cell(self, cell: CodeCell) -> Outcome | None:
        """Run a cell; return the notebook's end if this is it."""
        if self._stop.stopped:
            self._not_run(cell)
            return self._classifier.stopped(f"before cell {cell.index}")
        if not self._kernel.alive:
            self._not_run(cell)
            return Outcome(
                "died",
                f"{self._classifier.exit_reason()} Before cell {cell.index}.",
            )
        allows_errors = self._wishes.allows_errors(cell)
        self._outputs.start(cell.cell)
        cell.cell["execution_count"] = None
        cell.forget_times()
        self._tell(
            CellStarted(
                notebook=self._name,
                cell_index=cell.index,
                id=cell.id,
                source_sha256=cell.sha256,
            )
        )
        pid = self._kernel.pid
        if pid is not None:
            self._memory.start(pid)
        now = time.monotonic()
        running = RunningCell(
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
        self._live.start()
        lost = self._wait(running)
        measured = time.monotonic() - running.began
        self._outputs.finish()
        self._tell_widgets()
        peak = self._memory.finish(pid) if pid is not None else None
        self._warn_of_memory(cell.index, peak)
        state, outcome = self._classifier.classify(
            running, lost, allows_errors
        )
        if state in CUT_OFF:
            self._live.show(cell.index)  # What it was at when that happened.
        self._tell(
            CellFinished(
                notebook=self._name,
                cell_index=cell.index,
                state=state,
                duration_s=duration(running, measured),
                peak_memory_bytes=peak,
                output_bytes=self._outputs.bytes,
                output_truncated=self._outputs.truncated,
                execution_count=cell.cell["execution_count"],
                error=self._outputs.plain_error(),
            )
        )
        return outcome

    def _tell_widgets(self) -> None:
        """Tell the kernel what its Output widgets hold, as a lab would."""
        for comm_id, outputs in self._outputs.captured():
            state = {"outputs": outputs}
            data = {"method": "update", "state": state, "buffer_paths": []}
            self._kernel.send(
                "shell", "comm_msg", {"comm_id": comm_id, "data": data}
            )

    def _warn_of_memory(self, index: int, peak: int | None) -> None:
        limit = self._memory_limit
        if limit and peak and peak > _MUCH_MEMORY * limit:
            gib = 1024**3
            self.notes.append(
                f"Cell {index} needed {peak / gib:.1f} of the lab's "
                f"{limit / gib:.1f} GiB of memory."
            )

    def _wait(self, running: RunningCell) -> bool:
        """Wait for the cell's end; true if the kernel fell silent."""
        while not running.complete:
            deadline = self._next_deadline(running)
            times = [t for t in (deadline, self._live.due) if t is not None]
            wait = min(times) - time.monotonic() if times else None
            wake = self._stop.wake_after(running.stops)
            ready = self._kernel.poll(wait, wake)
            self._read(running)
            self._live.show_if_due(running.cell.index)
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

    def _next_deadline(self, running: RunningCell) -> float | None:
        """Return when to act if nothing happens before."""
        if running.escalation is not None:
            return running.escalation.deadline
        deadlines = []
        if self._limits.cell_timeout_s is not None:
            deadlines.append(running.began + self._limits.cell_timeout_s)
        if self._deadline is not None:
            deadlines.append(self._deadline)
        if running.idle or running.reply is not None:
            deadlines.append(running.last_heard + self._patience(running))
        return min(deadlines, default=None)

    def _patience(self, running: RunningCell) -> float:
        """Return the seconds of silence after which to probe, or give up."""
        if len(running.liveness_probes) < len(_LIVENESS_PROBES_S):
            return _LIVENESS_PROBES_S[len(running.liveness_probes)]
        return _SILENCE_S if running.answers_probes else _STALL_S

    def _on_stop(self, running: RunningCell) -> None:
        running.stops = self._stop.count
        if running.escalation is None:
            running.escalation = TerminationEscalation(
                self._kernel, "stop", self._limits
            )
        if self._stop.exhausted:
            running.escalation.kill()

    def _on_deadline(self, running: RunningCell) -> bool:
        """Act on a deadline; true if the kernel is silent for good."""
        now = time.monotonic()
        if running.escalation is not None:
            running.escalation.escalate()
            return False
        if self._deadline is not None and now >= self._deadline:
            running.escalation = TerminationEscalation(
                self._kernel, "notebook", self._limits
            )
            return False
        limit = self._limits.cell_timeout_s
        if limit is not None and now >= running.began + limit:
            running.escalation = TerminationEscalation(
                self._kernel, "cell", self._limits
            )
            return False
        if len(running.liveness_probes) < len(_LIVENESS_PROBES_S):
            running.liveness_probes.add(
                self._kernel.send("shell", "kernel_info_request", {})
            )
            return False
        return True

    def _read(self, running: RunningCell) -> None:
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
                running.cell.note_time("shell.execute_reply", message.date)
            elif (
                message.parent_id in running.liveness_probes
                and not running.answers_probes
            ):
                running.answers_probes = True
                # Its output thread has as long again to catch up.
                running.last_heard = time.monotonic()

    def _take(self, running: RunningCell, message: Message) -> None:
        if message.kind == "status":
            state = message.content.get("execution_state")
            if state == "busy":
                running.busy_at = message.date
            elif state == "idle":
                running.idle = True
                running.idle_at = message.date
            running.cell.note_time(f"iopub.status.{state}", message.date)
            return
        if message.kind == "execute_input":
            running.cell.note_time("iopub.execute_input", message.date)
        self._outputs.add(message)

    def _last_words(self, running: RunningCell) -> None:
        """Read what a dead kernel had sent before."""
        deadline = time.monotonic() + _LAST_WORDS_S
        while (left := deadline - time.monotonic()) > 0:
            if not self._kernel.poll(
                min(left, 0.05), self._stop.wake_after(2)
            ):
                break
            self._read(running)
            if running.complete:
                break

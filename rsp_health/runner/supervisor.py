"""Runs all notebooks of a plan: the process that owns a run calls this."""

from __future__ import annotations

import collections
import threading
import time
import traceback
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..files.process_identity import ProcessIdentity
from ..notebooks.names import to_text
from ..states import FAILED
from .execution.notebook_outcome import Outcome
from .planning.plan import tell_cells
from .record.run_document import worst
from .record_lines import (
    NotebookFinished,
    RunFinished,
    RunStarted,
    ToldNotebook,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from .backends import Backend
    from .execution.executed import ExecutedCopies
    from .models import NotebookState, RunEnvironment, RunRepository
    from .options import RunOptions
    from .planning.plan import PlannedNotebook, RunPlan
    from .record.services_seen import ServicesWitness
    from .record.writer import RecordWriter
    from .stopping import StopSwitch
    from .timings.remarks import Remarks

__all__ = ["Supervisor"]

#: States that another attempt may change.
_RETRIED = FAILED - {"invalid"}
_WHY = {
    RecursionError: "its JSON is nested too deeply",
    MemoryError: "memory is short",
}


class Supervisor:
    """One run, from its first line to its last.

    Parameters
    ----------
    run_id
        Its id.
    plan
        Its notebooks.
    options
        How it is done.
    record
        Where it is told.
    stop
        How it is stopped.
    executed
        Where executed copies are kept.
    circumstances
        Where it is run, and the repository of its notebooks.
    backend
        Where the notebooks execute; it is closed here.
    witness
        Sees how the platform is when a notebook fails.
    remarks
        What has been slower than usual; it takes the record's lines.
    """

    def __init__(
        self,
        *,
        run_id: str,
        plan: RunPlan,
        options: RunOptions,
        record: RecordWriter,
        stop: StopSwitch,
        executed: ExecutedCopies,
        circumstances: tuple[RunEnvironment, RunRepository | None],
        backend: Backend,
        witness: ServicesWitness,
        remarks: Remarks,
    ) -> None:
        self._run_id = run_id
        self._plan = plan
        self._options = options
        self._record = record
        self._stop = stop
        self._executed = executed
        self._circumstances = circumstances
        self._backend = backend
        self._witness = witness
        self._remarks = remarks
        self._lock = threading.Lock()
        self._states: list[NotebookState] = []
        self._queue: collections.deque[PlannedNotebook] = collections.deque()

    def announce(self) -> None:
        """Write the first line: from now on the run exists."""
        tell_cells(self._plan)
        environment, repository = self._circumstances
        self._record.write(
            RunStarted(
                run_id=self._run_id,
                mode=self._options.mode,
                backend=self._backend.name,
                jobs=self._options.jobs,
                folder=to_text(self._plan.folder),
                problems=self._plan.problems,
                supervisor=ProcessIdentity.of_this_process(),
                environment=environment,
                repository=repository,
                notebooks=[
                    ToldNotebook(
                        path=notebook.relative,
                        application=notebook.application,
                        selected=notebook.selected,
                        reason=notebook.reason,
                        cells=notebook.cells if notebook.cells_told else [],
                        content_sha256=notebook.content_sha256,
                        expected_s=notebook.expected_s,
                        kernel=self._options.kernel
                        or notebook.kernel_name
                        or "python3",
                        usual=notebook.usual,
                    )
                    for notebook in self._plan.notebooks
                ],
            )
        )

    def run(self) -> NotebookState:
        """Run the notebooks; return the run's state."""
        began = time.monotonic()
        self._queue.extend(self._plan.selected)
        try:
            self._fill()
            workers = [
                threading.Thread(target=self._work, name=f"job-{number}")
                for number in range(min(self._options.jobs, len(self._queue)))
            ]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
        finally:
            self._backend.close()
            self._witness.close()
        # Nothing is known to lead here; but what was lost has not passed.
        while self._queue:
            notebook = self._queue.popleft()
            outcome = Outcome("error", "rsp-health has a bug: it was not run.")
            self._finish(notebook, outcome, None, 0.0)
        state = worst(self._states)
        reason = self._stop.reason or None
        if state == "skipped":
            reason = self._nothing_run()
        self._record.write(
            RunFinished(
                state=state,
                reason=reason,
                duration_s=round(time.monotonic() - began, 6),
                python=self._backend.python,
            )
        )
        return state

    def _nothing_run(self) -> str:
        """Say that nothing was run: what is not looked at is not well."""
        number = len(self._plan.notebooks)
        if number == 0:
            return "Nothing was run: there is no notebook."
        skipped = "notebook was" if number == 1 else "notebooks were"
        # Those that were started have asked for it, or hold nothing to run.
        nothing = "Nothing was run" + (" to its end" if self._states else "")
        return f"{nothing}: {number} {skipped} skipped."

    def _fill(self) -> None:
        """Let the backend prepare for the notebooks that come next."""
        if not self._stop.stopped:
            with self._lock:
                coming = list(self._queue)[: self._options.jobs + 1]
            self._backend.fill(coming)

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._queue:
                    return
                notebook = self._queue.popleft()
            try:
                self._fill()
                self._run_notebook(notebook)
            except BaseException as exc:  # noqa: BLE001 - a bug is told as one
                where = traceback.extract_tb(exc.__traceback__)[-1]
                outcome = Outcome(
                    "error",
                    f"rsp-health has a bug: {type(exc).__name__} in "
                    f"{Path(where.filename).name}, line {where.lineno}.",
                )
                self._finish(notebook, outcome, None, 0.0)

    def _run_notebook(self, notebook: PlannedNotebook) -> None:
        began = time.monotonic()
        attempt = 1
        while True:
            outcome, copy = self._backend.make(notebook, attempt)
            if outcome.state in _RETRIED and not self._stop.stopped:
                self._witness.look()
            if (
                outcome.state not in _RETRIED
                or attempt > self._options.retries
                or self._stop.stopped
            ):
                break
            attempt += 1
        if outcome.state == "passed" and attempt > 1:
            outcome = Outcome("passed", f"Passed on attempt {attempt}: flaky.")
        if outcome.state == "passed" and self._options.confirm_slower:
            outcome, copy = self._confirm(notebook, outcome, copy, attempt)
        self._finish(notebook, outcome, copy, time.monotonic() - began)

    def _confirm(
        self,
        notebook: PlannedNotebook,
        outcome: Outcome,
        copy: Callable[[], bytes] | None,
        attempt: int,
    ) -> tuple[Outcome, Callable[[], bytes] | None]:
        """Run what was slower than usual once more: that counts."""
        name, usual = notebook.relative, notebook.usual
        first = self._remarks.if_slower(name, usual)
        if first is None or self._stop.stopped:
            return outcome, copy
        noted = notebook.notes
        second, again = self._backend.make(notebook, attempt + 1)
        if second.state in {"stopped", "interrupted"}:
            text = (
                f"It passed, slower than usual ({first:.2f} s); the run was "
                "stopped while it was run again to be sure."
            )
            notebook.notes = [*noted, text]
            return replace(outcome, attempt=attempt), copy
        copy = again
        if second.state != "passed":
            text = (
                f"It passed at first, slower than usual ({first:.2f} s), and "
                "was run again to be sure."
            )
        elif self._remarks.if_slower(name, usual) is None:
            text = (
                f"Its cells took {first:.2f} s at first, slower than usual; "
                "run again, they did not."
            )
        else:
            text = (
                "It was run again to be sure: its cells took "
                f"{first:.2f} s at first."
            )
        notebook.notes = [*notebook.notes, text]
        return (outcome if second.state == "passed" else second), copy

    def _finish(
        self,
        notebook: PlannedNotebook,
        outcome: Outcome,
        copy: Callable[[], bytes] | None,
        duration: float,
    ) -> None:
        notes = [*notebook.notes]
        if outcome.state == "passed":
            notes += self._remarks.on(
                notebook.relative, notebook.usual, notebook.cells
            )
        executed: str | None = None
        if copy is not None:
            try:
                name = self._record.redactor.name(notebook.relative)
                executed = self._executed.save(name, copy())
            except (OSError, RecursionError, MemoryError) as exc:
                why = getattr(exc, "strerror", None) or _WHY.get(
                    type(exc), "no reason given"
                )
                text = f"The executed copy was not saved: {why}."
                if outcome.state == "passed":
                    outcome = Outcome("error", f"All cells passed. {text}")
                else:
                    notes.append(text)
        with self._lock:
            self._states.append(outcome.state)
        reason = outcome.reason
        self._record.write(
            NotebookFinished(
                notebook=notebook.relative,
                state=outcome.state,
                reason=reason and self._record.redactor.one_line(reason),
                duration_s=round(duration, 6),
                executed_path=executed,
                notes=notes,
                attempt=outcome.attempt,
            )
        )

"""Runs all notebooks of a plan: the process that owns a run calls this."""

from __future__ import annotations

import collections
import contextlib
import os
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import RSPHealthError
from .document import (
    InvalidNotebookError,
    NotebookDocument,
    read_notebook,
    write_notebook,
)
from .folding import worst
from .kernels import KernelFactory
from .kernelspecs import KernelSpec, find_kernelspec
from .memory import MemoryMeter
from .notebook import Limits, NotebookRun, Outcome
from .plan import PlannedNotebook, RunPlan, describe_cells
from .processes import ProcessIdentity
from .redact import redact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .kernel import Kernel
    from .models import NotebookState, RunMode
    from .record import RecordWriter
    from .stopping import StopSwitch

__all__ = ["RunOptions", "Supervisor"]

#: States that another attempt may mend.
_RETRIED = {"failed", "timed_out", "died", "error"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How a run is done.

    Parameters
    ----------
    jobs
        Notebooks at once.
    kernel
        Kernelspec for all notebooks, instead of their own.
    retries
        Further attempts at a notebook that did not pass.
    warm
        Whether kernels may be forked from a warm parent.
    max_run_output_bytes
        Output kept for the whole run.
    cleanup_s
        Seconds that a kernel has for the notebook's own clean-up.
    """

    mode: RunMode = "jupyter"
    jobs: int = 1
    kernel: str | None = None
    retries: int = 0
    warm: bool = True
    limits: Limits = field(default_factory=Limits)
    max_run_output_bytes: int = 1024 * 1024 * 1024
    cleanup_s: float = 0.8
    memory_limit_bytes: int | None = None


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
        Folder for executed copies.
    root
        What the lab shows as ``/``.
    environment
        Variables of the kernels.
    header
        Further fields of the first line.
    """

    def __init__(
        self,
        *,
        run_id: str,
        plan: RunPlan,
        options: RunOptions,
        record: RecordWriter,
        stop: StopSwitch,
        executed: Path,
        root: Path,
        environment: Mapping[str, str],
        header: Mapping[str, Any],
    ) -> None:
        self._run_id = run_id
        self._plan = plan
        self._options = options
        self._record = record
        self._stop = stop
        self._executed = executed
        self._root = root
        self._environment = environment
        self._header = dict(header)
        self._lock = threading.Lock()
        self._budget = [options.max_run_output_bytes]
        self._states: list[NotebookState] = []
        self._queue: collections.deque[PlannedNotebook] = collections.deque()
        self._ahead: dict[str, Kernel] = {}
        self._ending: list[threading.Thread] = []
        self._specs: dict[str, KernelSpec | RSPHealthError] = {}
        self._python: str | None = None

    def announce(self) -> None:
        """Write the first line: from now on the run exists."""
        identity = ProcessIdentity.of_this_process()
        self._record.write(
            "run_started",
            run_id=self._run_id,
            mode=self._options.mode,
            backend="local",
            jobs=self._options.jobs,
            folder=str(self._plan.folder),
            problems=self._plan.problems,
            supervisor={
                "pid": identity.pid,
                "start_ticks": identity.start_ticks,
                "boot_id": identity.boot_id,
                "host": identity.host,
            },
            notebooks=[
                {
                    "path": notebook.relative,
                    "application": notebook.application,
                    "selected": notebook.selected,
                    "reason": notebook.reason,
                    "cells": notebook.cells,
                }
                for notebook in self._plan.notebooks
            ],
            **self._header,
        )

    def run(self) -> NotebookState:
        """Run the notebooks; return the run's state."""
        began = time.monotonic()
        self._queue.extend(self._plan.selected)
        self._memory = MemoryMeter()
        self._factory = KernelFactory(
            environment=self._environment, warm=self._options.warm
        )
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
            self._end_all()
        finally:
            self._factory.close()
            self._memory.close()
        state = self._state()
        self._record.write(
            "run_finished",
            state=state,
            reason=self._stop.reason or None,
            duration_s=round(time.monotonic() - began, 6),
            python=self._python,
        )
        return state

    def _state(self) -> NotebookState:
        states: list[NotebookState] = list(self._states)
        if not states and self._plan.notebooks:
            states = ["skipped"]
        return worst(states)

    # -- kernels ------------------------------------------------------------

    def _spec(self, notebook: PlannedNotebook) -> KernelSpec:
        name = self._options.kernel or notebook.kernel_name or "python3"
        with self._lock:
            known = self._specs.get(name)
            if known is None:
                try:
                    known = find_kernelspec(name)
                except RSPHealthError as exc:
                    known = exc
                self._specs[name] = known
        if isinstance(known, RSPHealthError):
            raise known
        return known

    def _fill(self) -> None:
        """Ask for the kernels of the notebooks that come next."""
        with self._lock:
            if self._stop.stopped:
                return
            coming = list(self._queue)[: self._options.jobs + 1]
        for notebook in coming:
            with contextlib.suppress(RSPHealthError, OSError):
                if notebook.problem is None and not self._has(notebook):
                    kernel = self._start(notebook)
                    with self._lock:
                        self._ahead[notebook.relative] = kernel

    def _has(self, notebook: PlannedNotebook) -> bool:
        with self._lock:
            return notebook.relative in self._ahead

    def _start(self, notebook: PlannedNotebook) -> Kernel:
        spec = self._spec(notebook)
        return self._factory.start(spec, folder=notebook.path.parent)

    def _take(self, notebook: PlannedNotebook) -> Kernel:
        with self._lock:
            kernel = self._ahead.pop(notebook.relative, None)
        return kernel if kernel is not None else self._start(notebook)

    def _end(self, kernel: Kernel, *, polite: bool) -> None:
        """End a kernel while the next notebook already runs."""
        grace = self._options.cleanup_s if polite else 0.0
        thread = threading.Thread(
            target=kernel.end, kwargs={"grace_s": grace}, name="ending"
        )
        with self._lock:
            self._ending = [t for t in self._ending if t.is_alive()]
            self._ending.append(thread)
            thread.start()

    def _end_all(self) -> None:
        for kernel in self._ahead.values():
            kernel.end(grace_s=0)
        self._ahead.clear()
        for thread in self._ending:
            thread.join()

    # -- notebooks ----------------------------------------------------------

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._queue:
                    return
                notebook = self._queue.popleft()
            self._fill_soon()
            self._run_notebook(notebook)

    def _fill_soon(self) -> None:
        """Fill; a thread of its own would cost more than it does."""
        self._fill()

    def _run_notebook(self, notebook: PlannedNotebook) -> None:
        began = time.monotonic()
        attempt = 1
        while True:
            outcome, document = self._attempt(notebook, attempt)
            if (
                outcome.state not in _RETRIED
                or attempt > self._options.retries
                or self._stop.stopped
            ):
                break
            attempt += 1
        if outcome.state == "passed" and attempt > 1:
            outcome = Outcome("passed", f"Passed on attempt {attempt}: flaky.")
        self._finish(notebook, outcome, document, time.monotonic() - began)

    def _attempt(
        self, notebook: PlannedNotebook, attempt: int
    ) -> tuple[Outcome, NotebookDocument | None]:
        def emit(kind: str, **fields: Any) -> None:
            self._record.write(kind, notebook=notebook.relative, **fields)

        if self._stop.stopped:
            if self._stop.by_user:
                return Outcome("stopped", "Stopped before it began."), None
            reason = f"{self._stop.reason} It had not begun."
            return Outcome("interrupted", reason), None
        try:
            document, again = self._document(notebook)
        except InvalidNotebookError as exc:
            return Outcome("invalid", str(exc)), None
        except OSError as exc:
            return Outcome(
                "invalid", f"It cannot be read: {exc.strerror}."
            ), None
        cells = {"cells": describe_cells(document.cells)} if again else {}
        emit("notebook_started", attempt=attempt, **cells)
        kernel: Kernel | None = None
        try:
            kernel = self._take(notebook)
            outcome = self._execute(document, kernel, emit)
            if outcome.state == "error" and self._factory.distrust(
                kernel.spec
            ):
                # The warm parent may be at fault: once more without it.
                kernel.end(grace_s=0)
                kernel = self._start(notebook)
                outcome = self._execute(document, kernel, emit)
        except RSPHealthError as exc:
            outcome = Outcome("error", exc.message)
        except OSError as exc:
            text = exc.strerror or "no reason given"
            outcome = Outcome("error", f"No kernel could be started: {text}.")
        finally:
            if kernel is not None:
                polite = outcome.state in {"passed", "failed", "skipped"}
                self._end(kernel, polite=polite)
        return outcome, document

    def _document(
        self, notebook: PlannedNotebook
    ) -> tuple[NotebookDocument, bool]:
        """Return the notebook, and whether it was read again."""
        if notebook.problem is not None:
            raise InvalidNotebookError(notebook.problem)
        document, notebook.document = notebook.document, None
        if document is not None:
            return document, False
        return read_notebook(notebook.path), True

    def _execute(
        self, document: NotebookDocument, kernel: Kernel, emit: Any
    ) -> Outcome:
        run = NotebookRun(
            document=document,
            kernel=kernel,
            limits=self._options.limits,
            mode=self._options.mode,
            emit=emit,
            stop=self._stop,
            memory=self._memory,
            budget=self._budget,
        )
        outcome = run.run()
        version = kernel.language_info.get("version")
        if kernel.spec.language == "python" and isinstance(version, str):
            self._python = version
        return outcome

    def _finish(
        self,
        notebook: PlannedNotebook,
        outcome: Outcome,
        document: NotebookDocument | None,
        duration: float,
    ) -> None:
        notes: list[str] = []
        executed: str | None = None
        if document is not None:
            try:
                executed = self._save(notebook, document)
            except OSError as exc:
                text = f"The executed copy was not saved: {exc.strerror}."
                if outcome.state == "passed":
                    outcome = Outcome("error", f"All cells passed. {text}")
                else:
                    notes.append(text)
        with self._lock:
            self._states.append(outcome.state)
        reason = outcome.reason
        self._record.write(
            "notebook_finished",
            notebook=notebook.relative,
            state=outcome.state,
            reason=None if reason is None else redact(reason),
            duration_s=round(duration, 6),
            executed_path=executed,
            notes=notes,
        )

    def _save(
        self, notebook: PlannedNotebook, document: NotebookDocument
    ) -> str:
        """Save the executed copy; return its path for the record."""
        relative = Path(notebook.relative)
        if relative.is_absolute() or ".." in relative.parts:
            relative = Path(relative.name)
        path = self._executed / relative
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            with temporary.open("wb") as file:
                file.write(write_notebook(document))
            temporary.replace(path)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        try:
            return path.resolve().relative_to(self._root).as_posix()
        except ValueError:
            return str(path)

"""One attempt at one notebook: its document, its kernel, its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...effects import read_declared
from ...errors import RSPHealthError
from ...notebooks.content import content_sha256
from ...notebooks.document import (
    InvalidNotebookError,
    NotebookDocument,
    read_notebook,
)
from ...states import PASSING
from ..kernels.client import Kernel, KernelDiedError, KernelStartError
from ..kernels.start_notes import start_notes
from ..planning.plan import PlannedNotebook, describe_again
from ..record_lines import NotebookStarted
from .notebook import NotebookRun
from .notebook_outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..kernels.pool import KernelPool
    from ..options import RunOptions
    from ..record.writer import RecordWriter
    from ..stopping import StopSwitch
    from .memory import MemoryMeter

__all__ = ["Attempts"]

_NOT_KEPT = (
    "A process of rsp-health that watches the notebook's kernel was stopped "
    "or killed while it ran, perhaps by the notebook, so that its result "
    "cannot be trusted."
)


class Attempts:
    """Makes attempts at the notebooks of one run, in several threads.

    Parameters
    ----------
    options
        How the run is done.
    kernels
        Where kernels come from and go to.
    record
        Where it is told.
    stop
        How it is stopped.
    memory
        Measures the cells.
    keep_log
        Called with a notebook that did not pass, and what its kernel wrote
        past it.
    """

    def __init__(
        self,
        *,
        options: RunOptions,
        kernels: KernelPool,
        record: RecordWriter,
        stop: StopSwitch,
        memory: MemoryMeter,
        keep_log: Callable[[str, str], None],
    ) -> None:
        self._options = options
        self._kernels = kernels
        self._record = record
        self._stop = stop
        self._memory = memory
        self._keep_log = keep_log
        self._budget = [options.max_run_output_bytes]
        #: Version of Python that the notebooks ran in.
        self.python: str | None = None

    def make(
        self, notebook: PlannedNotebook, number: int
    ) -> tuple[Outcome, NotebookDocument | None]:
        """Make one attempt.

        Parameters
        ----------
        notebook
            The notebook.
        number
            Which attempt it is, from 1.

        Returns
        -------
        tuple
            How it ended, and the executed document if there is one.
        """
        if self._stop.stopped:
            return self._not_begun(), None
        try:
            document, again = _document(notebook)
        except InvalidNotebookError as exc:
            return Outcome("invalid", str(exc)), None
        except OSError as exc:
            reason = f"It cannot be read: {exc.strerror}."
            return Outcome("invalid", reason), None
        refused = self._refused(document, number)
        if refused is not None:
            return refused, None
        line = NotebookStarted(notebook=notebook.relative, attempt=number)
        if again or not notebook.cells_told:
            line.cells = describe_again(notebook, document.cells)
        if again:
            line.content_sha256 = content_sha256(document.content)
        self._record.write(line)
        return self._with_kernel(notebook, document), document

    def _refused(
        self, document: NotebookDocument, number: int
    ) -> Outcome | None:
        """Judge what was read: it may say more now than when it was planned."""
        declared = read_declared(document.metadata)
        reason = self._options.allowance.refusal(declared)
        if reason is None:
            return None
        if number == 1:
            return Outcome("skipped", reason)
        return Outcome("error", f"It was changed: {reason}")

    def _not_begun(self) -> Outcome:
        if self._stop.by_user:
            return Outcome("stopped", "Stopped before it began.")
        reason = f"{self._stop.reason} It had not begun."
        return Outcome("interrupted", reason)

    def _with_kernel(
        self, notebook: PlannedNotebook, document: NotebookDocument
    ) -> Outcome:
        try:
            kernel, ahead = self._kernels.take(notebook)
            try:
                return self._execute(notebook, document, kernel)
            except KernelStartError as exc:
                # The warm parent may be at fault: once more without it. And
                # what died while it waited is not the notebook's fault.
                died_ahead = ahead and isinstance(exc, KernelDiedError)
                if not (self._kernels.distrust(kernel) or died_ahead):
                    raise
            kernel = self._kernels.start(notebook)
            return self._execute(notebook, document, kernel)
        except KernelStartError as exc:
            return Outcome("error", str(exc))
        except RSPHealthError as exc:
            return Outcome("error", exc.message)
        except OSError as exc:
            text = exc.strerror or "no reason given"
            return Outcome("error", f"No kernel could be started: {text}.")

    def _execute(
        self,
        notebook: PlannedNotebook,
        document: NotebookDocument,
        kernel: Kernel,
    ) -> Outcome:
        run = NotebookRun(
            name=notebook.relative,
            document=document,
            kernel=kernel,
            limits=self._options.limits,
            mode=self._options.mode,
            tell=self._record.write,
            stop=self._stop,
            memory=self._memory,
            budget=self._budget,
            redactor=self._record.redactor,
            memory_limit_bytes=self._options.memory_limit_bytes,
        )
        polite, outcome = False, None
        try:
            outcome = run.start() or run.run()
            if not kernel.is_kept():
                outcome = Outcome("error", _NOT_KEPT)
            # One that was stopped or timed out has had its chance.
            polite = outcome.state in {"passed", "failed", "skipped"}
        finally:
            self._kernels.end(kernel, polite=polite)
            if outcome is None or outcome.state not in PASSING:
                self._keep_log(notebook.relative, kernel.log)
        notebook.notes = [
            *start_notes(kernel.said, self._record.redactor),
            *run.notes,
        ]
        version = kernel.language_info.get("version")
        if kernel.spec.language == "python" and isinstance(version, str):
            self.python = version
        return outcome


def _document(notebook: PlannedNotebook) -> tuple[NotebookDocument, bool]:
    """Return the notebook, and whether it was read again."""
    if notebook.problem is not None:
        raise InvalidNotebookError(notebook.problem)
    document, notebook.document = notebook.document, None
    if document is not None:
        return document, False
    return read_notebook(notebook.path), True

"""Notebooks that execute in kernels of this machine."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Literal

from ...notebooks.document import write_notebook
from ..execution.attempts import Attempts
from ..execution.memory import MemoryMeter
from ..kernels.factory import KernelFactory
from ..kernels.pool import KernelPool

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ...notebooks.document import NotebookDocument
    from ..execution.notebook_outcome import Outcome
    from ..options import RunOptions
    from ..planning.plan import PlannedNotebook
    from ..record.writer import RecordWriter
    from ..stopping import StopSwitch

__all__ = ["LocalBackend"]


class LocalBackend:
    """Kernels of this machine, started ahead and measured.

    Parameters
    ----------
    options
        How the run is done.
    record
        Where it is told.
    stop
        How it is stopped.
    environment
        Variables of the kernels.
    keep_log
        Keeps what the kernel of a notebook that did not pass wrote past it.
    factory
        Makes the kernels, if one is at work already; it is closed here.
    """

    name: Literal["local"] = "local"

    def __init__(
        self,
        *,
        options: RunOptions,
        record: RecordWriter,
        stop: StopSwitch,
        environment: Mapping[str, str],
        keep_log: Callable[[str, str], None],
        factory: KernelFactory | None = None,
    ) -> None:
        self._factory = factory or KernelFactory(
            environment=environment, warm=options.warm
        )
        self._kernels = KernelPool(
            factory=self._factory,
            kernel=options.kernel,
            cleanup_s=options.cleanup_s,
        )
        self._stop = stop
        self._memory = MemoryMeter()
        self._redactor = record.redactor
        self._attempts = Attempts(
            options=options,
            kernels=self._kernels,
            record=record,
            stop=stop,
            memory=self._memory,
            keep_log=keep_log,
        )

    @property
    def python(self) -> str | None:
        """Version of Python that the notebooks ran in, when known."""
        return self._attempts.python

    def fill(self, coming: Sequence[PlannedNotebook]) -> None:
        """Start the kernels of the notebooks that come next."""
        self._kernels.fill(coming)

    def make(
        self, notebook: PlannedNotebook, number: int
    ) -> tuple[Outcome, Callable[[], bytes] | None]:
        """Make one attempt; see `Backend.make`."""
        outcome, document = self._attempts.make(notebook, number)
        if document is None:
            return outcome, None
        return outcome, partial(self._copy, document)

    def _copy(self, document: NotebookDocument) -> bytes:
        """Return the bytes of an executed copy."""
        content = self._redactor.notebook(document.content)
        return write_notebook(replace(document, content=content))

    def close(self) -> None:
        """End all kernels and their parents."""
        try:
            self._kernels.end_all(self._stop)
        finally:
            self._factory.close()
            self._memory.close()

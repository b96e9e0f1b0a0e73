"""Notebooks that execute on the workers of a Dask cluster.

Each notebook is one task. It is run there by the same engine; the lines of
its record come back while it runs, and again, all of them, with its end.
"""

from __future__ import annotations

import contextlib
import secrets
import select
import socket
import threading
from typing import TYPE_CHECKING, Any, Literal

from ...errors import BadInputError, EnvironmentFailureError
from ..execution.notebook_outcome import Outcome
from .dask_worker import NotebookTask, run_on_worker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from distributed import Client, Future

    from ..options import RunOptions
    from ..planning.plan import PlannedNotebook
    from ..record.writer import RecordWriter
    from ..stopping import StopSwitch

__all__ = ["DaskBackend", "connect"]

_CONNECT_S = 15.0
_LOOK_S = 0.25
#: Seconds that workers have to end what was stopped.
_END_S = 8.0

#: Lines about a notebook's cells; the rest is told by us.
_KINDS = frozenset({"cell_started", "cell_finished", "cell_output"})


def connect(address: str | None) -> Client:
    """Connect to a Dask scheduler.

    Parameters
    ----------
    address
        Such as ``tcp://scheduler:8786``.

    Raises
    ------
    rsp_health.errors.BadInputError
        Raised if there is no address.
    rsp_health.errors.EnvironmentFailureError
        Raised if distributed is not installed, or nobody answers.
    """
    if not address:
        raise BadInputError(
            "The Dask backend needs the address of a scheduler.",
            hint="Give --scheduler ADDRESS, such as tcp://localhost:8786, or "
            "set DASK_SCHEDULER_ADDRESS.",
            code="no_scheduler",
        )
    try:
        from distributed import Client
        from distributed.comm import get_address_host_port
    except ImportError as exc:
        raise EnvironmentFailureError(
            "The Dask backend needs the package distributed.",
            hint="Install it with: python -m pip install 'rsp_health[dask]'",
            code="no_dask",
        ) from exc
    try:
        place = get_address_host_port(address)
    except (ValueError, KeyError) as exc:
        raise BadInputError(
            f"{address[:200]} is not the address of a Dask scheduler.",
            hint="It looks like tcp://localhost:8786.",
            code="no_scheduler",
        ) from exc
    try:
        # Distributed tries for the whole time what is refused at once.
        with socket.create_connection(place, timeout=_CONNECT_S):
            pass
        client = Client(address, timeout=_CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as exc:
        raise EnvironmentFailureError(
            f"No Dask scheduler answers at {address}.",
            hint="Check the address, and that the cluster is running.",
            code="no_scheduler",
        ) from exc
    return client


class DaskBackend:
    """The workers of a Dask cluster; they must see the notebooks' folder.

    Parameters
    ----------
    client
        The connection; it is closed here.
    options
        How the run is done.
    record
        Where it is told.
    stop
        How it is stopped.
    """

    name: Literal["dask"] = "dask"

    def __init__(
        self,
        *,
        client: Client,
        options: RunOptions,
        record: RecordWriter,
        stop: StopSwitch,
    ) -> None:
        self._client = client
        self._record = record
        self._stop = stop
        self._arguments = _arguments(options)
        self.python: str | None = None

    def fill(self, coming: Sequence[PlannedNotebook]) -> None:
        """Do nothing: a worker starts its kernels itself."""

    def make(
        self, notebook: PlannedNotebook, number: int
    ) -> tuple[Outcome, Callable[[], bytes] | None]:
        """Make one attempt; see `Backend.make`."""
        if self._stop.stopped:
            return self._stopped("It had not begun."), None
        cells = {} if notebook.cells_told else {"cells": notebook.cells}
        self._record.write(
            "notebook_started",
            notebook=notebook.relative,
            attempt=number,
            **cells,
        )
        topic = f"rsp-health-{secrets.token_hex(8)}"
        relay = _Relay(self._record, notebook.relative)
        self._client.subscribe_topic(topic, relay.take_event)
        try:
            future = self._client.submit(
                run_on_worker,
                NotebookTask(
                    path=str(notebook.path),
                    arguments=self._arguments,
                    topic=topic,
                ),
                key=topic,
                pure=False,
                retries=0,
            )
            if not self._wait(future):
                future.cancel()
                relay.wait_for_end(_END_S)
                return self._stopped("It was running."), None
            return self._judge(notebook, future, relay)
        finally:
            with contextlib.suppress(Exception):
                self._client.unsubscribe_topic(topic)

    def _wait(self, future: Future) -> bool:
        """Wait for a task; `False` if the run was stopped before."""
        while not future.done():
            select.select([self._stop.wake], [], [], _LOOK_S)
            if self._stop.stopped:
                return False
        return True

    def _judge(
        self, notebook: PlannedNotebook, future: Future, relay: _Relay
    ) -> tuple[Outcome, Callable[[], bytes] | None]:
        error = future.exception()
        if future.cancelled() or error is not None:
            relay.close()
            what = type(error).__name__ if error is not None else "cancelled"
            text = _REASONS.get(what, f"Dask could not run it: {what}.")
            return Outcome("error", text), None
        result: dict[str, Any] = future.result()
        if "problem" in result:
            relay.close()
            return Outcome("error", result["problem"]), None
        relay.finish(result["lines"])
        notebook.notes = [*relay.notes, f"Run by {result['host']}."]
        self.python = relay.python or self.python
        executed: bytes | None = result["executed"]
        return relay.outcome, None if executed is None else lambda: executed

    def _stopped(self, where: str) -> Outcome:
        if self._stop.by_user:
            return Outcome("stopped", f"Stopped by the user. {where}")
        return Outcome("interrupted", f"{self._stop.reason} {where}")

    def close(self) -> None:
        """Leave the cluster as it was."""
        # distributed warns of connections that a stop cuts off.
        with contextlib.suppress(Exception):
            self._client.close(timeout=_END_S)


#: What Dask's exceptions mean to whoever runs notebooks.
_REASONS = {
    "KilledWorker": "The Dask workers that ran it died, one after another.",
    "ModuleNotFoundError": "rsp-health is not installed on the Dask workers.",
    "CancelledError": "Dask lost it: the scheduler or the worker is gone.",
    "FutureCancelledError": (
        "Dask lost it: the scheduler or the worker is gone."
    ),
}


class _Relay:
    """Brings the lines of a worker's record into ours, each once, in order.

    Parameters
    ----------
    record
        Our record.
    notebook
        The notebook's path in it.
    """

    def __init__(self, record: RecordWriter, notebook: str) -> None:
        self._record = record
        self._notebook = notebook
        self._lock = threading.Lock()
        self._next = 0
        self._closed = False
        self._ended = threading.Event()
        self._running: int | None = None
        self.outcome = Outcome("error", "The worker's record has no end.")
        self.notes: list[str] = []
        self.python: str | None = None

    def take_event(self, event: tuple[float, Any]) -> None:
        """Take what the worker published; called by distributed's thread."""
        message = event[1]
        with self._lock:
            # After a lost event all others wait for the end.
            if not self._closed and message["from"] <= self._next:
                self._take(message["lines"][self._next - message["from"] :])

    def finish(self, lines: list[dict[str, Any]]) -> None:
        """Take all lines, with the end, and no event from now on."""
        with self._lock:
            self._closed = True
            self._take(lines[self._next :])

    def wait_for_end(self, timeout_s: float) -> None:
        """Wait for the last line of a run that is being stopped.

        If it does not come, the cell that was running is told as stopped.
        """
        self._ended.wait(timeout_s)
        with self._lock:
            self._closed = True
            if self._running is not None:
                self._record.write(
                    "cell_finished",
                    notebook=self._notebook,
                    cell_index=self._running,
                    state="stopped",
                )

    def close(self) -> None:
        """Take no event from now on."""
        with self._lock:
            self._closed = True

    def _take(self, lines: list[dict[str, Any]]) -> None:
        self._next += len(lines)
        for line in lines:
            fields = {
                name: value
                for name, value in line.items()
                if name not in {"kind", "notebook"}
            }
            if line["kind"] == "cell_started":
                self._running = line["cell_index"]
            elif line["kind"] == "cell_finished":
                self._running = None
            if line["kind"] in _KINDS:
                self._record.write(
                    line["kind"], **{**fields, "notebook": self._notebook}
                )
            elif line["kind"] == "notebook_finished":
                self.outcome = Outcome(line["state"], line.get("reason"))
                self.notes = list(line.get("notes") or ())
            elif line["kind"] == "run_finished":
                self.python = line.get("python")
                self._ended.set()


def _arguments(options: RunOptions) -> tuple[str, ...]:
    """Return the options of ``rsp-health run`` for one notebook."""
    limits = options.limits
    words = [
        "--all",
        "--mode",
        options.mode,
        "--max-output",
        str(limits.max_output_bytes),
    ]
    if limits.cell_timeout_s is not None:
        words += ["--cell-timeout", str(limits.cell_timeout_s)]
    if limits.notebook_timeout_s is not None:
        words += ["--timeout", str(limits.notebook_timeout_s)]
    if options.kernel is not None:
        words += ["--kernel", options.kernel]
    if not options.warm:
        words.append("--no-warm")
    return tuple(words)

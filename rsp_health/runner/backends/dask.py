"""Notebooks that execute on the workers of a Dask cluster.

Each notebook is one task. It is run there by the same engine; the lines of
its record come back while it runs, and again, all of them, with its end.
"""

from __future__ import annotations

import contextlib
import errno
import secrets
import select
import socket
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, Literal

from ..execution.notebook_outcome import Outcome
from ..options import to_portable
from ..record_lines import NotebookStarted
from .dask_cluster import end_everywhere, look_everywhere
from .dask_relay import Relay
from .dask_worker import NotebookTask, run_on_worker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from distributed import Client, Future

    from ..options import RunOptions
    from ..planning.plan import PlannedNotebook, RunPlan
    from ..record.writer import RecordWriter
    from ..record_lines import ToldCell
    from ..stopping import StopSwitch

__all__ = ["DaskBackend", "Preparation", "prepare"]

#: Seconds between two looks whether the cluster has workers.
_LOOK_S = 5.0
#: Seconds without any worker after which a notebook waits no longer.
_NO_WORKER_S = 300.0
#: Seconds that workers have to end what was stopped.
_END_S = 8.0


class Preparation:
    """What is settled with a cluster before a run.

    Parameters
    ----------
    client
        The connection.
    run
        The run's name on the workers.
    options
        How its notebooks are run there.
    workers
        For the notebooks that only some workers can run: these.
    """

    def __init__(
        self,
        client: Client,
        run: str,
        options: dict[str, Any],
        workers: dict[str, list[str]],
    ) -> None:
        self.client = client
        self.run = run
        self.options = options
        self.workers = workers

    def close(self) -> None:
        """Leave the cluster as it was."""
        end_everywhere(self.client, self.run)
        # distributed warns of connections that a stop cuts off.
        with contextlib.suppress(Exception):
            self.client.close(timeout=_END_S)


def prepare(client: Client, plan: RunPlan, options: RunOptions) -> Preparation:
    """Look at all sides of a cluster; the plan is told what does not fit.

    Parameters
    ----------
    client
        The connection; it is closed if the cluster cannot be used.
    plan
        What is to run.
    options
        How.

    Raises
    ------
    rsp_health.errors.EnvironmentFailureError
        Raised if no worker can run any of the notebooks.
    """
    made = Preparation(
        client, f"rsp-health-{secrets.token_hex(8)}", to_portable(options), {}
    )
    try:
        found = look_everywhere(
            client,
            run=made.run,
            options=made.options,
            paths=[
                str(one.path) for one in plan.selected if one.problem is None
            ],
            jobs=options.jobs,
        )
    except BaseException:
        made.close()
        raise
    plan.problems += found.problems
    made.workers = found.workers
    return made


class DaskBackend:
    """The workers of a Dask cluster; they must see the notebooks' folder.

    Parameters
    ----------
    prepared
        The cluster; it is left here.
    record
        Where it is told.
    stop
        How it is stopped.
    keep_log
        Keeps what the kernel of a notebook that did not pass wrote past it.
    jobs
        Notebooks at once.
    """

    name: Literal["dask"] = "dask"

    def __init__(
        self,
        *,
        prepared: Preparation,
        record: RecordWriter,
        stop: StopSwitch,
        keep_log: Callable[[str, str], None],
        jobs: int,
    ) -> None:
        self._prepared = prepared
        self._client = prepared.client
        self._record = record
        self._jobs = jobs
        self._stop = stop
        self._keep_log = keep_log
        #: Attempts that ended with their worker, by notebook.
        self._lost: Counter[str] = Counter()
        #: Notebooks that come next.
        self._coming: list[PlannedNotebook] = []
        self.python: str | None = None

    def fill(self, coming: Sequence[PlannedNotebook]) -> None:
        """Note what comes next: a worker starts its kernels itself."""
        self._coming = list(coming)

    def _expects_more(self, notebook: PlannedNotebook) -> bool:
        """Whether the worker of a notebook may get one like it next.

        Those before are for the other workers.
        """
        place = (notebook.path.parent, notebook.kernel_name)
        found = self._coming[self._jobs - 1 :]
        return any(
            (one.path.parent, one.kernel_name) == place for one in found
        )

    def make(
        self, notebook: PlannedNotebook, number: int
    ) -> tuple[Outcome, Callable[[], bytes] | None]:
        """Make one attempt; see `Backend.make`."""
        if self._stop.stopped:
            return self._stopped("It had not begun."), None

        def begin(cells: list[ToldCell] | None = None) -> None:
            self._record.write(
                NotebookStarted(
                    notebook=notebook.relative,
                    attempt=number + self._lost[notebook.relative],
                    cells=cells,
                )
            )

        def begin_again(_: int) -> None:
            self._lost[notebook.relative] += 1
            begin()

        begin(None if notebook.cells_told else notebook.cells)
        topic = f"rsp-health-{secrets.token_hex(8)}"
        relay = Relay(self._record, notebook.relative, begin_again)
        self._client.subscribe_topic(topic, relay.take_event)
        try:
            future = self._submit(notebook, topic)
            why = self._wait(future, relay, str(notebook.path))
            if why is not None:
                future.cancel()
                relay.close()
                return Outcome("error", why), None
            if not future.done():
                future.cancel()
                relay.wait_for_end(_END_S if relay.begun else 0.0)
                return self._stopped("It was running."), None
            return self._judge(notebook, future, relay)
        finally:
            with contextlib.suppress(Exception):
                self._client.unsubscribe_topic(topic)

    def _submit(self, notebook: PlannedNotebook, topic: str) -> Future:
        path = str(notebook.path)
        return self._client.submit(
            run_on_worker,
            NotebookTask(
                path=path,
                run=self._prepared.run,
                options=self._prepared.options,
                topic=topic,
                more=self._expects_more(notebook),
            ),
            key=topic,
            pure=False,
            retries=0,
            workers=self._prepared.workers.get(path),
        )

    def _wait(self, future: Future, relay: Relay, path: str) -> str | None:
        """Wait until a task or the run ends.

        Returns
        -------
        str or None
            Why the notebook is given up, if it is.
        """
        ours, theirs = socket.socketpair()

        def tell(_: Future) -> None:
            # It may come late, when nobody waits any more.
            with contextlib.suppress(OSError):
                theirs.send(b"!")

        with ours, theirs:
            future.add_done_callback(tell)
            last_seen = time.monotonic()
            while not future.done() and not self._stop.stopped:
                ready, _, _ = select.select(
                    [self._stop.wake, ours.fileno()], [], [], _LOOK_S
                )
                if ready or self._has_workers(path):
                    last_seen = time.monotonic()
                elif time.monotonic() - last_seen > _NO_WORKER_S:
                    return _no_worker(
                        lost=relay.begun,
                        some_only=path in self._prepared.workers,
                    )
        return None

    def _has_workers(self, path: str) -> bool:
        """Whether there is a worker for a notebook, as far as is known."""
        try:
            known = self._client.nthreads()
        except Exception:  # noqa: BLE001 - the task's own end tells it
            return True
        return any(
            one in known for one in self._prepared.workers.get(path, known)
        )

    def _judge(
        self, notebook: PlannedNotebook, future: Future, relay: Relay
    ) -> tuple[Outcome, Callable[[], bytes] | None]:
        error = future.exception()
        if future.cancelled() or error is not None:
            relay.close()
            what = type(error).__name__ if error is not None else "cancelled"
            text = _REASONS.get(what, f"Dask could not run it: {what}.")
            return Outcome("error", text), None
        result: dict[str, Any] = future.result()
        lost = [
            f"The Dask worker {address} was lost while it ran this notebook, "
            "which was run again from its first cell."
            for address in result["before"]
        ]
        if "problem" in result:
            relay.close()
            return Outcome("error", result["problem"]), None
        relay.finish(result)
        if "kernel_log" in result:
            self._keep_log(notebook.relative, result["kernel_log"])
        notebook.notes = [*relay.notes, *lost, f"Run by {result['host']}."]
        self.python = result.get("python") or self.python
        return relay.outcome, _copy(result)

    def _stopped(self, where: str) -> Outcome:
        if self._stop.by_user:
            return Outcome("stopped", f"Stopped by the user. {where}")
        return Outcome("interrupted", f"{self._stop.reason} {where}")

    def close(self) -> None:
        """Leave the cluster as it was."""
        self._prepared.close()


def _copy(result: dict[str, Any]) -> Callable[[], bytes] | None:
    """Return what gives the executed copy, or fails as it did there."""
    executed: bytes | None = result["executed"]
    if "not_copied" in result:
        name, why = result["not_copied"]

        def fail() -> bytes:
            if name == RecursionError.__name__:
                raise RecursionError
            if name == MemoryError.__name__:
                raise MemoryError
            raise OSError(errno.EIO, why or "no reason given")

        return fail
    return None if executed is None else lambda: executed


def _no_worker(*, lost: bool, some_only: bool) -> str:
    what = "The worker that ran it was lost, and" if lost else "It waited, but"
    which = "no worker that sees this file" if some_only else "no worker"
    minutes = _NO_WORKER_S / 60
    return f"{what} the Dask cluster had {which} for {minutes:.0f} minutes."


#: What Dask's exceptions mean to whoever runs notebooks.
_REASONS = {
    "KilledWorker": "The Dask workers that ran it died, one after another.",
    "ModuleNotFoundError": "rsp-health is not installed on the Dask workers.",
    "CancelledError": "Dask lost it: the scheduler or the worker is gone.",
    "FutureCancelledError": (
        "Dask lost it: the scheduler or the worker is gone."
    ),
}

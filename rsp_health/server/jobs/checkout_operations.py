"""Long changes to checkouts: one thread each, one at a time a repository."""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from ...errors import NotFoundError, RSPHealthError
from ..failures import error_body, report

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable

    from ...checkout.models import Operation, OperationKind
    from ..bus import EventBus

__all__ = ["Operations", "Work"]

#: Least time between two progress events of an operation, in seconds.
INTERVAL = 0.2


class Work(Protocol):
    """A call of the checkout feature that reports and can be cancelled."""

    def __call__(
        self,
        *,
        on_progress: Callable[[Operation], None],
        cancel: threading.Event,
        operation_id: str,
    ) -> Operation:
        """Do the work; block until it ended."""


class Operations:
    """The operation of each repository: under way, or the last one.

    Parameters
    ----------
    bus
        Where progress is published.
    log
        Where an unexpected failure is reported.
    on_end
        Called, in the operation's thread, after each operation.
    """

    def __init__(
        self,
        *,
        bus: EventBus,
        log: logging.Logger,
        on_end: Callable[[], None],
    ) -> None:
        self._bus = bus
        self._log = log
        self._on_end = on_end
        self._lock = threading.Lock()
        self._running: dict[str, _Running] = {}
        self._last: dict[str, Operation] = {}

    def start(
        self,
        repo_id: str,
        kind: OperationKind,
        work: Work,
        *,
        directory: str,
        timeout: float = 5.0,
    ) -> Operation:
        """Start an operation in a thread of its own; blocks.

        It waits until the operation is alone, and has found what it was
        started for. One that is refused before that has changed nothing: it
        is told to the caller, and to nobody else.

        Parameters
        ----------
        repo_id
            The repository.
        kind
            What is being done to it.
        work
            Does it.
        directory
            The checkout's folder, relative to the root.
        timeout
            Seconds to wait at most. What is found out later is told by the
            operation, like any failure.

        Returns
        -------
        Operation
            The operation as it began.

        Raises
        ------
        ConflictError
            Raised with code ``locked`` if this or another process is working
            on the repository, with ``changed`` if it changed meanwhile.
        RSPHealthError
            Raised if the operation failed before it changed anything.
        """
        running = self._start(repo_id, kind, work, directory)
        running.settled.wait(timeout)
        with self._lock:
            if running.refusal is None:
                running.answered = True
                self._publish(running.now)
        if running.refusal is not None:
            raise running.refusal
        return running.first

    def _start(
        self, repo_id: str, kind: OperationKind, work: Work, directory: str
    ) -> _Running:
        from ...checkout.models import STARTING, Operation
        from ...files.locks import locked_by

        first = Operation(
            id=secrets.token_hex(8),
            kind=kind,
            repository=repo_id,
            state="running",
            phase=STARTING,
            directory=directory,
        )
        with self._lock:
            if repo_id in self._running:
                raise locked_by(
                    f"The folder {directory}",
                    pid=os.getpid(),
                    host=socket.gethostname(),
                    since=self._running[repo_id].since.timestamp(),
                    action=self._last[repo_id].kind,
                )
            running = _Running(first, before=self._last.get(repo_id))
            self._running[repo_id] = running
            self._last[repo_id] = first
        thread = threading.Thread(
            target=self._run,
            args=(running, work),
            name=f"rsp-health-{kind}-{repo_id}",
            daemon=True,
        )
        running.thread = thread
        thread.start()
        return running

    def get(self, repo_id: str) -> Operation:
        """Return the repository's operation, or the last one.

        Raises
        ------
        NotFoundError
            Raised if there was none since the server started.
        """
        with self._lock:
            operation = self._last.get(repo_id)
        if operation is None:
            raise NotFoundError(
                f"There was no operation on {repo_id} since the server "
                "started.",
                hint="Start one; GET repositories tells what is there.",
                code="no_operation",
            )
        return operation

    def running(self) -> dict[str, Operation]:
        """Return the operations under way, by repository."""
        with self._lock:
            return {repo_id: self._last[repo_id] for repo_id in self._running}

    def cancel(self, repo_id: str) -> Operation:
        """Ask a running operation to stop; the state follows by event.

        Raises
        ------
        NotFoundError
            Raised if there was no operation since the server started.
        """
        with self._lock:
            running = self._running.get(repo_id)
        if running is not None:
            running.cancel.set()
        return self.get(repo_id)

    def close(self, timeout: float) -> None:
        """Cancel everything, and wait for it at most ``timeout`` seconds."""
        with self._lock:
            running = list(self._running.values())
        for operation in running:
            operation.cancel.set()
        deadline = time.monotonic() + timeout
        for operation in running:
            if operation.thread is not None:
                operation.thread.join(max(0.0, deadline - time.monotonic()))

    def _run(self, running: _Running, work: Work) -> None:
        first = running.first
        refusal: RSPHealthError | None = None
        try:
            last = work(
                on_progress=lambda news: self._progress(news, running),
                cancel=running.cancel,
                operation_id=first.id,
            )
        except Exception as exc:  # noqa: BLE001 - the end of a thread
            if isinstance(exc, RSPHealthError):
                refusal = exc if not running.settled.is_set() else None
            else:
                what = f"the {first.kind} of {first.repository}"
                report(self._log, what, exc)
            last = self._failed(first.repository, exc)
        with self._lock:
            self._end(running, last, refusal)
        self._on_end()
        with self._lock:
            running.settled.set()
            if running.answered:
                self._publish(last)

    def _end(
        self,
        running: _Running,
        last: Operation,
        refusal: RSPHealthError | None,
    ) -> None:
        """Note how an operation ended; one that was refused never was."""
        repo_id = last.repository
        del self._running[repo_id]
        running.now = self._last[repo_id] = last
        if refusal is not None and not running.answered:
            running.refusal = refusal
            if running.before is None:
                del self._last[repo_id]
            else:
                self._last[repo_id] = running.before

    def _failed(self, repo_id: str, exc: Exception) -> Operation:
        return self.get(repo_id).model_copy(
            update={
                "state": "failed",
                "phase": "",
                "percent": None,
                "error": error_body(exc),
            }
        )

    def _progress(self, news: Operation, running: _Running) -> None:
        from ...checkout.models import LOOKING, STARTING

        if news.state != "running":
            return  # The end is published once, after the lock is gone.
        if news.phase not in (STARTING, LOOKING):
            running.settled.set()
        now = time.monotonic()
        with self._lock:
            self._last[news.repository] = running.now = news
            if running.answered and now >= running.next_event:
                running.next_event = now + INTERVAL
                self._publish(news)

    def _publish(self, operation: Operation) -> None:
        """Publish it; under the lock, so that the last word is the last."""
        self._bus.publish("checkout", operation.model_dump(mode="json"))


class _Running:
    """What is needed of an operation while it runs."""

    def __init__(self, first: Operation, before: Operation | None) -> None:
        self.first = self.now = first
        self.before = before
        self.answered = False
        self.refusal: RSPHealthError | None = None
        self.since = datetime.now(UTC)
        self.cancel = threading.Event()
        self.settled = threading.Event()
        self.thread: threading.Thread | None = None
        self.next_event = 0.0

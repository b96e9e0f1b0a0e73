"""A worker's end of the process that runs its notebooks.

Standard library only: it is loaded into the processes of a Dask cluster.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import queue
import socket
import subprocess
import tempfile
import threading
from typing import TYPE_CHECKING, Any

from ...platform.own_program import own_program

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["RunnerProcess", "end_session", "session", "start_session"]

#: Seconds without a notebook after which the process ends: whoever asked for
#: the run may be gone without a word.
_IDLE_S = 30.0
_END_S = 15.0
_SAID_BYTES = 2000


class RunnerProcess:
    """A running ``dask_runner``, which runs one notebook after another.

    Parameters
    ----------
    options
        How they are run.
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._ended = False
        self._queues: dict[str, queue.SimpleQueue[dict[str, Any] | None]] = {}
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed below
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                own_program(
                    "rsp_health.runner.backends.dask_runner",
                    str(theirs.fileno()),
                ),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                start_new_session=True,
            )
        self._send(options)
        threading.Thread(target=self._read, daemon=True).start()

    def _send(self, message: Mapping[str, Any]) -> None:
        # One that has ended is told by the end of what it says.
        with self._lock, contextlib.suppress(OSError):
            self._socket.sendall(json.dumps(message).encode() + b"\n")

    def _read(self) -> None:
        with contextlib.suppress(OSError), self._socket.makefile("rb") as file:
            for raw in file:
                with contextlib.suppress(ValueError):
                    message = json.loads(raw)
                    with self._lock:
                        waiting = self._queues.get(message["id"])
                    if waiting is not None:
                        waiting.put(message)
        with self._lock:
            self._ended = True
            for waiting in self._queues.values():
                waiting.put(None)

    @property
    def ended(self) -> bool:
        """Whether it says nothing any more."""
        return self._ended

    def run(
        self, path: str, *, more: bool
    ) -> tuple[str, queue.SimpleQueue[dict[str, Any] | None]]:
        """Have a notebook run.

        Parameters
        ----------
        path
            The file.
        more
            Whether one of its folder and kernel is likely to come next.

        Returns
        -------
        tuple
            Its number, and where what is told of it arrives; `None` there
            means that the process has ended.
        """
        number = str(next(self._numbers))
        told: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        with self._lock:
            self._queues[number] = told
            if self._ended:
                told.put(None)
        self._send({"id": number, "path": path, "more": more})
        return number, told

    def forget(self, number: str) -> None:
        """Hear no more of a notebook."""
        with self._lock:
            self._queues.pop(number, None)

    def stop(self) -> None:
        """Have the notebooks that run end."""
        self._send({"stop": True})

    def last_words(self) -> str:
        """Say how the process ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_S)
        code = self._process.returncode
        said = ""
        with contextlib.suppress(OSError, ValueError):
            size = self._errors.seek(0, os.SEEK_END)
            self._errors.seek(max(0, size - _SAID_BYTES))
            said = self._errors.read().decode("utf-8", "replace").strip()
        last = said.rpartition("\n")[2][:500]
        how = (
            f"by signal {-code}" if code and code < 0 else f"with code {code}"
        )
        return f"it ended {how}" + (f": {last}" if last else "")

    def close(self) -> None:
        """Let it end with all its kernels; whoever waits is not held up."""
        with contextlib.suppress(OSError):
            # It reads the end at once, whoever else holds the socket.
            self._socket.shutdown(socket.SHUT_WR)
        threading.Thread(target=self._wait, daemon=True).start()

    def _wait(self) -> None:
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            # Its kernels end with it.
            self._process.kill()
            self._process.wait()
        self._socket.close()
        self._errors.close()


class _Sessions:
    """The processes of the runs that this worker takes part in."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[str, tuple[RunnerProcess, int]] = {}
        self._timers: dict[str, threading.Timer] = {}

    def enter(self, run: str, options: Mapping[str, Any]) -> RunnerProcess:
        """Return a run's process, started if there is none."""
        with self._lock:
            process, users = self._open.get(run, (None, 0))
            if process is None or process.ended:
                if process is not None:
                    process.close()
                process, users = RunnerProcess(options), 0
            self._open[run] = process, users + 1
            timer = self._timers.pop(run, None)
        if timer is not None:
            timer.cancel()
        return process

    def leave(self, run: str, process: RunnerProcess) -> None:
        """Note that a notebook has ended; the last one starts the clock."""
        with self._lock:
            found, users = self._open.get(run, (None, 0))
            if found is not process:
                return  # It was ended, or another one took its place.
            self._open[run] = process, users - 1
            if users == 1:
                timer = threading.Timer(_IDLE_S, self._end_idle, (run,))
                timer.daemon = True
                self._timers[run] = timer
                timer.start()

    def _end_idle(self, run: str) -> None:
        self.end(run, if_idle=True)

    def end(self, run: str, *, if_idle: bool = False) -> None:
        """End a run's process."""
        with self._lock:
            # A notebook may have come between the clock and this.
            if if_idle and self._open.get(run, (None, 1))[1] > 0:
                return
            process, _ = self._open.pop(run, (None, 0))
            timer = self._timers.pop(run, None)
        if timer is not None:
            timer.cancel()
        if process is not None:
            process.close()


_SESSIONS = _Sessions()


@contextlib.contextmanager
def session(run: str, options: Mapping[str, Any]) -> Iterator[RunnerProcess]:
    """Use the process of a run, which stays for the next notebook.

    Parameters
    ----------
    run
        The run, on this worker.
    options
        How its notebooks are run.
    """
    process = _SESSIONS.enter(run, options)
    try:
        yield process
    finally:
        _SESSIONS.leave(run, process)


def start_session(run: str, options: Mapping[str, Any]) -> None:
    """Start the process of a run before its first notebook comes."""
    _SESSIONS.leave(run, _SESSIONS.enter(run, options))


def end_session(run: str) -> None:
    """End the process of a run, if there is one."""
    _SESSIONS.end(run)

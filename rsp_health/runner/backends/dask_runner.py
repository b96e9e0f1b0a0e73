"""Runs the notebooks that a Dask worker is given: a program of its own.

``python -m rsp_health.runner.backends.dask_runner DESCRIPTOR``

There is one for each worker and run. It keeps the warm parent of its kernels
as long as the run lasts, so that only the first notebook waits for one. What
it is told, and what it tells, are lines of JSON on a socket; when the socket
closes, whatever closed it, it ends with all its kernels.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import shutil
import socket
import sys
import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import RSPHealthError
from ...platform.environment import LabEnvironment
from ...redaction import Redactor
from ..execution.notebook_outcome import Outcome
from ..kernels.factory import KernelFactory
from ..kernels.spec import find_kernelspec
from ..options import from_portable
from ..planning.plan import make_plan
from ..processes import memory_limit_bytes
from ..record.kernel_log import clean_kernel_log
from ..record.writer import RecordWriter
from ..record_lines import NotebookFinished
from ..stopping import StopSwitch
from .local import LocalBackend

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..options import RunOptions
    from ..planning.plan import PlannedNotebook
    from ..record_lines import RecordLine

__all__: list[str] = []

#: Seconds that notebooks have to obey before they are killed.
_GRACE_S = 3.0
#: The record is kept by who asked for the run.
_NOWHERE = Path("/dev/null")
#: Kernels that may wait for a notebook.
_AHEAD = 4

#: What a kernel that waits must be like: folder and name.
type _Place = tuple[Path, str | None]


class _Runner:
    """Runs notebooks in threads, each as soon as it is given.

    Parameters
    ----------
    connection
        Where it is told.
    options
        How they are run.
    scratch
        Folder for executed copies.
    """

    def __init__(
        self, connection: socket.socket, options: RunOptions, scratch: Path
    ) -> None:
        self._connection = connection
        self._scratch = scratch
        self._writing = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._stop = StopSwitch()
        environment = LabEnvironment.from_process()
        limit = environment.memory_limit_bytes or memory_limit_bytes()
        factory = KernelFactory(
            environment=environment.variables, warm=options.warm
        )
        # As `rsp-health run` does: a guess that is right most of the time.
        with contextlib.suppress(RSPHealthError, OSError):
            factory.prepare(find_kernelspec(options.kernel or "python3"))
        self._record = RecordWriter(
            _NOWHERE,
            redactor=Redactor(environment.secrets()),
            heartbeat_s=0,
            listener=self._tell,
        )
        self._backend = LocalBackend(
            options=replace(options, memory_limit_bytes=limit),
            record=self._record,
            stop=self._stop,
            environment=environment.variables,
            keep_log=self._keep_log,
            factory=factory,
        )
        self._logs: dict[str, str] = {}
        #: Names of kernels that wait for a notebook, by what it needs.
        self._ahead: dict[_Place, str] = {}
        self._lock = threading.Lock()
        self._count = itertools.count(1)
        #: Numbers of notebooks, by the names that they have here.
        self._numbers: dict[str, str] = {}

    def _name(self, notebook: PlannedNotebook, number: str) -> str:
        """Return the name of a notebook: that of a kernel, if one waits."""
        with self._lock:
            name = self._ahead.pop(_place(notebook), number)
        self._numbers[name] = number
        return name

    def _start_ahead(self, notebook: PlannedNotebook) -> None:
        """Start a kernel for the next notebook, most likely one like this."""
        name = f"ahead-{next(self._count)}"
        with self._lock:
            # What nobody came for is kept until the end: a few at most.
            if _place(notebook) in self._ahead or len(self._ahead) >= _AHEAD:
                return
        self._backend.fill([replace(notebook, relative=name, document=None)])
        with self._lock:
            self._ahead.setdefault(_place(notebook), name)

    def _keep_log(self, name: str, text: str) -> None:
        """Take what a kernel wrote along to who keeps the record."""
        number = self._numbers.get(name, name)
        text = clean_kernel_log(text, self._record.redactor)
        self._logs[number] = "\n".join(
            part for part in (self._logs.get(number), text) if part
        )

    def _tell(self, line: RecordLine) -> None:
        name = getattr(line, "notebook", None)
        number = None if name is None else self._numbers.get(name, name)
        self._send({"id": number, "line": line.model_dump(mode="json")})

    def _send(self, message: dict[str, Any]) -> None:
        data = json.dumps(message).encode() + b"\n"
        # Nobody reads any more once the worker is gone.
        with self._writing, contextlib.suppress(OSError):
            self._connection.sendall(data)

    def take(self, message: dict[str, Any]) -> None:
        """Obey one message."""
        if "stop" in message:
            self.stop()
            return
        thread = threading.Thread(
            target=self._run,
            args=(message["id"], Path(message["path"]), message["more"]),
        )
        self._threads.append(thread)
        thread.start()

    def _run(self, number: str, path: Path, more: bool) -> None:
        end: dict[str, Any] = {}
        notes: list[str] = []
        try:
            (notebook,) = make_plan([path], everything=True).notebooks
            # Its lines are told apart by it.
            notebook.relative = self._name(notebook, number)
            if more and not self._stop.stopped:
                self._start_ahead(notebook)
            outcome, copy = self._backend.make(notebook, 1)
            notes = notebook.notes
            if copy is not None:
                end = self._save(number, copy)
        except RSPHealthError as exc:
            outcome = Outcome("error", exc.message)
        except Exception as exc:  # noqa: BLE001 - a bug is told as one
            outcome = Outcome(
                "error", f"rsp-health has a bug: {type(exc).__name__}."
            )
        reason = outcome.reason
        self._record.write(
            NotebookFinished(
                notebook=number,
                state=outcome.state,
                reason=reason and self._record.redactor.one_line(reason),
                notes=notes,
            )
        )
        python = self._backend.python
        if log := self._logs.pop(number, ""):
            end["kernel_log"] = log
        self._send({"id": number, "end": {"python": python, **end}})

    def _save(self, number: str, copy: Callable[[], bytes]) -> dict[str, Any]:
        """Put an executed copy where the worker finds it."""
        file = self._scratch / number
        try:
            file.write_bytes(copy())
        except (OSError, RecursionError, MemoryError) as exc:
            why = getattr(exc, "strerror", None)
            return {"not_copied": [type(exc).__name__, why]}
        return {"executed": str(file)}

    def stop(self) -> None:
        """End what runs: asked first, killed later."""
        if not self._stop.stopped:
            self._stop.stop("The run was ended.", by_user=False)
            kill = threading.Timer(_GRACE_S, self._stop.stop, ("Ended.",))
            kill.daemon = True
            kill.start()

    def close(self) -> None:
        """End everything, and wait for it."""
        self.stop()
        for thread in self._threads:
            thread.join()
        self._backend.close()
        self._record.close()


def _place(notebook: PlannedNotebook) -> _Place:
    return notebook.path.parent, notebook.kernel_name


def _main(descriptor: int) -> int:
    connection = socket.socket(fileno=descriptor)
    # Kernels would keep it open.
    connection.set_inheritable(False)
    scratch = Path(tempfile.mkdtemp(prefix="rsp-health-dask-"))
    try:
        with connection, connection.makefile("rb") as lines:
            first = lines.readline()
            if not first:
                return 0
            options = from_portable(json.loads(first))
            runner = _Runner(connection, options, scratch)
            try:
                for line in lines:
                    runner.take(json.loads(line))
            except OSError:
                pass  # The worker is gone.
            finally:
                runner.close()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(_main(int(sys.argv[1])))

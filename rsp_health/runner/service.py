"""The runner for the doors: start, follow, stop, list and report runs.

A run never executes in the process that calls this: `start` begins
``rsp-health run`` in a session of its own, and everything else reads what
that writes.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from ..effects import BY_DEFAULT, Allowance
from ..errors import BadInputError, NotFoundError
from .models import CopyPurpose, ExecutedCopy, RunDocument, RunList
from .planning.asking import refuse_unasked
from .planning.listing import NotebookListing
from .record.copies import folders_of_copies, open_copy
from .record.history import KEEP_BYTES, KEEP_RUNS, History
from .record.run_document import supervisor_of
from .record.writer import read_lines
from .run_ids import new_run_id, valid_run_id
from .run_lock import refuse_twice, starting_alone
from .spawn import spawn_run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ..files.process_identity import ProcessIdentity
    from ..platform.environment import LabEnvironment
    from .planning.call import RunCall
    from .planning.models import NotebookList
    from .record_lines import RecordLine

__all__ = ["RunnerService"]

# `RunnerService.list` hides the built-in name inside the class.
type _Texts = list[str]
type _Lines = list[RecordLine]

#: Seconds in which a run has to announce itself, with some to spare.
_START_S = 40.0


class RunnerService:
    """Runs of one lab.

    Parameters
    ----------
    root
        What JupyterLab shows as ``/``.
    data_dir
        Folder of run records.
    environment
        The lab.
    find_notices
        Returns what else there is to say beside a list of runs.
    config
        Where the settings come from, if not from Jupyter's own paths.
    """

    def __init__(
        self,
        *,
        root: Path,
        data_dir: Path,
        environment: LabEnvironment,
        find_notices: Callable[[], list[str]] = list,
        config: Path | None = None,
    ) -> None:
        self._places = {"--data-dir": data_dir, "--root": root}
        if config is not None:
            self._places["--config"] = config
        self._find_notices = find_notices
        self._root = root
        self._data_dir = data_dir
        self._environment = environment
        self._history = History(data_dir)
        self._listing = NotebookListing(root=root, data_dir=data_dir)
        self._lock = threading.Lock()

    @property
    def history(self) -> History:
        """The runs that were."""
        return self._history

    def notebooks(
        self,
        directory: Path,
        *,
        repository: str,
        applications: frozenset[str] | None,
        allowance: Allowance = BY_DEFAULT,
    ) -> NotebookList:
        """List the notebooks of a checkout, and which of them apply here.

        Parameters
        ----------
        directory
            The checkout.
        repository
            Its id.
        applications
            What is deployed here; `None` if not known.
        allowance
            What a run takes without being asked.
        """
        return self._listing.of(
            directory,
            repository=repository,
            applications=applications,
            timings=self._history.timings(),
            allowance=allowance,
        )

    def start(self, call: RunCall, *, may_ask: bool = True) -> str:
        """Start a run in a process of its own; return its id.

        Parameters
        ----------
        call
            What is to be run, and how; its paths are absolute.
        may_ask
            Whether there is somebody to ask. If not, what does more than the
            call lets it do is left out, and told, as in the terminal.

        Raises
        ------
        MustAskError
            Raised if a notebook does more, and somebody can be asked.
        AlreadyRunningError
            Raised if one of the notebooks is being run already, whichever
            server of this home started that.
        rsp_health.errors.BadInputError
            Raised if a path is wrong.
        rsp_health.errors.EnvironmentFailureError
            Raised if the process does not start.
        """
        if may_ask:
            copies = folders_of_copies(self._data_dir, self._root)
            refuse_unasked(call, leave_out=copies)
        with (
            self._lock,
            starting_alone(self._data_dir, patience_s=_START_S),
        ):
            refuse_twice(self._history, call.paths)
            run_id = call.run_id or new_run_id()
            spawn_run(
                replace(call, run_id=run_id, server_pid=os.getpid()),
                places=self._places,
                variables=self._environment.variables,
            )
            return run_id

    def list(self, *, limit: int | None = 50) -> RunList:
        """Return the newest runs.

        Parameters
        ----------
        limit
            How many; `None` for all.
        """
        runs = []
        for summary in self._history.summaries():
            runs.append(summary)
            if limit is not None and len(runs) >= limit:
                break
        return RunList(runs=runs, notices=self._find_notices())

    def get(self, run_id: str) -> RunDocument:
        """Return a run, as far as it has come.

        Raises
        ------
        rsp_health.errors.NotFoundError
            Raised if there is no such run.
        """
        document = (
            self._history.document(run_id) if valid_run_id(run_id) else None
        )
        if document is None:
            raise NotFoundError(
                f"There is no run {run_id[:60]!r}.",
                hint="See `rsp-health runs list`.",
                code="no_such_run",
            )
        return document

    def stop(self, run_id: str, *, wait_s: float = 0.0) -> RunDocument:
        """Ask a run to stop; return it as it then is.

        Parameters
        ----------
        run_id
            The run. One that has ended is returned as it is.
        wait_s
            Seconds to wait for its end.

        Raises
        ------
        rsp_health.errors.NotFoundError
            Raised if there is no such run.
        """
        document = self.get(run_id)
        if document.finished_at is not None:
            return document
        folder = self._history.folder(run_id)
        lines, _ = read_lines(folder.record)
        supervisor = supervisor_of(lines[0]) if lines else None
        if supervisor is None or not _interrupt(supervisor):
            # On another machine: it looks for this file at its heartbeat.
            with contextlib.suppress(OSError):
                folder.ask_to_stop()
        deadline = time.monotonic() + wait_s
        while self.is_under_way(run_id) and time.monotonic() < deadline:
            time.sleep(0.1)
        return self.get(run_id)

    def report(self, run_id: str, fmt: str) -> tuple[str, bytes]:
        """Return a report of a run: its content type and its bytes.

        Raises
        ------
        rsp_health.errors.NotFoundError
            Raised if there is no such run.
        rsp_health.errors.BadInputError
            Raised if there is no such format, or the run's record cannot be
            read: a report would look like one without failures.
        """
        from .reports import render

        document = self.get(run_id)
        if document.state == "unreadable" and fmt != "json":
            raise BadInputError(
                f"The run {run_id} is unreadable: {document.reason}",
                hint="Remove its folder, or ask for --format json.",
                code="unreadable_run",
            )
        return render(document, fmt)

    def copy(
        self, run_id: str, notebook: str, purpose: CopyPurpose
    ) -> ExecutedCopy:
        """Put an executed copy where the lab can open it.

        Raises
        ------
        rsp_health.errors.NotFoundError
            Raised if there is no such run, notebook or copy.
        rsp_health.errors.ConflictError
            Raised if there are too many copies of it.
        rsp_health.errors.EnvironmentFailureError
            Raised if it cannot be written.
        """
        return open_copy(
            self.get(run_id), notebook, root=self._root, purpose=purpose
        )

    def prune(
        self, *, keep: int = KEEP_RUNS, max_bytes: int = KEEP_BYTES
    ) -> _Texts:
        """Remove the oldest runs beyond a count and a size; return their ids."""
        return self._history.prune(keep=keep, max_bytes=max_bytes)

    def is_under_way(self, run_id: str) -> bool:
        """Whether a run has begun, and has not ended."""
        return valid_run_id(run_id) and self._history.is_under_way(run_id)

    def active(self) -> _Texts:
        """Return the ids of the runs under way, newest first."""
        return self._history.active()

    def follow(self, run_id: str, offset: int) -> tuple[_Lines, int]:
        """Return the record's lines since an offset, and the next offset."""
        if not valid_run_id(run_id):
            return [], offset
        return read_lines(self._history.folder(run_id).record, offset)


def _interrupt(supervisor: ProcessIdentity) -> bool:
    """Send a run's process what Ctrl-C would; false if that cannot be done.

    Not another signal, which would not say that a user asked for it.
    """
    if not supervisor.is_local():
        return False
    try:
        handle = os.pidfd_open(supervisor.pid)
    except OSError:
        return False
    try:
        # Asked after the handle was opened: it is this process.
        if not supervisor.is_alive():
            return False
        signal.pidfd_send_signal(handle, signal.SIGINT)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True

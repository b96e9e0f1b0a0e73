"""What a Dask worker does with a notebook: ``rsp-health run`` beside it.

The worker only starts it and reads its record, so that a notebook is run, and
its end is judged, as anywhere else.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...notebooks.names import from_text
from ..record.history import History
from ..record.run_folder import new_run_id
from ..record.writer import read_lines

if TYPE_CHECKING:
    from distributed import Worker

__all__ = ["NotebookTask", "run_on_worker"]

#: Seconds between two looks at the record.
_LOOK_S = 0.25
#: Seconds that a run has to obey before it is killed, with its kernels.
_GRACE_S = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NotebookTask:
    """A notebook for a worker.

    Parameters
    ----------
    path
        The file, as the worker sees it too: the home is shared.
    folder
        The kernel's working directory, if not the notebook's folder.
    arguments
        Options of ``rsp-health run``.
    topic
        Where record lines are published while it runs.
    """

    path: str
    arguments: tuple[str, ...]
    topic: str


def run_on_worker(task: NotebookTask) -> dict[str, Any]:
    """Run a notebook; called in a thread of a Dask worker.

    Returns
    -------
    dict
        ``lines`` of the record, the ``executed`` copy or `None`, the
        worker's ``host``; or only ``problem``, if nothing could be run.
    """
    from distributed import get_worker

    worker = get_worker()
    if not Path(task.path).is_file():
        return {
            "problem": f"The Dask worker {worker.address} does not see "
            f"{task.path}. Workers need the folder of the notebooks."
        }
    key = worker.get_current_task()
    scratch = Path(tempfile.mkdtemp(prefix="rsp-health-dask-"))
    try:
        return _run(task, worker, key, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _run(
    task: NotebookTask, worker: Worker, key: Any, scratch: Path
) -> dict[str, Any]:
    run_id = new_run_id()
    record = History(scratch).folder(run_id).record
    errors = scratch / "stderr"
    with errors.open("wb") as stderr:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "rsp_health.cli.main",
                "run",
                task.path,
                *task.arguments,
                "--data-dir",
                str(scratch),
                "--root",
                str(scratch),
                "--run-id",
                run_id,
                # It ends with the worker, however that ends.
                "--server-pid",
                str(os.getpid()),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            start_new_session=True,
        )
    lines: list[dict[str, Any]] = []
    offset = 0
    pause = threading.Event()
    while True:
        ended = process.poll() is not None
        new, offset = read_lines(record, offset)
        if new:
            worker.log_event(task.topic, {"from": len(lines), "lines": new})
            lines += new
        if ended:
            break
        if _is_unwanted(worker, key):
            # What it says of its end is published in the next round.
            _end(process)
            continue
        pause.wait(_LOOK_S)
    if not lines:
        last = errors.read_text(errors="replace").strip()
        return {
            "problem": f"rsp-health did not run on the Dask worker "
            f"{worker.address}: {last.rpartition(chr(10))[2][:500]}"
        }
    return {
        "lines": lines,
        "executed": _executed(lines, scratch),
        "host": worker.address,
    }


def _is_unwanted(worker: Worker, key: Any) -> bool:
    """Whether the run was stopped, or its process is gone.

    Dask does not interrupt a thread. It only notes that the task is not
    wanted: after a cancel, and when the client's connection is lost.
    """
    state = worker.state.tasks.get(key)
    return state is None or state.state != "executing"


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask a run to end, then kill it; its kernels end with it."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.wait()


def _executed(lines: list[dict[str, Any]], scratch: Path) -> bytes | None:
    for line in reversed(lines):
        if line["kind"] == "notebook_finished" and line.get("executed_path"):
            with contextlib.suppress(OSError):
                copy = from_text(line["executed_path"])
                return Path(scratch, copy).read_bytes()
    return None

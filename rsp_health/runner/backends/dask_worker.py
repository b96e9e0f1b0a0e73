"""What a Dask worker does with a notebook: hand it to a process of the run.

The worker only passes on what that process tells, so that a notebook is run,
and its end is judged, as anywhere else.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import queue
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ... import __version__
from ...errors import UnreadableFileError
from ...files import safe_open
from .dask_session import end_session, session, start_session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from distributed import Worker

    from .dask_session import RunnerProcess

__all__ = [
    "NotebookTask",
    "digest",
    "end_on_worker",
    "look_on_worker",
    "run_on_worker",
]

#: Seconds between two looks whether the notebook is still wanted.
_LOOK_S = 0.25
#: Seconds for which lines are gathered: each message costs the scheduler, and
#: whoever hears it, more than a line does.
_GATHER_S = 0.2
#: Seconds in which the scheduler says what became of a notebook before.
_SCHEDULER_S = 10.0
#: Seconds that a worker has to look at its files.
_FILES_S = 8.0
#: Workers that may be lost with a notebook before it is given up: what takes
#: them down may be the notebook.
_TURNS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class NotebookTask:
    """A notebook for a worker.

    Parameters
    ----------
    path
        The file, as the worker sees it too: the home is shared.
    run
        The run: its notebooks share a process.
    options
        How it is run.
    topic
        Where record lines are published while it runs.
    more
        Whether a notebook of its folder and kernel is likely to come next.
    """

    path: str
    run: str
    topic: str
    more: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)


def run_on_worker(task: NotebookTask) -> dict[str, Any]:
    """Run a notebook; called in a thread of a Dask worker.

    Returns
    -------
    dict
        The worker's ``host`` and ``before``, the workers that were lost with
        it. Then ``lines`` of the record, the ``executed`` copy or `None`,
        ``not_copied`` if it could not be made, the kernels' ``python``, and
        ``kernel_log``, what a kernel wrote past a notebook that did not pass;
        or only ``problem``, if nothing could be run.
    """
    from distributed import get_worker

    worker = get_worker()
    before = _turns_before(worker, task.topic)
    result: dict[str, Any] = {"host": worker.address, "before": before}
    if len(before) >= _TURNS:
        return result | {
            "problem": f"The Dask workers {' and '.join(before)} were lost, "
            "one after the other, while they ran it."
        }
    if not Path(task.path).is_file():
        return result | {
            "problem": f"The Dask worker {worker.address} does not see "
            f"{task.path}. Workers need the folder of the notebooks."
        }
    with session(_here(worker, task.run), task.options) as process:
        return result | _follow(task, worker, process, len(before) + 1)


def _here(worker: Worker, run: str) -> str:
    """Name a run on one worker: a process may hold several workers."""
    return f"{run} {worker.address}"


def _turns_before(worker: Worker, topic: str) -> list[str]:
    """Return the workers that began with the notebook and did not end it.

    Dask gives what a lost worker had to another one, without a word.
    """
    asked = asyncio.run_coroutine_threadsafe(
        worker.scheduler.events(topic=topic),
        worker.loop.asyncio_loop,
    )
    found: dict[int, str] = {}
    for _, message in asked.result(_SCHEDULER_S):
        found[message["turn"]] = message["host"]
    return [found[turn] for turn in sorted(found)]


def _follow(
    task: NotebookTask, worker: Worker, process: RunnerProcess, turn: int
) -> dict[str, Any]:
    """Publish what is told of a notebook until its end."""
    key = worker.get_current_task()
    lines: list[dict[str, Any]] = []

    def publish(new: list[dict[str, Any]]) -> None:
        message = {"turn": turn, "host": worker.address, "from": len(lines)}
        worker.log_event(task.topic, {**message, "lines": new})
        lines.extend(new)

    publish([])
    number, told = process.run(task.path, more=task.more)
    new: list[dict[str, Any]] = []
    last = time.monotonic()
    try:
        while True:
            messages = _take(told, _GATHER_S if new else _LOOK_S)
            new += [m["line"] for m in messages if m and "line" in m]
            end = next((m["end"] for m in messages if m and "end" in m), None)
            gone = None in messages
            unwanted = (end is not None or not messages) and _is_unwanted(
                worker, key
            )
            # With its end, all lines go to whoever waits for the result.
            due = end is None and time.monotonic() - last >= _GATHER_S
            if new and (gone or unwanted or due):
                publish(new)
                new, last = [], time.monotonic()
            if gone:
                return {
                    "problem": "rsp-health did not run it to its end on the "
                    f"Dask worker {worker.address}: {process.last_words()}"
                }
            if end is not None:
                lines += new
                return {"lines": lines, **end, "executed": _executed(end)}
            if unwanted:
                # What it says of its end is published in the next round.
                process.stop()
                end_session(_here(worker, task.run))
    finally:
        process.forget(number)


def _take(
    told: queue.SimpleQueue[dict[str, Any] | None], wait_s: float
) -> list[dict[str, Any] | None]:
    """Return what has been told, after a short wait for it."""
    found: list[dict[str, Any] | None] = []
    with contextlib.suppress(queue.Empty):
        found.append(told.get(timeout=wait_s))
        while True:
            found.append(told.get_nowait())
    return found


def _is_unwanted(worker: Worker, key: Any) -> bool:
    """Whether the run was stopped, or its process is gone.

    Dask does not interrupt a thread. It only notes that the task is not
    wanted: after a cancel, and when the client's connection is lost.
    """
    state = worker.state.tasks.get(key)
    return state is None or state.state != "executing"


def _executed(end: Mapping[str, Any]) -> bytes | None:
    if end.get("executed"):
        file = Path(end["executed"])
        with contextlib.suppress(OSError):
            data = file.read_bytes()
            file.unlink()
            return data
    return None


def digest(path: str) -> str | None:
    """Return the digest of a file, or `None` if it cannot be read."""
    try:
        with os.fdopen(safe_open(Path(path), limit=None), "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, UnreadableFileError):
        return None


async def look_on_worker(
    run: str,
    options: Mapping[str, Any],
    paths: list[str],
    start: bool,
    dask_worker: Worker,
) -> dict[str, Any]:
    """Tell which of a run's files a worker sees, and in which version it is.

    Parameters
    ----------
    run, options
        The run, and how its notebooks are run.
    paths
        Its notebooks.
    start
        Whether to start the process that will run them.
    dask_worker
        The worker; given by Dask.
    """
    if start:
        start_session(_here(dask_worker, run), options)
    seen: list[str | None] | None
    try:
        seen = await asyncio.wait_for(
            asyncio.to_thread(lambda: [digest(path) for path in paths]),
            _FILES_S,
        )
    except TimeoutError:
        seen = None
    return {"rsp_health": __version__, "seen": seen}


async def end_on_worker(run: str, dask_worker: Worker) -> None:
    """End what a worker keeps for a run.

    Parameters
    ----------
    run
        The run.
    dask_worker
        The worker; given by Dask.
    """
    end_session(_here(dask_worker, run))

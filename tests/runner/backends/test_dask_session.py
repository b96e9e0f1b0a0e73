"""A run's process on a worker, and who waits for a worker."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.redaction import Redactor
from rsp_health.runner.backends import dask, dask_session
from rsp_health.runner.options import RunOptions, to_portable
from rsp_health.runner.planning.plan import make_plan
from rsp_health.runner.record.writer import RecordWriter
from rsp_health.runner.stopping import StopSwitch
from tests.faults.runner.cases import notebook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class _Process:
    """Stands for a process that does nothing."""

    ended = False
    closed = False

    def __init__(self, _: object) -> None:
        pass

    def close(self) -> None:
        self.closed = True


class _Lock:
    """A lock after which something happens, once."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.after: Callable[[], object] | None = None

    def __enter__(self) -> None:
        self.lock.acquire()

    def __exit__(self, *_: object) -> None:
        self.lock.release()
        then, self.after = self.after, None
        if then is not None:
            then()


def test_a_notebook_that_comes_as_the_clock_runs_out_keeps_its_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dask_session, "RunnerProcess", _Process)
    clocks: list[Callable[[], None]] = []

    def timer(_: float, call: Any, args: Any) -> Any:
        clocks.append(lambda: call(*args))
        return SimpleNamespace(start=lambda: None, cancel=lambda: None)

    monkeypatch.setattr(threading, "Timer", timer)
    sessions = dask_session._Sessions()
    first = sessions.enter("r", {})
    sessions.leave("r", first)
    lock = _Lock()
    monkeypatch.setattr(sessions, "_lock", lock)
    used: list[Any] = []

    def come() -> None:
        used.append(sessions.enter("r", {}))

    lock.after = come
    clocks[0]()

    assert not used[0].closed
    sessions.leave("r", used[0])
    clocks[-1]()
    assert used[0].closed


#: Ends when a kernel of the same parent is there beside this one.
WAITS = """
import os, pathlib, time
def above(pid):
    status = pathlib.Path(f"/proc/{pid}/stat").read_text()
    return status.rpartition(")")[2].split()[1]
def kernels():
    for path in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if above(above(path.name)) == top:
                yield path.name
        except OSError:
            pass
me = str(os.getpid())
top = above(above(me))
end = time.monotonic() + 60
while not set(kernels()) - {me}:
    assert time.monotonic() < end
"""


def test_the_next_kernel_is_started_while_a_notebook_runs(
    tmp_path: Path,
) -> None:
    names = ("first", "second")
    for name, cells in zip(names, ((WAITS,), ("2 + 2",)), strict=True):
        (tmp_path / f"{name}.ipynb").write_bytes(notebook(*cells))
    process = dask_session.RunnerProcess(to_portable(RunOptions()))
    lines: dict[str, list[dict[str, Any]]] = {}
    try:
        for name in names:
            path = tmp_path / f"{name}.ipynb"
            _, told = process.run(str(path), more=name == "first")
            message = told.get(timeout=60)
            while message is not None and "end" not in message:
                lines.setdefault(name, []).append(message["line"])
                message = told.get(timeout=60)
            assert message is not None, process.last_words()
    finally:
        process.close()

    for name in names:
        kinds = [line["kind"] for line in lines[name]]
        assert kinds[0] == "notebook_started"
        assert lines[name][-1]["kind"] == "notebook_finished"
        assert lines[name][-1]["state"] == "passed", lines[name]


class _Client:
    """Stands for a cluster that runs nothing."""

    def __init__(self, workers: dict[str, int]) -> None:
        self.workers = workers

    def nthreads(self) -> dict[str, int]:
        return self.workers

    def subscribe_topic(self, *_: object) -> None:
        pass

    unsubscribe_topic = subscribe_topic

    def submit(self, *_: object, **__: object) -> Any:
        return SimpleNamespace(
            done=lambda: False,
            cancel=lambda: None,
            add_done_callback=lambda _: None,
        )


@pytest.mark.parametrize(
    ("pinned", "workers", "reason"),
    [
        ([], {}, "had no worker for"),
        (["a", "b"], {"c": 1}, "had no worker that sees this file for"),
    ],
)
def test_a_notebook_without_a_worker_does_not_wait_for_ever(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    pinned: list[str],
    workers: dict[str, int],
    reason: str,
) -> None:
    monkeypatch.setattr(dask, "_LOOK_S", 0.01)
    monkeypatch.setattr(dask, "_NO_WORKER_S", 0.02)
    path = tmp_path / "n.ipynb"
    path.write_bytes(notebook("1"))
    (one,) = make_plan([path]).notebooks
    client: Any = _Client(workers)
    pins = {str(one.path): pinned} if pinned else {}
    record = RecordWriter(
        tmp_path / "record.jsonl", redactor=Redactor([]), heartbeat_s=0
    )
    backend = dask.DaskBackend(
        prepared=dask.Preparation(client, "r", {}, pins),
        record=record,
        stop=StopSwitch(),
        keep_log=lambda *_: None,
        jobs=1,
    )

    outcome, copy = backend.make(one, 1)

    record.close()
    assert (outcome.state, copy) == ("error", None)
    assert reason in (outcome.reason or "")

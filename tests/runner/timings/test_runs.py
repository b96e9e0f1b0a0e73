"""Runs note what is usual before they begin, and what was slower."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from rsp_health.platform.environment import LabEnvironment
from rsp_health.runner.record.history import History
from rsp_health.runner.record.run_folder import timings_of
from rsp_health.runner.record_lines import NotebookFinished, NotebookStarted
from rsp_health.runner.service import RunnerService
from rsp_health.runner.timings.store import TimingStore
from tests.faults.runner.cases import notebook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rsp_health.runner.models import RunDocument
    from rsp_health.runner.record_lines import RecordLine


def _pretend(
    data: Path, document: RunDocument, seconds: float, *, count: int = 10
) -> None:
    """Note passes of that time under the conditions of a real run."""
    store = TimingStore(timings_of(data / "runs"))
    for number in range(count):
        past = document.model_copy(deep=True)
        past.run_id = f"20251101T00{number:04}Z-0000"
        for cell in past.notebooks[0].cells:
            cell.duration_s = seconds
        store.append([past])


def test_a_run_says_what_was_slower_than_usual(
    tmp_path: Path, data: Path, run: Callable[..., RunDocument]
) -> None:
    path = tmp_path / "n.ipynb"
    path.write_bytes(notebook("import time; time.sleep(0.5)", "1"))
    first = run(path)
    assert first.notebooks[0].usual is None
    assert first.notebooks[0].kernel == "python3"
    _pretend(data, first, 0.001)
    lines: list[RecordLine] = []
    second = run(path, listener=lines.append)
    found = second.notebooks[0]
    assert found.state == "passed"
    assert found.usual is not None
    assert found.usual.n == 11
    assert found.usual.slower is True
    assert found.usual.measured_s is not None
    assert found.usual.measured_s >= 0.5
    usual = found.cells[0].usual
    assert usual is not None
    assert (usual.median_s, usual.slower) == (0.001, True)
    assert found.cells[1].usual is not None
    assert [note.partition(":")[0] for note in found.notes][:2] == [
        "Its cells were slower than usual",
        "Cell 1 was slower than usual",
    ]
    told = next(x for x in lines if isinstance(x, NotebookFinished))
    assert told.notes == found.notes
    # What is listed, is what was told.
    again = History(data).document(second.run_id)
    assert again is not None
    assert again.notebooks[0].usual == found.usual


#: Takes its time so often as a file beside it says.
_SLOW = """
import pathlib, time
left = pathlib.Path("left")
number = int(left.read_text())
left.write_text(str(max(0, number - 1)))
time.sleep(0.5 if number else 0)
"""


@pytest.mark.parametrize(
    ("times", "attempts", "slower", "noted"),
    [
        (0, 1, False, None),
        (1, 2, False, "slower than usual; run again, they did not."),
        (2, 2, True, "It was run again to be sure: its cells took"),
    ],
    ids=["never", "once", "twice"],
)
def test_a_slow_notebook_is_run_again_where_that_is_asked_for(
    tmp_path: Path,
    data: Path,
    run: Callable[..., RunDocument],
    times: int,
    attempts: int,
    noted: str | None,
    *,
    slower: bool,
) -> None:
    path = tmp_path / "n.ipynb"
    path.write_bytes(notebook(_SLOW))
    left = tmp_path / "left"
    left.write_text("0")
    _pretend(data, run(path), 0.001)
    left.write_text(str(times))
    found = run(path, confirm_slower=True).notebooks[0]
    assert (found.state, found.attempts) == ("passed", attempts)
    assert found.usual is not None
    assert found.usual.slower is slower
    told = [note for note in found.notes if noted is None or noted in note]
    assert len(told) == (noted is not None)


def test_what_fails_when_it_is_run_again_has_failed(
    tmp_path: Path, data: Path, run: Callable[..., RunDocument]
) -> None:
    path = tmp_path / "n.ipynb"
    path.write_bytes(notebook(f"{_SLOW}assert number != 1"))
    left = tmp_path / "left"
    left.write_text("2")
    _pretend(data, run(path), 0.001)
    left.write_text("2")
    found = run(path, confirm_slower=True).notebooks[0]
    assert (found.state, found.attempts) == ("failed", 2)
    (note,) = found.notes
    assert note.startswith("It passed at first, slower than usual (")


def test_a_pass_stays_one_if_the_second_try_is_stopped(
    tmp_path: Path, data: Path, run: Callable[..., RunDocument]
) -> None:
    path = tmp_path / "n.ipynb"
    path.write_bytes(notebook(f"{_SLOW}time.sleep(60 * (number == 1))", "2"))
    left = tmp_path / "left"
    left.write_text("0")
    _pretend(data, run(path), 0.001)
    left.write_text("2")

    def stop(line: RecordLine) -> None:
        if isinstance(line, NotebookStarted) and line.attempt == 2:
            os.kill(os.getpid(), signal.SIGINT)

    found = run(path, confirm_slower=True, listener=stop).notebooks[0]
    assert (found.state, found.attempts) == ("passed", 1)
    assert {cell.state for cell in found.cells} == {"passed"}
    assert "the run was stopped while it was run again" in found.notes[-1]
    assert found.executed_path is not None


def test_what_counts_no_longer_goes_when_a_run_begins(
    tmp_path: Path, data: Path, run: Callable[..., RunDocument]
) -> None:
    """Its times were just read for the estimate; its end only adds to them."""
    path = tmp_path / "n.ipynb"
    path.write_bytes(notebook("1"))
    first = run(path)
    _pretend(data, first, 0.001, count=130)
    times = timings_of(data / "runs")
    before = times.read_bytes()
    during: list[bytes] = []

    def look(line: RecordLine) -> None:
        if isinstance(line, NotebookStarted):
            during.append(times.read_bytes())

    run(path, listener=look)
    (left,) = during
    assert len(left) < len(before) / 2
    assert times.read_bytes().startswith(left)


def test_the_list_has_the_usual_time_and_the_last_results(
    tmp_path: Path, data: Path, run: Callable[..., RunDocument]
) -> None:
    folder = tmp_path / "checks"
    folder.mkdir()
    path = folder / "n.ipynb"
    path.write_bytes(notebook("1"))
    (folder / "never.ipynb").write_bytes(notebook("1"))
    first = run(path)
    path.write_bytes(notebook("1 / 0"))
    second = run(folder)
    service = RunnerService(
        root=tmp_path, data_dir=data, environment=LabEnvironment(variables={})
    )
    found = {
        entry.path: entry
        for entry in service.notebooks(
            folder, repository="checks", applications=None
        ).notebooks
    }
    entry = found["n.ipynb"]
    assert entry.usual is not None
    assert entry.usual.n == 1
    assert [(x.run_id, x.state) for x in entry.recent] == [
        (first.run_id, "passed"),
        (second.run_id, "failed"),
    ]
    assert [x.state for x in found["never.ipynb"].recent] == ["passed"]

"""Records: what is written, what is read after a crash, and history."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.errors import UnreadableFileError
from rsp_health.files.process_identity import ProcessIdentity
from rsp_health.platform.environment import LabEnvironment
from rsp_health.redaction import Redactor
from rsp_health.runner.options import RunOptions
from rsp_health.runner.planning.estimates import estimate
from rsp_health.runner.planning.plan import PlannedNotebook, RunPlan
from rsp_health.runner.record.history import History
from rsp_health.runner.record.run_document import (
    read_document,
    reduce_lines,
    worst,
)
from rsp_health.runner.record.run_folder import RunFolder
from rsp_health.runner.record.writer import (
    RecordWriter,
    format_time,
    read_lines,
)
from rsp_health.runner.record_lines import Heartbeat, RunFinished
from rsp_health.runner.run_ids import new_run_id
from tests.support.record_lines import lines_of

if TYPE_CHECKING:
    from rsp_health.runner.models import NotebookState


def first_line(identity: ProcessIdentity, **more: Any) -> dict[str, Any]:
    return {
        "kind": "run_started",
        "at": format_time(),
        "run_id": "20261120T213341Z-3f9c",
        "supervisor": asdict(identity),
        "folder": "/x",
        "notebooks": [
            {
                "path": "a.ipynb",
                "selected": True,
                "cells": [{"index": 1}, {"index": 2}],
            },
            {"path": "b.ipynb", "selected": False, "reason": "no"},
        ],
        **more,
    }


def write(path: Path, *lines: dict[str, Any], tail: bytes = b"") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    path.write_bytes(data + tail)
    return path


def dead() -> ProcessIdentity:
    """A process that has lived."""
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    process.wait()
    return replace(ProcessIdentity.of_this_process(), pid=process.pid)


def event(kind: str, **fields: Any) -> dict[str, Any]:
    return {"kind": kind, "at": format_time(), "notebook": "a.ipynb", **fields}


def test_a_living_supervisor_means_running(tmp_path: Path) -> None:
    line = first_line(ProcessIdentity.of_this_process())
    document = read_document(write(tmp_path / "r", line))
    assert document is not None
    assert document.state == "running"


@pytest.mark.parametrize("change", ["gone", "reused"])
def test_a_dead_supervisor_means_interrupted(
    tmp_path: Path, change: str
) -> None:
    mine = ProcessIdentity.of_this_process()
    identity = {
        "gone": dead(),
        "reused": replace(mine, start_ticks=mine.start_ticks - 1),
    }[change]
    path = write(
        tmp_path / "r",
        first_line(identity),
        event("notebook_started", attempt=1),
        event("cell_started", cell_index=1),
        tail=b'{"kind": "cell_fin',
    )
    document = read_document(path)
    assert document is not None
    assert document.state == "interrupted"
    assert [n.state for n in document.notebooks] == ["interrupted", "skipped"]
    cells = [cell.state for cell in document.notebooks[0].cells]
    assert cells == ["stopped", "not_run"]


@pytest.mark.parametrize(
    ("age_s", "state"), [(1, "running"), (60, "interrupted")]
)
@pytest.mark.parametrize(
    "where",
    [{"host": "elsewhere"}, {"boot_id": "another"}, {"pid_namespace": 1}],
    ids=["machine", "start", "container"],
)
def test_of_another_machine_the_heartbeat_tells(
    tmp_path: Path, age_s: float, state: str, where: dict[str, Any]
) -> None:
    elsewhere = replace(ProcessIdentity.of_this_process(), **where)
    at = datetime.now(tz=UTC) - timedelta(seconds=age_s)
    beat = {"kind": "heartbeat", "at": at.isoformat()}
    path = write(tmp_path / "r", first_line(elsewhere, at=beat["at"]), beat)
    document = read_document(path)
    assert document is not None
    assert document.state == state


def test_a_finished_run_is_what_it_says(tmp_path: Path) -> None:
    path = write(
        tmp_path / "r",
        first_line(dead()),
        event("notebook_started", attempt=2),
        event("cell_started", cell_index=1),
        event("cell_finished", cell_index=1, state="passed", duration_s=1.5),
        event("notebook_finished", state="failed", duration_s=2.0),
        event("run_finished", state="failed", duration_s=2.5),
    )
    document = read_document(path)
    assert document is not None
    assert (document.state, document.duration_s) == ("failed", 2.5)
    assert document.totals.model_dump() == {
        "passed": 0,
        "failed": 1,
        "skipped": 1,
        "other": 0,
    }
    notebook = document.notebooks[0]
    assert notebook.attempts == 2
    assert [c.state for c in notebook.cells] == ["passed", "not_run"]


@pytest.mark.parametrize("data", [b"", b"\n\n", b'{"kind": "run_st'])
def test_a_record_without_a_line_is_none_yet(
    tmp_path: Path, data: bytes
) -> None:
    path = tmp_path / "r"
    assert read_document(path) is None
    path.write_bytes(data)
    assert read_document(path) is None


@pytest.mark.parametrize(
    "data",
    [
        b"garbage\n",
        b"[]\n",
        b'{"kind": 5}\n',
        b"\xff\n",
        b'{"kind": "run_finished", "state": "passed"}\n',
    ],
)
def test_a_record_without_its_first_line_is_no_run(
    tmp_path: Path, data: bytes
) -> None:
    path = tmp_path / "r"
    path.write_bytes(data)
    with pytest.raises(UnreadableFileError, match="not the record of a run"):
        read_document(path)


def test_lines_are_read_on_from_an_offset(tmp_path: Path) -> None:
    path = write(
        tmp_path / "r", {"kind": "heartbeat"}, tail=b'{"kind": "run_fin'
    )
    lines, offset = read_lines(path)
    assert lines == [Heartbeat()]
    with path.open("ab") as file:
        file.write(b'ished"}\n')
    assert read_lines(path, offset)[0] == [RunFinished()]


def test_half_characters_are_written_as_json(tmp_path: Path) -> None:
    writer = RecordWriter(tmp_path / "r", redactor=Redactor(), heartbeat_s=0)
    writer.write(RunFinished(reason="\ud800 \U0001f600"))
    writer.close()
    (line,) = read_lines(tmp_path / "r")[0]
    assert isinstance(line, RunFinished)
    assert line.reason == "\ufffd \U0001f600"


def test_a_full_disk_delays_lines_and_loses_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = RecordWriter(tmp_path / "r", redactor=Redactor(), heartbeat_s=0)
    real = os.write
    with monkeypatch.context() as patch:

        def full(descriptor: int, data: bytes) -> int:
            if descriptor == writer._descriptor:
                raise OSError(28, "No space left on device")
            return real(descriptor, data)

        patch.setattr(os, "write", full)
        writer.write(Heartbeat())
        assert writer.problem is not None
    writer.write(RunFinished())
    writer.close()
    assert writer.problem is None
    kinds = [line.kind for line in read_lines(tmp_path / "r")[0]]
    assert kinds == ["heartbeat", "run_finished"]


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], "skipped"),
        (["passed", "skipped"], "passed"),
        (["skipped"], "skipped"),
        (["passed", "failed", "skipped"], "failed"),
        (["failed", "died"], "died"),
        (["failed", "stopped"], "failed"),
        (["passed", "stopped"], "stopped"),
        (["error", "failed"], "error"),
    ],
)
def test_a_run_is_as_its_worst_notebook(
    states: list[NotebookState], expected: str
) -> None:
    assert worst(states) == expected


def make_run(data: Path, *, size: int = 0) -> str:
    run_id = new_run_id()
    folder = RunFolder.create(data, run_id)
    lines = [
        first_line(dead(), run_id=run_id),
        event("run_finished", state="passed", duration_s=1.0),
    ]
    write(folder.record, *lines)
    document = reduce_lines(lines_of(*lines))
    assert document is not None
    folder.write_summary(document)
    (folder.path / "bulk").write_bytes(bytes(size))
    return run_id


def test_history_is_for_its_user_alone(tmp_path: Path) -> None:
    run_id = make_run(tmp_path)
    assert (tmp_path / "runs").stat().st_mode & 0o77 == 0
    assert (tmp_path / "runs" / run_id).stat().st_mode & 0o77 == 0


@pytest.mark.parametrize("keep", [0, 2])
def test_prune_by_count(tmp_path: Path, keep: int) -> None:
    runs = sorted(make_run(tmp_path) for _ in range(4))
    removed = History(tmp_path).prune(keep=keep, max_bytes=1 << 30)
    assert sorted(removed) == runs[: 4 - keep]
    assert History(tmp_path).ids() == runs[4 - keep :][::-1]


def test_prune_by_size(tmp_path: Path) -> None:
    runs = sorted(make_run(tmp_path, size=10_000) for _ in range(4))
    History(tmp_path).prune(keep=100, max_bytes=25_000)
    assert History(tmp_path).ids() == runs[2:][::-1]


def test_prune_leaves_runs_under_way(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, new_run_id())
    write(folder.record, first_line(ProcessIdentity.of_this_process()))
    assert History(tmp_path).prune(keep=0, max_bytes=0) == []
    assert folder.path.exists()


def test_an_interrupted_run_is_summarised_once(tmp_path: Path) -> None:
    run_id = new_run_id()
    folder = RunFolder.create(tmp_path, run_id)
    write(folder.record, first_line(dead(), run_id=run_id))
    history = History(tmp_path)
    assert [run.state for run in history.summaries()] == ["interrupted"]
    assert folder.summary.exists()
    assert history.active() == []


def test_other_folders_are_no_runs(tmp_path: Path) -> None:
    make_run(tmp_path)
    (tmp_path / "runs" / "notes").mkdir()
    assert len(History(tmp_path).ids()) == 1
    assert History(tmp_path).document("../../etc") is None


def test_a_newer_versions_record_is_read_as_far_as_it_is_known(
    tmp_path: Path,
) -> None:
    """Labs of several images share a home."""
    line = first_line(ProcessIdentity.of_this_process())
    line["supervisor"]["namespace"] = 5
    line["environment"] = {"image": "w_2026_47", "colour": "green"}
    line["repository"] = {"url": "https://example.org/x", "depth": 1}
    path = write(
        tmp_path / "r",
        line,
        event("notebook_started", attempt=1),
        event("cell_pondered", cell_index=1),
        event(
            "cell_finished",
            cell_index=1,
            state="failed",
            error={"ename": "E", "evalue": "v", "traceback": "t", "x": 1},
        ),
    )
    document = read_document(path)
    assert document is not None
    assert document.state == "running"
    assert document.environment.image == "w_2026_47"
    cells = document.notebooks[0].cells
    assert [cell.state for cell in cells] == ["failed", "queued"]


def _damaged(value: Any, chance: random.Random) -> Any:
    """Return a value with one part of it gone or replaced."""
    parts: list[Any] = (
        list(value) if isinstance(value, dict) else list(range(len(value)))
    )
    key = chance.choice(parts)
    inner = value[key]
    if isinstance(inner, dict | list) and inner and chance.random() < 0.7:
        value[key] = _damaged(inner, chance)
    elif chance.random() < 0.4:
        del value[key]
    else:
        value[key] = chance.choice([None, 5, -1.5, "x", [], {}, "9" * 30])
    return value


def test_no_damage_stops_the_history(tmp_path: Path) -> None:
    history = History(tmp_path)
    plan = RunPlan(
        folder=Path("/x"),
        notebooks=[
            PlannedNotebook(path=Path("/x/a.ipynb"), relative="a.ipynb")
        ],
    )
    gone = dead()
    for seed in range(300):
        lines: list[dict[str, Any]] = [
            first_line(gone),
            event("notebook_started", attempt=1),
            event("cell_started", cell_index=1),
            event(
                "cell_finished",
                cell_index=1,
                state="failed",
                duration_s=1.0,
                peak_memory_bytes=5,
                error={"ename": "E", "evalue": "v", "traceback": "t"},
            ),
            event("notebook_finished", state="passed", duration_s=1.5),
            event("run_finished", state="passed", duration_s=2.0),
        ]
        chance = random.Random(seed)  # noqa: S311 - the same each time
        lines = _damaged(lines, chance)
        run_id = f"20261120T{seed:06d}Z-0000"
        write(tmp_path / "runs" / run_id / "record.jsonl", *lines)
        estimate(
            plan,
            history.timings(),
            options=RunOptions(memory_limit_bytes=1),
            environment=LabEnvironment(variables={}),
        )
    shown = [run.model_dump_json() for run in history.summaries()]
    assert len(shown) == 300


def test_what_a_killed_run_left_is_taken_away(tmp_path: Path) -> None:
    history = History(tmp_path)
    folder = RunFolder.create(tmp_path, new_run_id())
    write(folder.record, first_line(dead()))
    folder.scratch.mkdir()
    (folder.scratch / "copy").touch()
    assert [run.state for run in history.summaries()] == ["interrupted"]
    assert not folder.scratch.exists()


def test_a_run_that_is_about_to_begin_is_not_pruned(tmp_path: Path) -> None:
    history = History(tmp_path)
    begins = RunFolder.create(tmp_path, new_run_id())
    assert history.prune(keep=0, max_bytes=0) == []
    os.utime(begins.active, (0, 0))
    assert history.prune(keep=0, max_bytes=0) == [begins.path.name]
    assert not begins.active.exists()

"""The history in one file is only a copy of what the runs' folders say."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from rsp_health.runner.models import RunDocument
from rsp_health.runner.record import run_folder
from rsp_health.runner.record.history import History
from rsp_health.runner.record.index import IndexedRun, RunIndex
from rsp_health.runner.record.run_folder import (
    RunFolder,
    mark_of,
    summarise,
)
from rsp_health.runner.run_ids import new_run_id, valid_run_id
from rsp_health.wire import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def make_run(data: Path, **fields: str) -> str:
    run_id = new_run_id()
    folder = RunFolder.create(data, run_id)
    values = {"state": "passed", "folder": "/home/ü\n", **fields}
    now = utc_now()
    document = RunDocument.model_validate(
        {"run_id": run_id, "started_at": now, "finished_at": now, **values}
    )
    write_record(folder, document.state)
    folder.write_summary(document)
    return run_id


def write_record(folder: RunFolder, state: str) -> None:
    at = utc_now().isoformat()
    lines = [
        {"kind": "run_started", "at": at, "run_id": folder.path.name},
        {"kind": "run_finished", "at": at, "state": state},
    ]
    if state == "interrupted":
        lines.pop()
    folder.record.write_text("".join(json.dumps(x) + "\n" for x in lines))


def listed(data: Path) -> list[str]:
    """Return what a process that knows nothing yet lists."""
    return [run.run_id for run in History(data).summaries()]


def index_file(data: Path) -> Path:
    return data / "runs" / ".ledger.jsonl"


def test_it_is_read_instead_of_the_folders(tmp_path: Path) -> None:
    runs = sorted(make_run(tmp_path) for _ in range(5))[::-1]
    whole = list(History(tmp_path).summaries())
    assert [run.run_id for run in whole] == runs
    for run_id in runs:
        History(tmp_path).folder(run_id).summary.unlink()
    assert list(History(tmp_path).summaries()) == whole


def _pipe(path: Path) -> None:
    """Put a pipe in the place of a file."""
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-20]),
        lambda path: path.write_bytes(path.read_bytes()[40:]),
        lambda path: path.write_bytes(b'{"run_id": 3}\n\xff\x00\n[[['),
        lambda path: path.write_bytes(b'{"run_id":"x","new":1}\n'),
        lambda path: (path.unlink(), path.mkdir()),
        _pipe,
        lambda path: (path.unlink(), path.symlink_to("/dev/zero")),
        lambda path: path.write_bytes(b"[" * 100_000 + b"\n"),
        lambda path: os.truncate(path, 1 << 40),
    ],
    ids=[
        "gone",
        "empty",
        "cut",
        "begun",
        "garbage",
        "foreign",
        "folder",
        "pipe",
        "device",
        "deep",
        "endless",
    ],
)
def test_damage_is_repaired(
    tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    runs = sorted(make_run(tmp_path) for _ in range(3))[::-1]
    damage(index_file(tmp_path))
    assert listed(tmp_path) == runs
    runs.insert(0, make_run(tmp_path))
    runs.sort(reverse=True)
    assert listed(tmp_path) == runs
    if index_file(tmp_path).is_file():
        # What was missed has been added, behind whatever was cut off.
        assert RunIndex(index_file(tmp_path)).read().keys() == set(runs)


def test_others_append_meanwhile(tmp_path: Path) -> None:
    make_run(tmp_path)
    history = History(tmp_path)
    assert len(list(history.summaries())) == 1
    ours, theirs = make_run(tmp_path), make_run(tmp_path)
    found = {run.run_id for run in history.summaries()}
    assert {ours, theirs} < found


def test_the_latest_word_counts(tmp_path: Path) -> None:
    run_id = make_run(tmp_path, state="interrupted")
    now = utc_now()
    document = RunDocument(
        run_id=run_id, state="passed", started_at=now, finished_at=now
    )
    write_record(History(tmp_path).folder(run_id), "passed")
    record = mark_of(str(tmp_path / "runs"), run_id)
    assert record is not None
    RunIndex(index_file(tmp_path)).append(
        [IndexedRun(record=record, run=summarise(document))]
    )
    (summary,) = History(tmp_path).summaries()
    assert summary.state == "passed"


@pytest.mark.parametrize("where", ["ledger", "summary", "both"])
def test_the_record_is_the_truth(tmp_path: Path, where: str) -> None:
    run_id = make_run(tmp_path, state="failed")
    files = [index_file(tmp_path), History(tmp_path).folder(run_id).summary]
    for path in files:
        text = path.read_text().replace('"failed"', '"passed"', 1)
        assert '"passed"' in text
        if where == "both" or (where in path.name):
            path.write_text(text)
        elif where == "summary":
            path.unlink()
    (summary,) = History(tmp_path).summaries()
    assert summary.state == "failed"
    (summary,) = History(tmp_path).summaries()
    assert summary.state == "failed"
    assert RunIndex(index_file(tmp_path)).read()[run_id].run.state == "failed"


def test_a_record_that_changed_is_read_again(tmp_path: Path) -> None:
    run_id = make_run(tmp_path, state="passed")
    assert len(listed(tmp_path)) == 1
    record = History(tmp_path).folder(run_id).record
    size = record.stat().st_size
    record.write_text(record.read_text().replace('"passed"', '"failed"'))
    assert record.stat().st_size == size
    # Whatever the clock of the file system tells apart.
    later = record.stat().st_mtime_ns + 10**9
    os.utime(record, ns=(later, later))
    (summary,) = History(tmp_path).summaries()
    assert summary.state == "failed"


def test_what_was_kept_of_a_changed_record_is_not_believed(
    tmp_path: Path,
) -> None:
    # A run that seemed lost, on a machine that slept, goes on.
    run_id = make_run(tmp_path, state="interrupted")
    assert len(listed(tmp_path)) == 1
    folder = History(tmp_path).folder(run_id)
    with folder.record.open("a") as record:
        record.write(
            json.dumps(
                {
                    "kind": "run_finished",
                    "at": utc_now().isoformat(),
                    "state": "interrupted",
                    "duration_s": 7.0,
                }
            )
            + "\n"
        )
    sizes = []
    for _ in range(3):
        (summary,) = History(tmp_path).summaries()
        assert summary.duration_s == 7.0
        sizes.append(index_file(tmp_path).stat().st_size)
    assert sizes[1] == sizes[2]


def test_a_record_behind_a_link_is_looked_at(tmp_path: Path) -> None:
    run_id = make_run(tmp_path, state="passed")
    record = History(tmp_path).folder(run_id).record
    elsewhere = record.rename(tmp_path / "elsewhere")
    record.symlink_to(elsewhere)
    assert len(listed(tmp_path)) == 1
    text = elsewhere.read_text().replace('"passed"', '"interrupted"')
    elsewhere.write_text(text)
    (summary,) = History(tmp_path).summaries()
    assert summary.state == "interrupted"


def test_a_copy_of_a_runs_folder_is_a_run_of_its_own(tmp_path: Path) -> None:
    run_id = make_run(tmp_path, state="interrupted")
    other = f"{run_id}00"
    assert valid_run_id(other)
    runs = tmp_path / "runs"
    shutil.copytree(runs / run_id, runs / other)
    sizes = []
    for _ in range(3):
        assert sorted(listed(tmp_path)) == [run_id, other]
        sizes.append(index_file(tmp_path).stat().st_size)
    assert sizes[1] == sizes[2]


def test_a_time_before_the_first_day_stops_no_list(tmp_path: Path) -> None:
    runs = sorted(make_run(tmp_path) for _ in range(2))[::-1]
    index_file(tmp_path).unlink()
    path = History(tmp_path).folder(runs[0]).summary
    told = json.loads(path.read_text())
    told["started_at"] = "0001-01-01T00:00:00+14:00"
    path.write_text(json.dumps(told))
    assert listed(tmp_path) == runs
    assert listed(tmp_path) == runs


def test_lines_that_count_no_longer_are_taken_out(tmp_path: Path) -> None:
    kept = make_run(tmp_path)
    with index_file(tmp_path).open("a") as file:
        file.write('{"run_id":"of another version"}\n' * 300)
    index = RunIndex(index_file(tmp_path))
    index.forget({kept})
    assert index_file(tmp_path).read_bytes().count(b"\n") == 1
    assert index.read().keys() == {kept}


def test_no_record_is_opened_to_list_what_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = sorted(make_run(tmp_path) for _ in range(3))[::-1]

    def opened(path: Path) -> None:
        raise AssertionError(path)

    monkeypatch.setattr(run_folder, "last_line", opened)
    monkeypatch.setattr(run_folder, "read_document", opened)
    assert listed(tmp_path) == runs


def test_a_run_whose_end_was_not_recorded_is_not_noted(
    tmp_path: Path,
) -> None:
    # The disk was full at its last line: its record is of a run cut off.
    run_id = make_run(tmp_path)
    index_file(tmp_path).unlink()
    folder = History(tmp_path).folder(run_id)
    lines = folder.record.read_text().splitlines(keepends=True)
    folder.record.write_text(lines[0])
    now = utc_now()
    folder.write_summary(
        RunDocument(
            run_id=run_id, state="passed", started_at=now, finished_at=now
        )
    )
    (summary,) = History(tmp_path).summaries()
    assert summary.state == "interrupted"


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    run_id = make_run(tmp_path)
    index_file(tmp_path).unlink()
    theirs = tmp_path / "theirs"
    theirs.write_bytes(b"mine\n")
    index_file(tmp_path).symlink_to(theirs)
    assert listed(tmp_path) == [run_id]
    make_run(tmp_path)
    assert theirs.read_bytes() == b"mine\n"


def test_removed_runs_are_not_listed(tmp_path: Path) -> None:
    runs = sorted(make_run(tmp_path) for _ in range(4))
    history = History(tmp_path)
    shutil.rmtree(history.folder(runs[0]).path)
    assert [run.run_id for run in history.summaries()] == runs[:0:-1]
    history.prune(keep=1, max_bytes=1 << 30)
    assert [run.run_id for run in history.summaries()] == runs[-1:]


def test_it_does_not_grow_for_ever(tmp_path: Path) -> None:
    kept = make_run(tmp_path)
    (summary,) = History(tmp_path).summaries()
    gone = [
        IndexedRun(
            record=(1, 1), run=summary.model_copy(update={"run_id": f"{n}"})
        )
        for n in range(300)
    ]
    RunIndex(index_file(tmp_path)).append(gone)
    found = RunIndex(index_file(tmp_path))
    assert len(found.read()) == 301
    found.forget({kept})
    assert found.read().keys() == {kept}
    assert index_file(tmp_path).read_bytes().count(b"\n") == 1
    assert index_file(tmp_path).stat().st_mode & 0o77 == 0

"""The times of earlier runs are kept in one small file."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from rsp_health.files import AppendedLines
from rsp_health.runner.record.history import History
from rsp_health.runner.record.run_folder import RunFolder
from rsp_health.runner.timings.execution import cell_key, executions_of
from rsp_health.runner.timings.store import TimingStore
from tests.runner.timings.runs import book, keep, make_run, write_record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rsp_health.runner.models import RunDocument

TAP = "/home/me/checks/tap.ipynb"


def file_of(data: Path) -> Path:
    return data / "runs" / ".timings.jsonl"


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def test_a_run_is_noted_when_it_ends(tmp_path: Path) -> None:
    for number in range(3):
        keep(tmp_path, make_run(number, book(1.0 + number, 0.5)))
    timings = History(tmp_path).timings()
    usual = timings.usual_now(TAP)
    assert usual is not None
    assert (usual.median_s, usual.n) == (2.5, 3)
    marks = timings.recent(TAP)
    assert [mark.measured_s for mark in marks] == [1.5, 2.5, 3.5]
    assert [mark.run_id for mark in marks] == sorted(
        mark.run_id for mark in marks
    )


def test_no_record_is_read_for_it(tmp_path: Path) -> None:
    folder = keep(tmp_path, make_run(1, book(1.0)))
    assert not folder.record.exists()
    assert History(tmp_path).timings().last_pass(TAP) is not None


def test_a_failure_is_a_mark_and_no_pass(tmp_path: Path) -> None:
    keep(tmp_path, make_run(1, book(1.0)))
    keep(tmp_path, make_run(2, book(9.0, state="failed")))
    timings = History(tmp_path).timings()
    usual = timings.usual_now(TAP)
    assert usual is not None
    assert (usual.median_s, usual.n) == (1.0, 1)
    assert [mark.state for mark in timings.recent(TAP)] == [
        "passed",
        "failed",
    ]


def test_what_was_not_run_leaves_no_mark(tmp_path: Path) -> None:
    notebook = book(1.0, state="skipped").model_copy(
        update={"started_at": None}
    )
    keep(tmp_path, make_run(1, notebook))
    assert History(tmp_path).timings().recent(TAP) == []


def test_changed_source_starts_anew(tmp_path: Path) -> None:
    keep(tmp_path, make_run(1, book(1.0)))
    keep(tmp_path, make_run(2, book(5.0, source="b")))
    timings = History(tmp_path).timings()
    usual = timings.usual_now(TAP)
    assert usual is not None
    assert (usual.median_s, usual.n) == (5.0, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"backend": "dask"},
        {"jobs": 2, "notebooks": [book(1.0), book(1.0, path="b.ipynb")]},
        {"environment": {"kernel": "python3", "image": "r/lab:r29_1_1"}},
    ],
)
def test_other_conditions_are_another_history(
    tmp_path: Path, change: dict[str, object]
) -> None:
    runs = [make_run(1, book(1.0)), make_run(2, book(1.0), **change)]
    one, two = (next(executions_of(run)) for run in runs)
    assert one.content == two.content
    assert one.conditions != two.conditions


@pytest.mark.parametrize(
    ("image", "same"),
    [
        ("registry/sciplat-lab:w_2026_46@sha256:0f", True),
        ("registry/sciplat-lab:d_2026_11_20", False),
        ("registry/sciplat-lab:exp_w_2026_45", False),
        ("registry/sciplat-lab-next:w_2026_45", False),
        ("registry:5000/sciplat-lab", False),
    ],
)
def test_images_of_one_line_are_compared(image: str, *, same: bool) -> None:
    other = make_run(2, book(1.0))
    other.environment.image = image
    found = [next(executions_of(x)) for x in (make_run(1, book(1.0)), other)]
    assert (found[0].conditions == found[1].conditions) is same


def test_a_cell_without_id_is_its_place_and_source() -> None:
    assert cell_key(1, None, "a") != cell_key(2, None, "a")
    assert cell_key(1, "x", "a") == cell_key(2, "x", "a")
    assert cell_key(1, "x", "a") != cell_key(1, "x", "b")


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(path.read_bytes()[:-40] + b"\n"),
        lambda path: path.write_bytes(b"[1]\n" + path.read_bytes()),
        lambda path: path.write_bytes(b"\xff\x00\n"),
        _pipe,
        lambda path: path.write_bytes(b"[" * 100_000 + b"\n"),
    ],
)
def test_it_is_learnt_again_from_the_records(
    tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    from tests.runner.record.test_index import make_run as run_with_record

    for number in range(2):
        _ = keep(tmp_path, make_run(number, book(1.0)), record=True)
    _ = run_with_record(tmp_path)
    whole = History(tmp_path).timings().executions(TAP)
    damage(file_of(tmp_path))
    again = History(tmp_path).timings().executions(TAP)
    assert [one.run_id for one in again] == [one.run_id for one in whole]
    assert [one.seconds for one in again] == [1.0, 1.0]
    # And it is whole again on disk.
    seen, runs = TimingStore(file_of(tmp_path)).read()
    assert (len(seen[TAP]), len(runs)) == (2, 3)


def test_a_run_of_an_older_version_is_learnt(tmp_path: Path) -> None:
    keep(tmp_path, make_run(1, book(2.0)))
    folder = History(tmp_path).folder(make_run(2).run_id)
    folder.path.mkdir()
    write_record(folder.record, make_run(2, book(1.0)))
    found = History(tmp_path).timings().executions(TAP)
    assert [one.seconds for one in found] == [2.0, 1.0]
    assert len({one.conditions for one in found}) == 1
    assert len({one.content for one in found}) == 1


def _begin(data: Path, document: RunDocument) -> Path:
    """Write a run's record, as if its supervisor were still at work."""
    folder = RunFolder.create(data, document.run_id)
    write_record(folder.record, document)
    return folder.record


def test_a_run_under_way_is_not_learnt(tmp_path: Path) -> None:
    keep(tmp_path, make_run(1, book(2.0)))
    record = _begin(tmp_path, make_run(2, book(1.0)))
    *lines, last = record.read_bytes().splitlines(keepends=True)
    record.write_bytes(b"".join(lines))
    history = History(tmp_path)
    assert len(history.timings().executions(TAP)) == 1
    with record.open("ab") as file:
        file.write(last)
    assert len(history.timings().executions(TAP)) == 2


def test_a_run_counts_from_its_last_line_on(tmp_path: Path) -> None:
    """Before its supervisor has noted the times, and said that it is done."""
    keep(tmp_path, make_run(1, book(2.0)))
    document = make_run(2, book(1.0))
    _begin(tmp_path, document)
    history = History(tmp_path)
    assert history.folder(document.run_id).active.exists()
    assert len(history.timings().executions(TAP)) == 2
    # What the supervisor then writes, changes nothing.
    history.folder(document.run_id).write_summary(document)
    assert len(history.timings().executions(TAP)) == 2


def test_only_what_counts_is_kept(tmp_path: Path) -> None:
    for number in range(130):
        state = "passed" if number < 60 else "failed"
        keep(tmp_path, make_run(number, book(1.0, state=state)))
    before = file_of(tmp_path).stat().st_size
    History(tmp_path).compact()
    assert file_of(tmp_path).stat().st_size < before / 2
    timings = History(tmp_path).timings()
    usual = timings.usual_now(TAP)
    assert usual is not None
    assert usual.n == 20
    assert len(timings.executions(TAP)) == 40


def _grown(data: Path) -> History:
    """Return a history of which most no longer counts."""
    for number in range(130):
        keep(data, make_run(number, book(1.0)))
    return History(data)


def test_it_is_written_anew_only_when_it_has_doubled(tmp_path: Path) -> None:
    history = _grown(tmp_path)
    history.compact()
    left = file_of(tmp_path).read_bytes()
    for number in range(130, 150):
        keep(tmp_path, make_run(number, book(1.0)))
        history.compact()
        History(tmp_path).compact()
    assert file_of(tmp_path).read_bytes().startswith(left)
    for number in range(150, 280):
        keep(tmp_path, make_run(number, book(1.0)))
    History(tmp_path).compact()
    assert len(History(tmp_path).timings().executions(TAP)) == 20
    assert file_of(tmp_path).stat().st_size < 2 * len(left)


def test_a_line_of_a_later_version_is_kept_as_it_is(tmp_path: Path) -> None:
    history = _grown(tmp_path)
    path = file_of(tmp_path)
    *_, last, _runs = path.read_bytes().splitlines()
    told = json.dumps({**json.loads(last), "later": 7}).encode()
    path.write_bytes(path.read_bytes().replace(last, told))
    history.compact()
    assert told in path.read_bytes().splitlines()
    assert last not in path.read_bytes().splitlines()


def test_what_is_noted_meanwhile_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another run may end while one takes out what no longer counts."""
    history = _grown(tmp_path)
    read = AppendedLines.all_lines

    def note_first(lines: AppendedLines) -> list[bytes]:
        keep(tmp_path, make_run(130, book(7.0)))
        return read(lines)

    monkeypatch.setattr(AppendedLines, "all_lines", note_first)
    history.compact()
    for seen in (history, History(tmp_path)):
        found = seen.timings().executions(TAP)
        assert [one.seconds for one in found] == [1.0] * 20 + [7.0]


def test_another_file_in_its_place_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes may do so at the same time."""
    history = _grown(tmp_path)
    read = AppendedLines.all_lines

    def compact_first(lines: AppendedLines) -> list[bytes]:
        monkeypatch.undo()
        History(tmp_path).compact()
        return read(lines)

    monkeypatch.setattr(AppendedLines, "all_lines", compact_first)
    history.compact()
    assert len(history.timings().executions(TAP)) == 20


def test_nothing_is_written_where_nothing_can_be(tmp_path: Path) -> None:
    _ = keep(tmp_path, make_run(1, book(2.0)), record=True)
    file_of(tmp_path).unlink()
    file_of(tmp_path).mkdir()
    assert History(tmp_path).timings().executions(TAP) == []

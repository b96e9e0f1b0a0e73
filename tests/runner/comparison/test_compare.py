"""Comparisons: each difference is told once, with its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.runner.comparison.compare import compare, compare_runs
from rsp_health.runner.comparison.page import render
from rsp_health.runner.comparison.sample import sample_of
from rsp_health.runner.comparison.shift import shift
from rsp_health.runner.models import CellError, RunEnvironment
from rsp_health.runner.record.history import History
from rsp_health.runner.timings.lookup import Timings
from tests.runner.timings.runs import book, keep, make_run

if TYPE_CHECKING:
    from pathlib import Path

    from rsp_health.runner.comparison.models import ComparisonDocument
    from rsp_health.runner.models import NotebookResult

NOTHING = Timings({})


def told(document: ComparisonDocument) -> list[tuple[str, str, int | None]]:
    return [
        (one.kind, one.notebook, one.cell_index)
        for one in document.differences
    ]


def broken(path: str = "tap.ipynb") -> NotebookResult:
    """A notebook whose second cell fails."""
    notebook = book(1.0, 1.0, path=path, state="failed")
    notebook.cells[0].state = "passed"
    notebook.cells[1].error = CellError(
        ename="DALServiceError", evalue="503", traceback=""
    )
    return notebook


def test_what_fails_now_is_named_with_its_cell() -> None:
    found = compare_runs(
        make_run(1, book(1.0, 1.0)), make_run(2, broken()), NOTHING
    )
    assert told(found) == [("newly_failing", "tap.ipynb", 2)]
    one = found.differences[0]
    assert one.cell_id == "cell-2"
    assert one.after is not None
    assert (one.after.passed, one.after.n) == (0, 1)
    assert one.after.error == "DALServiceError: 503"
    assert "passed 0 of 1 time; before: 1 of 1" in one.text


def test_what_passes_again_is_fixed() -> None:
    found = compare_runs(
        make_run(1, broken()), make_run(2, book(1.0, 1.0)), NOTHING
    )
    assert told(found) == [("fixed", "tap.ipynb", 2)]


def test_what_failed_before_is_not_newly_failing() -> None:
    found = compare_runs(make_run(1, broken()), make_run(2, broken()), NOTHING)
    assert told(found) == [("still_failing", "tap.ipynb", 2)]


def test_what_is_new_and_what_is_gone() -> None:
    found = compare_runs(
        make_run(1, book(1.0, path="old.ipynb"), book(1.0)),
        make_run(2, book(1.0, path="new.ipynb"), book(1.0)),
        NOTHING,
    )
    assert told(found) == [
        ("gone", "old.ipynb", None),
        ("new", "new.ipynb", None),
    ]
    assert found.compared == 1


def test_what_was_skipped_is_not_judged() -> None:
    skipped = book(1.0).model_copy(
        update={"state": "skipped", "reason": "tap is not deployed here"}
    )
    found = compare_runs(make_run(1, book(1.0)), make_run(2, skipped), NOTHING)
    assert told(found) == []
    assert "tap is not deployed" in found.not_judged[0].reason


def test_one_pass_on_each_side_says_nothing_of_times() -> None:
    found = compare_runs(
        make_run(1, book(1.0)), make_run(2, book(9.0)), NOTHING
    )
    assert told(found) == []
    assert "Too few passes to compare times: 1 and 1" in (
        found.not_judged[0].reason
    )


def _history(data: Path, *seconds: tuple[float, ...]) -> list[Any]:
    runs = [
        make_run(number, book(*times)) for number, times in enumerate(seconds)
    ]
    for run in runs:
        keep(data, run)
    return runs


def test_a_slow_run_stands_out_from_the_history(tmp_path: Path) -> None:
    times = [(1.0 + 0.01 * (n % 3), 1.0) for n in range(10)]
    runs = _history(tmp_path, *times, (2.0, 1.0))
    found = compare_runs(runs[-2], runs[-1], History(tmp_path).timings())
    assert told(found) == [("slower", "tap.ipynb", 1)]
    one = found.differences[0]
    assert one.before is not None
    assert one.after is not None
    assert (one.before.median_s, one.before.times) == (1.01, 10)
    assert (one.after.median_s, one.after.times) == (2.0, 1)
    assert "2.0 times as long" in one.text


def test_a_fast_run_does_as_well(tmp_path: Path) -> None:
    runs = _history(tmp_path, *[(2.0, 1.0)] * 10, (1.0, 1.0))
    found = compare_runs(runs[-2], runs[-1], History(tmp_path).timings())
    assert told(found) == [("faster", "tap.ipynb", 1)]


def test_a_run_within_noise_does_not(tmp_path: Path) -> None:
    runs = _history(tmp_path, *[(1.0, 1.2), (1.1, 1.0)] * 5, (1.2, 1.1))
    found = compare_runs(runs[-2], runs[-1], History(tmp_path).timings())
    assert told(found) == []


def _sides(
    before: list[float], after: list[float], image: str = "r/lab:w_2026_46"
) -> ComparisonDocument:
    runs = [make_run(n, book(x, 1.0)) for n, x in enumerate(before)]
    later = [
        make_run(
            100 + n,
            book(x, 1.0),
            environment=RunEnvironment(kernel="python3", image=image),
        )
        for n, x in enumerate(after)
    ]
    return compare(sample_of(runs), sample_of(later))


def test_sides_of_several_runs_are_compared() -> None:
    found = _sides([1.0, 1.05, 0.95], [2.0, 2.1, 1.9])
    assert told(found) == [("slower", "tap.ipynb", 1)]
    assert told(_sides([1.0, 1.05, 0.95], [1.1, 1.2, 1.0])) == []


def test_times_that_scatter_too_much_are_not_judged() -> None:
    found = _sides([1.0, 9.0, 3.0], [2.0, 8.0, 4.0])
    assert told(found) == []
    assert "could hide" in found.not_judged[0].reason


def test_what_takes_no_time_need_not_be_steady() -> None:
    runs = [make_run(n, book(0.0003 * 3**n)) for n in range(6)]
    found = compare(sample_of(runs[:3]), sample_of(runs[3:]))
    assert (found.differences, found.not_judged) == ([], [])


def test_more_memory_is_told() -> None:
    runs = [make_run(n, book(1.0)) for n in range(6)]
    for run in runs[3:]:
        run.notebooks[0].cells[0].peak_memory_bytes = 500 << 20
    for run in runs[:3]:
        run.notebooks[0].cells[0].peak_memory_bytes = 200 << 20
    found = compare(sample_of(runs[:3]), sample_of(runs[3:]))
    assert told(found) == [("more_memory", "tap.ipynb", 1)]
    assert "500 MiB at most; before: 200 MiB" in found.differences[0].text


def test_what_fails_now_and_then_is_unsteady() -> None:
    before = [make_run(n, book(1.0, 1.0)) for n in range(3)]
    after = [
        make_run(9, book(1.0, 1.0)),
        make_run(10, broken()),
        make_run(11, book(1.0, 1.0)),
    ]
    found = compare(sample_of(before), sample_of(after))
    assert told(found) == [("unsteady", "tap.ipynb", 2)]


def test_changed_source_is_no_slowdown(tmp_path: Path) -> None:
    runs = _history(tmp_path, *[(1.0,)] * 10)
    changed = make_run(20, book(9.0, source="new"))
    keep(tmp_path, changed)
    found = compare_runs(runs[-1], changed, History(tmp_path).timings())
    assert told(found) == []
    assert "source changed" in found.not_judged[0].reason


def test_another_checkout_is_compared_by_names() -> None:
    there = make_run(2, broken(), folder="/elsewhere")
    found = compare_runs(make_run(1, book(1.0, 1.0)), there, NOTHING)
    assert told(found) == [("newly_failing", "tap.ipynb", 2)]


def test_one_file_is_found_in_the_run_of_its_folder() -> None:
    alone = make_run(2, broken(), folder="/home/me/checks/sub")
    whole = make_run(1, book(1.0, 1.0, path="sub/tap.ipynb"))
    found = compare_runs(whole, alone, NOTHING)
    assert told(found) == [
        ("newly_failing", "/home/me/checks/sub/tap.ipynb", 2)
    ]


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        ([1.0] * 2, [9.0] * 5, None),
        ([1.0] * 5, [9.0] * 2, None),
        ([1.0] * 8, [9.0], "slower"),
        ([9.0] * 8, [1.0], "faster"),
        ([1.0] * 8, [1.1], "same"),
        ([1.0] * 3, [2.0] * 3, "slower"),
        ([2.0] * 3, [1.0] * 3, "faster"),
        ([0.01] * 3, [0.05] * 3, "same"),
        ([1.0, 1.0, 3.0], [1.0, 3.0, 3.0], "same"),
        ([0.0] * 3, [0.0] * 3, "same"),
    ],
)
def test_times_move_beyond_noise_or_not(
    before: list[float], after: list[float], moved: str | None
) -> None:
    assert shift(before, after) == moved


def test_the_page_holds_no_markup_of_others() -> None:
    bad = broken()
    bad.cells[1].source = "<script>alert(1)</script>"
    page = render(
        compare_runs(make_run(1, book(1.0, 1.0)), make_run(2, bad), NOTHING)
    ).decode()
    assert "<script" not in page
    assert "newly failing" in page
    assert "DALServiceError: 503" in page

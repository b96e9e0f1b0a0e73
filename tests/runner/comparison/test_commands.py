"""``rsp-health runs compare`` and ``runs trend``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rsp_health.runner.models import CellError
from tests.runner.timings.runs import book, keep, make_run

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    type Command = Callable[..., subprocess.CompletedProcess[str]]


def _runs(data: Path) -> tuple[str, str]:
    """Keep a run that passed, and one with a notebook that fails."""
    folder = str(data.parent)
    bad = book(1.0, 1.0, state="failed")
    bad.cells[0].error = CellError(ename="E", evalue="\x1b[2J", traceback="")
    runs = [
        make_run(1, book(1.0, 1.0), folder=folder),
        make_run(2, bad, folder=folder),
    ]
    for run in runs:
        keep(data, run, record=True)
    return runs[0].run_id, runs[1].run_id


def test_compare_tells_people_and_programs(
    data: Path, tmp_path: Path, command: Command
) -> None:
    before, after = _runs(data)
    done = command("runs", "compare", before, after)
    assert done.returncode == 1, done.stderr
    assert "newly failing  tap.ipynb [1]" in done.stdout
    assert "\x1b[2J" not in done.stdout
    page = tmp_path / "page.html"
    done = command("runs", "compare", after, before, "--json", "--html", page)
    assert done.returncode == 0
    document = json.loads(done.stdout)
    assert document["schema"] == "rsp-health.comparison/1"
    assert [one["kind"] for one in document["differences"]] == ["fixed"]
    assert "fixed" in page.read_text()


def test_a_run_that_is_not_there_is_no_traceback(
    data: Path, command: Command
) -> None:
    before, _ = _runs(data)
    for other in ("x", "../..", "20261120T213341Z-3f9c"):
        done = command("runs", "compare", before, other)
        assert done.returncode == 2
        assert "There is no run" in done.stderr


def test_a_page_that_cannot_be_written_is_an_error(
    data: Path, tmp_path: Path, command: Command
) -> None:
    before, after = _runs(data)
    page = tmp_path / "none" / "page.html"
    done = command("runs", "compare", before, after, "--html", page)
    assert done.returncode == 3
    assert "cannot be written" in done.stderr


def test_trend_of_all_of_one_and_of_a_cell(
    data: Path, command: Command
) -> None:
    _runs(data)
    done = command("runs", "trend")
    assert done.returncode == 0, done.stderr
    assert "tap.ipynb  \u2713\u2715" in done.stdout
    # One pass has no spread.
    assert "\N{PLUS-MINUS SIGN}" not in done.stdout
    tap = data.parent / "tap.ipynb"
    done = command("runs", "trend", tap, "--cell", "cell-2", "--json")
    document = json.loads(done.stdout)
    assert document["schema"] == "rsp-health.trend/1"
    (notebook,) = document["notebooks"]
    assert notebook["notebook"] == str(tap)
    assert [one["state"] for one in notebook["results"]] == [
        "passed",
        "failed",
    ]
    assert [cell["times_s"] for cell in notebook["cells"]] == [[1.0, None]]


def test_trend_of_what_was_never_run(data: Path, command: Command) -> None:
    assert "No runs yet" in command("runs", "trend").stdout
    _runs(data)
    done = command("runs", "trend", data.parent / "other.ipynb")
    assert done.returncode == 2
    assert "There is no run of" in done.stderr
    done = command("runs", "trend", data.parent / "tap.ipynb", "--cell", "9")
    assert done.returncode == 2
    assert "no code cell '9'" in done.stderr
    assert command("runs", "trend", "--cell", "1").returncode == 2

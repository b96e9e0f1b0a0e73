from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from rsp_health.cli.output.run_display import (
    PlainDisplay,
    TreeDisplay,
    make_display,
)
from rsp_health.runner.models import RunDocument
from rsp_health.runner.planning.plan import PlannedNotebook, RunPlan
from rsp_health.runner.record_lines import NotebookFinished
from tests.faults.runner.cases import notebook
from tests.support.record_lines import lines_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from rsp_health.runner.record_lines import RecordLine


def lines(count: int = 1) -> list[dict[str, Any]]:
    notebooks = [
        {
            "path": f"n{number}.ipynb",
            "application": "tap",
            "selected": True,
            "expected_s": 100.0,
            "cells": [{"index": 1, "source": "import [markup]"}],
        }
        for number in range(count)
    ]
    skipped = {
        "path": "s.ipynb",
        "selected": False,
        "reason": "sia is not deployed here.",
    }
    return [
        {
            "kind": "run_started",
            "run_id": "r1",
            "notebooks": [*notebooks, skipped],
            "problems": ["mobu.yaml is no mapping."],
        },
        {"kind": "notebook_started", "notebook": "n0.ipynb"},
        {"kind": "cell_started", "notebook": "n0.ipynb", "cell_index": 1},
    ]


END = [
    {"kind": "cell_finished", "notebook": "n0.ipynb", "cell_index": 1},
    {
        "kind": "notebook_finished",
        "notebook": "n0.ipynb",
        "state": "failed",
        "reason": "Cell 1: [red]E",
        "duration_s": 1.25,
        "notes": ["Cell 1 needed 6.1 of the lab's 8.0 GiB of memory."],
    },
    {"kind": "run_finished", "state": "failed", "duration_s": 1.5},
]


@pytest.fixture
def plan() -> RunPlan:
    notebook = PlannedNotebook(path=Path("/x/n0.ipynb"), relative="n0.ipynb")
    return RunPlan(folder=Path("/x"), notebooks=[notebook])


def console(*, terminal: bool) -> Console:
    return Console(
        file=io.StringIO(),
        force_terminal=terminal,
        width=100,
        height=24,
        color_system=None,
        legacy_windows=False,
    )


def text(target: Console) -> str:
    assert isinstance(target.file, io.StringIO)
    return target.file.getvalue()


def test_the_display_suits_the_terminal(plan: RunPlan) -> None:
    leader, follower = os.openpty()
    with (
        os.fdopen(leader, "rb", buffering=0),
        os.fdopen(follower, "w") as terminal,
    ):
        tree = make_display(Console(file=terminal), plan)
        assert isinstance(tree, TreeDisplay)
    assert isinstance(
        make_display(console(terminal=False), plan), PlainDisplay
    )


def test_forced_colours_make_no_terminal(plan: RunPlan) -> None:
    forced = console(terminal=True)
    assert isinstance(make_display(forced, plan), PlainDisplay)


def test_plain_lines(plan: RunPlan) -> None:
    target = console(terminal=False)
    with PlainDisplay(target, plan) as display:
        for line in lines_of(*lines(), *END):
            display.take(line)
    assert text(target).splitlines() == [
        "Note: mobu.yaml is no mapping.",
        "– s.ipynb: skipped. sia is not deployed here.",  # noqa: RUF001 - as printed
        "[1/1] ✕ failed: n0.ipynb (1.2 s) Cell 1: [red]E",
        "    Cell 1 needed 6.1 of the lab's 8.0 GiB of memory.",
        "Run ✕ failed in 1.5 s. See: rsp-health runs show r1",
    ]


def test_names_steer_no_terminal(plan: RunPlan) -> None:
    first = lines()[0]
    first["notebooks"][0]["path"] = "\x1b[2J\n::error::.ipynb"
    target = console(terminal=False)
    with PlainDisplay(target, plan) as display:
        finished = {
            "kind": "notebook_finished",
            "notebook": first["notebooks"][0]["path"],
            "state": "passed",
            "duration_s": 1.25,
        }
        for line in lines_of(first, finished):
            display.take(line)
    assert text(target).splitlines()[-1] == (
        r"[1/1] ✓ passed: \x1b[2J\n::error::.ipynb (1.2 s)"
    )


def test_tree_shows_the_running_cell(plan: RunPlan) -> None:
    target = console(terminal=True)
    with TreeDisplay(target, plan) as display:
        for line in lines_of(*lines()):
            display.take(line)
        target.print(display._render())
    shown = text(target)
    assert "n0.ipynb  ▷ running" in shown
    assert "[1] import [markup]" in shown
    assert "about 100 s to go" in shown
    assert "sia is not deployed here." in shown
    assert "Note: mobu.yaml is no mapping." in shown


def test_the_end_of_a_tree_tells_where_there_is_more(plan: RunPlan) -> None:
    target = console(terminal=True)
    with TreeDisplay(target, plan) as display:
        for line in lines_of(*lines(), *END):
            display.take(line)
    shown = text(target)
    assert "Cell 1: [red]E" in shown
    assert "Cell 1 needed 6.1 of the lab's 8.0 GiB of memory." in shown
    assert shown.rpartition("\n")[0].endswith("See: rsp-health runs show r1")


def test_a_long_tree_keeps_what_matters_in_sight(plan: RunPlan) -> None:
    target = console(terminal=True)
    with TreeDisplay(target, plan) as display:
        for line in lines_of(*lines(200)):
            display.take(line)
        for number in range(1, 200):
            state = "failed" if number == 150 else "passed"
            display.take(
                NotebookFinished(
                    notebook=f"n{number}.ipynb", state=state, duration_s=1.0
                )
            )
        during = {row.path for row in display._visible(_rows(display))}
    assert {"n0.ipynb", "n150.ipynb"} <= during
    assert len(during) < 24
    after = {row.path for row in display._visible(_rows(display))}
    assert len(after) == 201


def test_a_folder_may_be_called_anything(plan: RunPlan) -> None:
    plan.folder = Path("/x/[red]/[/b]")
    target = console(terminal=True)
    with TreeDisplay(target, plan) as display:
        display.take(*lines_of(lines()[0]))
        target.print(display._render())
    assert "/x/[red]/[/b]" in text(target)


def _rows(display: TreeDisplay) -> list[Any]:
    return list(display._rows.values())


def test_a_reader_that_left_changes_nothing(
    tmp_path: Path,
    data: Path,
    command: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    """As in ``rsp-health run . 2>&1 | head -1``."""
    folder = tmp_path / "n[/b]"
    folder.mkdir(parents=True)
    for name in "abc":
        (folder / f"{name}.ipynb").write_bytes(notebook("1"))
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "rsp_health.cli.main", "run", folder),
            *("--data-dir", data, "--json"),
        ],
        env={**os.environ, "HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=writer,
        check=False,
        timeout=100,
    )
    os.close(writer)
    assert done.returncode == 0
    found = RunDocument.model_validate_json(done.stdout).notebooks
    assert [n.state for n in found] == ["passed"] * 3
    # The table may break the path, and then it indents the rest.
    assert "n[/b]" in "".join(command("runs").stdout.split())


def test_a_display_that_breaks_changes_nothing(
    tmp_path: Path, run: Callable[..., RunDocument]
) -> None:
    def listener(line: RecordLine) -> None:
        raise SystemExit(str(line))

    path = tmp_path / "n.ipynb"
    path.write_bytes(notebook("1"))
    assert run(path, listener=listener).state == "passed"

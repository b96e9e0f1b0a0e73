"""A run says what happened: nothing run, unknown cells, shown errors."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.runner.reports.github_report import commands
from tests.faults.runner.cases import notebook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rsp_health.runner.models import NotebookResult, RunDocument

#: An error output while the kernel's reply says that all is well.
SHOWN = "get_ipython().run_cell('1/0');"


def only(document: RunDocument) -> NotebookResult:
    """Return the run's one notebook."""
    [found] = document.notebooks
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for notebooks."""
    folder = tmp_path / "nb"
    folder.mkdir()
    return folder


@pytest.fixture
def excluded(folder: Path) -> Path:
    """A folder whose only notebook is left out by its rules."""
    (folder / "a.ipynb").write_bytes(notebook("1"))
    (folder / "mobu.yaml").write_text(
        "collection_rules:\n- {type: exclude_union_of, patterns: ['**']}\n"
    )
    return folder


def git(folder: Path, *words: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words],
        cwd=folder,
        check=True,
        capture_output=True,
    )


def test_nothing_run_is_not_passed(
    run: Callable[..., RunDocument], excluded: Path
) -> None:
    document = run(excluded)
    assert document.state == "skipped"
    assert document.reason == "Nothing was run: 1 notebook was skipped."
    assert commands(document, None) == [
        (
            "::notice title=nothing was run::Nothing was run: 1 notebook was "
            "skipped."
        )
    ]
    assert only(document).state == "skipped"


def test_a_folder_without_notebooks_runs_nothing(
    run: Callable[..., RunDocument], folder: Path
) -> None:
    document = run(folder)
    assert document.state == "skipped"
    assert document.notebooks == []
    assert document.reason == "Nothing was run: there is no notebook."


def test_nothing_run_ends_with_1_and_says_so(
    command: Callable[..., subprocess.CompletedProcess[str]], excluded: Path
) -> None:
    done = command("run", excluded)
    assert done.returncode == 1
    assert "skipped" in done.stderr.splitlines()[-1]
    assert "Nothing was run" in done.stderr.splitlines()[-1]


def test_nothing_changed_is_well(
    command: Callable[..., subprocess.CompletedProcess[str]], folder: Path
) -> None:
    (folder / "a.ipynb").write_bytes(notebook("1"))
    git(folder, "init")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "a")
    done = command("run", folder, "--changed-since", "HEAD", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["state"] == "skipped"
    assert document["notebooks"][0]["reason"] == "It did not change."


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param([], id="no cells"),
        pytest.param(["  \n"], id="an empty cell"),
        pytest.param([("1/0", ["skip-execution"])], id="all are tagged"),
    ],
)
def test_a_notebook_without_code_is_skipped(
    run: Callable[..., RunDocument], folder: Path, cells: list[Any]
) -> None:
    (folder / "a.ipynb").write_bytes(notebook(*cells))
    document = run(folder)
    assert document.state == "skipped"
    found = only(document)
    assert (found.state, found.reason) == (
        "skipped",
        "It holds no code cell that is to be run.",
    )


@pytest.mark.parametrize("kind", ["Code", "code ", "heading", ""])
def test_a_cell_of_an_unknown_type_is_invalid(
    run: Callable[..., RunDocument], folder: Path, kind: str
) -> None:
    content = json.loads(notebook("1", "1/0"))
    content["cells"][1]["cell_type"] = kind
    (folder / "a.ipynb").write_text(json.dumps(content))
    document = run(folder)
    found = only(document)
    assert (document.state, found.state) == ("invalid", "invalid")
    assert found.reason == (
        f"It is not a notebook: cell 2 has the unknown type {kind!r}."
    )


@pytest.mark.parametrize(
    "source",
    [
        SHOWN,
        "get_ipython().run_line_magic('run', 'fail.py')",
        (
            "from IPython.display import display\n"
            "class A:\n"
            "    def _repr_png_(self): raise ZeroDivisionError('of a figure')\n"
            "display(A())"
        ),
    ],
)
def test_an_error_that_is_shown_fails_its_cell(
    run: Callable[..., RunDocument], folder: Path, source: str
) -> None:
    (folder / "fail.py").write_text("1/0\n")
    (folder / "a.ipynb").write_bytes(notebook(source, "2"))
    document = run(folder / "a.ipynb")
    found = only(document)
    assert (document.state, found.state) == ("failed", "failed")
    assert found.reason is not None
    assert found.reason.startswith("Cell 1: ZeroDivisionError: ")
    assert [cell.state for cell in found.cells] == ["failed", "not_run"]
    assert found.cells[0].error is not None
    assert found.cells[0].error.ename == "ZeroDivisionError"


def test_the_first_shown_error_is_the_one_that_is_told(
    run: Callable[..., RunDocument], folder: Path
) -> None:
    source = f"{SHOWN}\nget_ipython().run_cell('unknown');"
    (folder / "a.ipynb").write_bytes(notebook(source))
    error = only(run(folder)).cells[0].error
    assert error is not None
    assert error.ename == "ZeroDivisionError"


def test_an_error_that_was_cleared_is_not_shown(
    run: Callable[..., RunDocument], folder: Path
) -> None:
    source = f"{SHOWN}\nfrom IPython.display import clear_output as c\nc()"
    (folder / "a.ipynb").write_bytes(notebook(source))
    found = only(run(folder))
    assert found.state == "passed"
    assert found.cells[0].error is None


@pytest.mark.parametrize("where", ["tag", "cell", "notebook"])
def test_an_error_that_is_allowed_passes(
    run: Callable[..., RunDocument], folder: Path, where: str
) -> None:
    content = json.loads(notebook(SHOWN, "2"))
    metadata = {
        "tag": content["cells"][0]["metadata"],
        "cell": content["cells"][0]["metadata"],
        "notebook": content["metadata"],
    }[where]
    metadata.update(
        {"tags": ["raises-exception"]}
        if where == "tag"
        else {"execution": {"allow_errors": True}}
    )
    (folder / "a.ipynb").write_text(json.dumps(content))
    found = only(run(folder))
    assert [cell.state for cell in found.cells] == ["passed", "passed"]
    assert found.notes == []


def test_mobu_judges_by_the_reply(
    run: Callable[..., RunDocument], folder: Path
) -> None:
    (folder / "a.ipynb").write_bytes(notebook(SHOWN, "2"))
    found = only(run(folder, mode="mobu"))
    assert (found.state, found.reason) == ("passed", None)
    assert [cell.state for cell in found.cells] == ["passed", "passed"]
    assert found.notes == [
        (
            "Cell 1 shows an error (ZeroDivisionError: division by zero), "
            "but its code ended without one: mobu counts it as passed."
        )
    ]


def test_the_terminal_tells_mobus_note(
    command: Callable[..., subprocess.CompletedProcess[str]], folder: Path
) -> None:
    (folder / "a.ipynb").write_bytes(notebook(SHOWN))
    done = command("run", folder, "--mode", "mobu")
    assert done.returncode == 0
    assert "shows an error (ZeroDivisionError" in done.stderr


def test_cells_are_told_with_ipythons_number_where_it_differs(
    run: Callable[..., RunDocument], folder: Path
) -> None:
    (folder / "a.ipynb").write_bytes(notebook("1", "", "1/0"))
    found = only(run(folder))
    assert (
        found.reason == "Cell 3 (In[2]): ZeroDivisionError: division by zero"
    )
    assert found.cells[2].error is not None
    assert "In[2]" in found.cells[2].error.traceback


def test_a_folder_is_made_for_a_report_and_told(
    command: Callable[..., subprocess.CompletedProcess[str]], folder: Path
) -> None:
    (folder / "a.ipynb").write_bytes(notebook("1"))
    report = folder / "no" / "such" / "x.xml"
    done = command("run", folder, "--junit", report)
    assert done.returncode == 0
    assert report.is_file()
    assert f"The folder {report.parent} was made." in done.stderr
    again = command("run", folder, "--junit", report)
    assert "was made" not in again.stderr

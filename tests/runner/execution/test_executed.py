"""Executed copies: where they go, and what they never replace."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.faults.runner.cases import notebook

if TYPE_CHECKING:
    from pathlib import Path

    from rsp_health.runner.models import RunDocument

type Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.parametrize("output", [".", "sub", "link"])
def test_a_copy_never_replaces_what_is_run(
    tmp_path: Path, command: Command, output: str
) -> None:
    folder = tmp_path / "n"
    (folder / "sub").mkdir(parents=True)
    (folder / "link").symlink_to("sub")
    sources = [folder / "a.ipynb", folder / "sub" / "a.ipynb"]
    for number, path in enumerate(sources):
        path.write_bytes(notebook(f"print({number})"))
    before = [path.read_bytes() for path in sources]
    done = command("run", folder, "--output", folder / output)
    assert done.returncode == 2, done.stderr
    assert "would replace a notebook" in done.stderr
    assert [path.read_bytes() for path in sources] == before
    assert not (tmp_path / "data" / "runs").exists()


def test_the_longest_name_can_be_saved(
    tmp_path: Path, run: Callable[..., RunDocument]
) -> None:
    path = tmp_path / f"{'n' * 249}.ipynb"
    path.write_bytes(notebook("1"))
    found = run(path).notebooks[0]
    assert (found.state, found.reason) == ("passed", None)
    assert found.executed_path is not None


def test_a_link_is_a_notebook_of_its_own(
    tmp_path: Path, run: Callable[..., RunDocument]
) -> None:
    folder = tmp_path / "n"
    folder.mkdir()
    outside = tmp_path / "outside.ipynb"
    for path in (folder / "a.ipynb", outside):
        path.write_bytes(notebook("1"))
    (folder / "b.ipynb").symlink_to("a.ipynb")
    (folder / "c.ipynb").symlink_to(outside)
    document = run(folder, jobs=2)
    assert [(n.path, n.state) for n in document.notebooks] == [
        ("a.ipynb", "passed"),
        ("b.ipynb", "passed"),
        ("c.ipynb", "passed"),
    ]
    copies = {n.executed_path for n in document.notebooks}
    assert len(copies) == 3

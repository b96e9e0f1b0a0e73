"""The last run again, or what of it did not pass."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from rsp_health.errors import BadInputError
from rsp_health.runner.models import RunDocument
from rsp_health.runner.planning.repeat import LastRun, notebooks_of_last_run
from rsp_health.runner.record.history import History
from tests.faults.runner.cases import notebook

if TYPE_CHECKING:
    from pathlib import Path

type Command = Callable[..., subprocess.CompletedProcess[str]]
type Run = Callable[..., RunDocument]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "notebooks"
    (path / "sub").mkdir(parents=True)
    (path / "good.ipynb").write_bytes(notebook("1"))
    (path / "sub" / "bad.ipynb").write_bytes(notebook("1 / 0"))
    (path / "later.ipynb").write_bytes(
        notebook("raise __import__('unittest').SkipTest('no dp1 here')")
    )
    return path


def names(found: LastRun, folder: Path) -> list[str]:
    assert found.folder == folder
    return [path.relative_to(folder).as_posix() for path in found.notebooks]


def test_what_is_run_again(folder: Path, data: Path, run: Run) -> None:
    history = History(data)
    with pytest.raises(BadInputError, match="no run that could be repeated"):
        notebooks_of_last_run(history, failed=False)
    run(folder)
    again = notebooks_of_last_run(history, failed=False)
    assert names(again, folder) == ["good.ipynb", "sub/bad.ipynb"]
    again = notebooks_of_last_run(history, failed=True)
    assert names(again, folder) == ["sub/bad.ipynb"]

    run(folder / "good.ipynb", plan={"folder": folder})
    with pytest.raises(BadInputError, match="Every notebook of run"):
        notebooks_of_last_run(history, failed=True)
    # The newest run that had something there is meant.
    again = notebooks_of_last_run(history, failed=True, below=[folder / "sub"])
    assert names(again, folder) == ["sub/bad.ipynb"]
    with pytest.raises(BadInputError, match="no run in"):
        notebooks_of_last_run(history, failed=True, below=[folder / "no"])

    (folder / "good.ipynb").unlink()
    with pytest.raises(BadInputError, match="exists any more"):
        notebooks_of_last_run(history, failed=False)


def test_the_command(folder: Path, command: Command) -> None:
    assert command("run").returncode == 2
    first = json.loads(
        command("run", folder, "--mode", "mobu", "--json").stdout
    )
    report = command("runs", "report", first["run_id"], "--json")
    assert json.loads(report.stdout)["run_id"] == first["run_id"]
    done = command("run", "--last-failed", "--json")
    assert done.returncode == 1, done.stderr
    document = json.loads(done.stdout)
    assert document["folder"] == first["folder"]
    assert document["mode"] == "mobu"
    assert [n["path"] for n in document["notebooks"]] == ["sub/bad.ipynb"]
    (folder / "sub" / "bad.ipynb").write_bytes(notebook("1"))
    assert command("run", "--last").returncode == 0
    done = command("run", "--last-failed")
    assert (done.returncode, "passed" in done.stderr) == (2, True)

"""``rsp-health qualify`` on real runs."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from tests.faults.runner.cases import notebook

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    type Command = Callable[..., subprocess.CompletedProcess[str]]


def test_a_new_image_is_compared_with_the_one_before(
    tmp_path: Path,
    data: Path,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "checks"
    folder.mkdir()
    path = folder / "n.ipynb"
    path.write_bytes(notebook("import os", "assert not os.path.exists('x')"))
    monkeypatch.setenv("JUPYTER_IMAGE", "r/lab:w_2026_44")
    done = command("qualify")
    assert done.returncode == 3
    assert "no run on another image" in done.stderr
    done = command("qualify", "--baseline", folder, "--repeat", "3", "--json")
    assert done.returncode == 0, done.stderr

    monkeypatch.setenv("JUPYTER_IMAGE", "r/lab:w_2026_45")
    done = command("qualify", "--repeat", "3", "--json")
    found = json.loads(done.stdout)
    assert found["schema"] == "rsp-health.qualification/1"
    # On a busy machine, times may scatter.
    codes = {"fit": 0, "not_fit": 1, "not_judged": 3}
    assert done.returncode == codes[found["verdict"]], done.stderr
    assert found["comparison"]["compared"] == 1
    kinds = {one["kind"] for one in found["comparison"]["differences"]}
    assert kinds <= {"slower", "faster"}
    assert (len(found["runs"]), found["versions"]) == (3, [])
    assert found["versions_problem"] is None
    kept = data / "runs" / found["runs"][-1]
    assert json.loads((kept / "qualification.json").read_text()) == found

    (folder / "x").touch()
    page = tmp_path / "page.html"
    done = command(
        "qualify",
        "--repeat",
        "1",
        "--against",
        found["runs"][-1],
        "--html",
        page,
    )
    assert done.returncode == 1
    assert "Not fit: 1 newly failing." in done.stdout
    assert "AssertionError" in page.read_text()


def test_two_kernels_of_a_lab_are_run_in_turns(
    tmp_path: Path,
    data: Path,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One of them has a variable that breaks a notebook."""
    for name in ("old", "new"):
        folder = tmp_path / "jupyter" / "kernels" / name
        folder.mkdir(parents=True)
        spec = {
            "argv": [
                sys.executable,
                *("-m", "ipykernel_launcher", "-f", "{connection_file}"),
            ],
            "display_name": name,
            "language": "python",
            "env": {"WHICH": name},
        }
        (folder / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    path = tmp_path / "n.ipynb"
    path.write_bytes(notebook("import os", "assert os.environ['WHICH'] > 'o'"))
    page = tmp_path / "page.html"

    done = command(
        *("qualify", path, "--kernel", "new", "--against-kernel", "old"),
        *("--repeat", "2", "--html", page, "--json"),
    )

    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)
    (difference,) = found["comparison"]["differences"]
    assert difference["kind"] == "newly_failing"
    assert difference["cell_index"] == 2
    assert found["versions_problem"] is None
    assert "Is the kernel new fit?" in page.read_text()
    # In turns, and not always the same one first.
    kernels = []
    for folder in sorted((data / "runs").glob("2*")):
        first = (folder / "record.jsonl").read_text().splitlines()[0]
        kernels.append(json.loads(first)["notebooks"][0]["kernel"])
    assert kernels == ["old", "new", "new", "old"]


def test_calls_that_make_no_sense(command: Command) -> None:
    assert command("qualify", "--baseline").returncode == 2
    assert command("qualify", "--against-kernel", "x").returncode == 2
    assert command("qualify", "--against", "nothing").returncode == 2
    done = command("qualify", "--against", "recommended")
    assert done.returncode == 3
    assert "qualify --baseline" in done.stderr

"""What a launcher says when a part of its work fails is told."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from rsp_health.redaction import Redactor
from rsp_health.runner.kernels.start_notes import start_notes

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

from tests.faults.runner.cases import notebook


@pytest.mark.slow
@pytest.mark.parametrize("setups", ["fine", "broken", "failed"])
def test_a_broken_user_setups_is_a_note(
    tmp_path: Path,
    command: Callable[..., subprocess.CompletedProcess[str]],
    monkeypatch: pytest.MonkeyPatch,
    setups: str,
) -> None:
    place = tmp_path / "jupyter" / "kernels" / "lsst"
    place.mkdir(parents=True)
    (place / ".user_setups").write_text(
        {
            "fine": "echo Welcome",
            "broken": "if true; then\n",
            "failed": "setup() { echo Product $1 not found >&2; return 1; }\n"
            "setup my_product\n",
        }[setups]
    )
    script = place / "launch.bash"
    script.write_text(
        f"#!/bin/bash\nsource {place}/.user_setups\n"
        f'exec {sys.executable} -m ipykernel_launcher "$@"\n'
    )
    script.chmod(0o755)
    spec = {
        "argv": [str(script), "-f", "{connection_file}"],
        "display_name": "LSST",
        "language": "python",
    }
    (place / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    path = tmp_path / "n.ipynb"
    path.write_bytes(notebook("1", kernel="lsst"))
    done = command("run", path, "--json")
    assert done.returncode == 0, done.stderr
    notes = json.loads(done.stdout)["notebooks"][0]["notes"]
    if setups == "fine":
        assert notes == []
        return
    said = {"broken": "syntax error", "failed": "Product my_product not"}
    assert len(notes) == 1
    assert said[setups] in notes[0]
    record = next((tmp_path / "data").glob("runs/*/record.jsonl"))
    assert said[setups] in record.read_text()
    done = command("runs", "show", record.parent.name)
    assert said[setups] in " ".join(done.stdout.split())


def test_what_every_kernel_says_is_no_note() -> None:
    redactor = Redactor()
    assert start_notes("", redactor) == []
    usual = (
        "0.00s - Debugger warning: It seems that frozen modules are used\n"
        "0.00s - to python to disable frozen modules.\n"
        "bash: no job control in this shell\n"
    )
    assert start_notes(usual, redactor) == []
    said = f"{usual}\x1b[31mline 3: oops\x1b[0m\n\nagain\n"
    [note] = start_notes(said, redactor)
    assert note == "The kernel said at its start: line 3: oops; again"


def test_a_note_is_short_and_without_secrets() -> None:
    token = "gt-0123456789abcdefghijkl.0123456789abcdefghijkl"
    said = f"curl: {token}\n" + "x" * 9000
    [note] = start_notes(said, Redactor())
    assert token not in note
    assert len(note) < 1100

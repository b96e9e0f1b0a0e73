"""Ctrl-C at any moment: 130, a sentence, no traceback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.cleaning.notebooks import canonical, code_cell, document
from tests.faults.runner.cases import notebook

if TYPE_CHECKING:
    from pathlib import Path

#: Interrupts itself when a module is imported: so at a moment of our choice.
_SCRIPT = """
import builtins, os, signal, sys
real, left = builtins.__import__, [1]
def imports(name, *args, **options):
    wanted = (name, *((args[2] or ()) if len(args) > 2 else ()))
    if left and {name!r} in wanted and name != "rsp_health.cli.start":
        left.clear()
        os.kill(os.getpid(), signal.SIGINT)
    return real(name, *args, **options)
builtins.__import__ = imports
sys.argv = ["rsp-health", *sys.argv[1:]]
from rsp_health.cli.start import main
main()
"""


def interrupted(
    name: str, *words: str | Path
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _SCRIPT.format(name=name), *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    "name",
    ["main", "click", "importlib", "context", "run_here", "make_plan", "zmq"],
)
def test_a_run_that_is_interrupted_while_it_is_loaded(
    name: str, tmp_path: Path
) -> None:
    path = tmp_path / "n.ipynb"
    path.write_bytes(notebook("1"))
    done = interrupted(name, "run", path, "--data-dir", tmp_path / "data")
    assert done.returncode == 130, done.stderr
    assert done.stderr.strip() == "Interrupted."


@pytest.mark.parametrize("words", [["--help"], ["status"], ["lint", "."]])
def test_any_command_that_is_interrupted_at_its_start(
    words: list[str],
) -> None:
    for name in ("main", "click"):
        done = interrupted(name, *words)
        assert (done.returncode, done.stderr) == (130, "Interrupted.\n")


def test_a_clean_that_is_interrupted_says_what_it_cleaned(
    tmp_path: Path,
) -> None:
    output = {"output_type": "stream", "name": "stdout", "text": ["x"]}
    data = canonical(document(code_cell(output)))
    for number in range(40):
        (tmp_path / f"n{number:02}.ipynb").write_bytes(data)
    reader, writer = os.pipe()
    process = subprocess.Popen(
        [*(sys.executable, "-m", "rsp_health.cli.main"), "clean", tmp_path],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    os.close(writer)
    with os.fdopen(reader) as lines:
        lines.readline()
        process.send_signal(signal.SIGINT)
        told = 1 + len(lines.readlines())
    assert process.stderr is not None
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == 130
    clean = sum(path.read_bytes() != data for path in tmp_path.glob("*.ipynb"))
    assert clean == told
    assert said.startswith("Interrupted. ")
    assert f"{clean} cleaned" in said


def test_a_run_that_is_stopped_has_no_line_for_each_that_was_left(
    tmp_path: Path,
) -> None:
    for number in range(30):
        source = "import time; time.sleep(60)" if number == 1 else "1"
        path = tmp_path / f"n{number:02}.ipynb"
        path.write_bytes(notebook(source))
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "rsp_health.cli.main", "run", tmp_path),
            *("--data-dir", tmp_path / "data", "--json"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    first = process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "n00" in first
    assert len(json.loads(out)["notebooks"]) == 30
    # The second may not have been started either.
    assert err.splitlines()[-2] in {
        "28 notebooks were not started.",
        "29 notebooks were not started.",
    }
    assert len(err.splitlines()) <= 3, err

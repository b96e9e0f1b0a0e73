"""Nobody reads the output any more: the code is still the command's own."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from rsp_health.cli.main import COMMANDS
from tests.faults.runner.cases import notebook

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

#: What is called, and its own code.
_CALLS: list[tuple[list[str], int]] = [
    (["--help"], 0),
    (["--help-config"], 0),
    (["no-such-command"], 2),
    (["run", "passes.ipynb"], 0),
    (["run", "passes.ipynb", "--json"], 0),
    (["run", "fails.ipynb"], 1),
    (["run", "fails.ipynb", "--json"], 1),
    (["run", "missing.ipynb"], 2),
    (["runs"], 0),
    (["lint", "fails.ipynb"], 0),
    (["check", "."], 1),
    (["clean", "--dry-run", "."], 0),
    (["clean", "missing.ipynb"], 2),
    (["checkout", "list"], 0),
    (["sandbox", "--list"], 0),
]

_WITHOUT = ("both", "no stdout")


def ended(
    words: Sequence[str], folder: Path, closed: str, *, unbuffered: bool
) -> int:
    """Call a command in an almost empty environment; return its code.

    Parameters
    ----------
    closed
        Which stream nobody reads: ``stdout``, ``stderr``, ``both``, or one
        that is not even open, ``no stdout`` or ``no stderr``.
    """
    reader, writer = os.pipe()
    os.close(reader)
    streams: dict[str, int] = {
        "stdout": writer if closed in {"stdout", "both"} else -3,
        "stderr": writer if closed in {"stderr", "both"} else -3,
    }
    command = [sys.executable, "-m", "rsp_health.cli.main", *words]
    if closed.startswith("no "):
        number = 1 if closed == "no stdout" else 2
        command = ["sh", "-c", f'exec "$@" {number}>&-', "sh", *command]
    environment = {
        "HOME": str(folder),
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
    }
    if unbuffered:
        environment["PYTHONUNBUFFERED"] = "1"
    try:
        done: subprocess.CompletedProcess[bytes] = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            check=False,
            timeout=60,
            **streams,  # type: ignore[call-overload] # by name
        )
    finally:
        os.close(writer)
    return done.returncode


@pytest.mark.parametrize(
    ("words", "code", "closed"),
    [
        *((*call, "stdout") for call in _CALLS),
        # Each code once more, without any stream.
        *((*call, closed) for call in _CALLS[::2] for closed in _WITHOUT),
    ],
    ids=lambda value: str(value)[:40],
)
def test_the_code_is_the_commands_own(
    words: list[str], code: int, closed: str, tmp_path: Path
) -> None:
    output = b'{"output_type":"stream","name":"stdout","text":"x"}'
    data = notebook("1").replace(
        b'"outputs": []', b'"outputs": [' + output + b"]"
    )
    (tmp_path / "passes.ipynb").write_bytes(data)
    (tmp_path / "fails.ipynb").write_bytes(notebook("1 / 0"))
    assert ended(words, tmp_path, closed, unbuffered=False) == code


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_help_that_nobody_reads(name: str, tmp_path: Path) -> None:
    assert ended([name, "--help"], tmp_path, "both", unbuffered=False) == 0


@pytest.mark.parametrize("closed", ["stderr", "no stderr"])
@pytest.mark.parametrize("words", ["run fails.ipynb", "run missing.ipynb"])
def test_messages_that_nobody_reads(
    words: str, closed: str, tmp_path: Path
) -> None:
    (tmp_path / "fails.ipynb").write_bytes(notebook("1 / 0"))
    code = 1 if "fails" in words else 2
    assert ended(words.split(), tmp_path, closed, unbuffered=False) == code


@pytest.mark.parametrize("closed", ["stdout", "both"])
def test_a_run_without_buffers(closed: str, tmp_path: Path) -> None:
    (tmp_path / "fails.ipynb").write_bytes(notebook("1 / 0"))
    words = ["run", "fails.ipynb", "--json"]
    assert ended(words, tmp_path, closed, unbuffered=True) == 1

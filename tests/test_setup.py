"""What `make setup` does where the machine lacks something."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

SYSTEM = Path(__file__).parents[1] / ".ci" / "system"

_TOO_OLD = """#!/bin/sh
# A Python of Debian 12: it is there, and too old.
case "$*" in *version_info*) exit 1;; esac
echo "python3: $*" >&2; exit 1
"""
_UV = """#!/bin/sh
# What uv says when it is asked for an interpreter.
case "$1 $2" in
"python install") mkdir -p "$UV_PYTHON_INSTALL_DIR" && exit {code};;
"python find") echo "$UV_PYTHON_INSTALL_DIR/cpython-3.13/bin/python3.13";;
esac
"""


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder to stand in PATH: the system's shell tools and an old Python."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("bash", "env", "mkdir", "tail", "cat", "sh"):
        found = next(
            path
            for folder in ("/bin", "/usr/bin")
            if (path := Path(folder, name)).exists()
        )
        (tools / name).symlink_to(found)
    _program(tools / "python3", _TOO_OLD)
    return tools


def _program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def _ask(machine: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [machine / "bash", SYSTEM, "python"],
        env={"PATH": str(machine), "HOME": str(machine.parent)},
        cwd=machine.parent,
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_interpreter_is_fetched_into_the_projects_folder(
    machine: Path,
) -> None:
    _program(machine / "uv", _UV.format(code=0))
    done = _ask(machine)
    own = machine.parent / ".make" / "interpreter"
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f"{own}/cpython-3.13/bin/python3.13"
    assert "fetching Python 3.13" in done.stderr


@pytest.mark.parametrize("with_uv", [True, False])
def test_what_would_help_is_named_when_none_can_be_fetched(
    machine: Path,
    with_uv: bool,
) -> None:
    if with_uv:
        _program(machine / "uv", _UV.format(code=1))
    done = _ask(machine)
    assert done.returncode == 3
    assert done.stdout == ""
    for word in ("pyenv install 3.13", "conda", "Debian 13"):
        assert word in done.stderr

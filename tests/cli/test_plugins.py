"""Plugins for pydantic that are installed in the lab stay out of a command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.faults.runner.cases import notebook

if TYPE_CHECKING:
    from pathlib import Path

SWITCH = "PYDANTIC_DISABLE_PLUGINS"


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A plugin as packages for logging install one; it tells its import."""
    site = tmp_path / "site"
    info = site / "noisy-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: noisy\nVersion: 1.0\n"
    )
    (info / "entry_points.txt").write_text(
        "[pydantic]\nnoisy = noisy:plugin\n"
    )
    (site / "noisy.py").write_text(
        "import os, pathlib\n"
        f"pathlib.Path({str(tmp_path)!r}, f'loaded-{{os.getpid()}}').touch()\n"
        "class plugin:\n"
        "    def new_schema_validator(*_, **__): return None, None, None\n"
        "plugin = plugin()\n"
    )
    return site


@pytest.mark.parametrize("given", [None, "logfire"])
def test_commands_load_none_and_notebooks_what_they_like(
    tmp_path: Path, installed: Path, given: str | None
) -> None:
    seen = tmp_path / "seen"
    (tmp_path / "a.ipynb").write_bytes(
        notebook(
            "import os, pathlib, pydantic\n"
            f"told = [os.getpid(), os.environ.get({SWITCH!r})]\n"
            "import json\n"
            f"pathlib.Path({str(seen)!r}).write_text(json.dumps(told))\n"
            "class Model(pydantic.BaseModel):\n    x: int"
        )
    )
    variables = {**os.environ, "PYTHONPATH": str(installed)}
    variables.pop(SWITCH, None)
    if given is not None:
        variables[SWITCH] = given
    words = ["run", "a.ipynb", "--data-dir", str(tmp_path / "data")]
    done = subprocess.run(
        [sys.executable, "-m", "rsp_health.cli.main", *words],
        cwd=tmp_path,
        env=variables,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    pid, value = json.loads(seen.read_text())
    assert value == given
    loaded = {path.name for path in tmp_path.glob("loaded-*")}
    # Where the user has set the switch, it holds for the command as well.
    assert f"loaded-{pid}" in loaded
    assert given is not None or loaded == {f"loaded-{pid}"}

"""Notebooks that install for those that come after, warm and cold.

In a virtual environment made for it, in turn: what one installs with pip, the
next one imports.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rsp_health.platform.environment import LabEnvironment
from rsp_health.runner.options import RunOptions
from rsp_health.runner.planning.call import RunCall
from rsp_health.runner.planning.plan import make_plan
from rsp_health.runner.run_here import run_here
from tests.faults.runner.cases import notebook

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["make_python", "verdicts"]

_PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "mine"
version = "1"
[tool.hatch.build.targets.wheel]
packages = ["mine"]
"""
#: Ours has hatchling and ipykernel; nothing is fetched.
_INSTALL = """
import subprocess
subprocess.run([{uv!r}, "pip", "install", "--python", {python!r}, "--offline",
    "--no-build-isolation", "--no-deps", *{words!r}], check=True)
"""


def make_python(place: Path, kernels: Path) -> Path:
    """Make a Python with site packages of its own; return these.

    Its kernelspec is called ``own``.
    """
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", place], check=True
    )
    [packages] = place.glob("lib/python*/site-packages")
    ours = "\n".join(p for p in sys.path if p.endswith("site-packages"))
    (packages / "ours.pth").write_text(ours + "\n")
    spec = kernels / "kernels" / "own"
    spec.mkdir(parents=True)
    python = str(place / "bin" / "python")
    argv = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (spec / "kernel.json").write_text(
        json.dumps({"argv": argv, "display_name": "x", "language": "python"})
    )
    return packages


def _books(scratch: Path) -> Mapping[str, str]:
    for name in ("mine", "other"):
        source = scratch / name
        (source / name).mkdir(parents=True)
        (source / name / "__init__.py").write_text("X = 1\n")
        project = _PROJECT.replace("mine", name)
        (source / "pyproject.toml").write_text(project)
    python = str(scratch / "own" / "bin" / "python")
    uv = str(Path(sys.executable).with_name("uv"))

    def install(*words: str) -> str:
        return _INSTALL.format(uv=uv, python=python, words=words)

    return {
        "0-before": "import mine",
        "1-editable": install("-e", str(scratch / "mine")),
        "2-finds": "import mine\nassert mine.X == 1",
        "3-plain": install(str(scratch / "other")),
        "4-finds": "import mine, other\nassert other.X == 1",
        "5-removes": (
            "import subprocess\nsubprocess.run("
            f"[{uv!r}, 'pip', 'uninstall', '--python', {python!r}, 'mine'],"
            " check=True)"
        ),
        "6-misses": "import mine",
        "7-finds": "import other",
    }


def verdicts(scratch: Path, *, warm: bool) -> dict[str, list[str]]:
    """Run the notebooks in turn; return their verdicts by name."""
    scratch.mkdir(parents=True)
    make_python(scratch / "own", scratch / "jupyter")
    before = os.environ.get("JUPYTER_PATH")
    os.environ["JUPYTER_PATH"] = str(scratch / "jupyter")
    folder = scratch / "notebooks"
    folder.mkdir()
    for name, code in _books(scratch).items():
        book = notebook(code, kernel="own")
        (folder / f"{name}.ipynb").write_bytes(book)
    try:
        document = run_here(
            make_plan([folder]),
            RunCall(paths=(folder,), options=RunOptions(warm=warm)),
            data_dir=scratch / "data",
            root=scratch,
            environment=LabEnvironment(variables=dict(os.environ)),
        )
    finally:
        del os.environ["JUPYTER_PATH"]
        if before is not None:
            os.environ["JUPYTER_PATH"] = before
    return {n.path: [f"{n.state}: {n.reason}"] for n in document.notebooks}

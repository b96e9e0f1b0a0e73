"""The kernels that are installed here, and whether each can start at all."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import EnvironmentFailureError
from ...runner.kernels.spec import KernelSpec, find_kernelspec

if TYPE_CHECKING:
    from ..context import Context

__all__ = ["InstalledKernel", "installed_kernels"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledKernel:
    """A kernel that Jupyter finds.

    Parameters
    ----------
    name
        Its name.
    folder
        Where its kernelspec is.
    spec
        How it is started; `None` if that cannot be read.
    problem
        Why it cannot start, as a clause; empty if nothing speaks against it.
    hides
        The folder of another kernel of this name that Jupyter does not see.
    """

    name: str
    folder: Path
    spec: KernelSpec | None
    problem: str
    hides: Path | None

    def is_of_user(self, context: Context) -> bool:
        """Return whether the user installed it."""
        return self.folder.is_relative_to(context.home)


def installed_kernels() -> dict[str, InstalledKernel]:
    """Return all kernels by name, as Jupyter would find them."""
    from jupyter_core.paths import jupyter_path

    folders: dict[str, list[Path]] = {}
    for top in jupyter_path("kernels"):
        try:
            entries = sorted(Path(top).iterdir())
        except OSError:
            continue
        for entry in entries:
            if (entry / "kernel.json").is_file():
                folders.setdefault(entry.name.lower(), []).append(entry)
    return {
        name: _look(name, first, others[0] if others else None)
        for name, (first, *others) in folders.items()
    }


def _look(name: str, folder: Path, other: Path | None) -> InstalledKernel:
    spec, problem = None, ""
    try:
        spec = find_kernelspec(name)
        problem = _problem(spec)
    except EnvironmentFailureError as exc:
        problem = exc.message.rstrip(".")
    return InstalledKernel(
        name=name, folder=folder, spec=spec, problem=problem, hides=other
    )


def _problem(spec: KernelSpec) -> str:
    """Return why a kernel cannot start; its program is not run."""
    program = spec.command("connection.json")[0]
    if os.path.isabs(program):  # noqa: PTH117 - it may be any text
        if not os.path.exists(program):  # noqa: PTH110
            return f"its program {program} is not there"
        if not os.access(program, os.X_OK):
            return f"its program {program} may not be run"
    elif shutil.which(program, path=spec.env.get("PATH")) is None:
        return f"its program {program} is not found"
    return ""

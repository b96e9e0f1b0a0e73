"""A copy to run in, for notebooks that write next to themselves."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from ...errors import EnvironmentFailureError

if TYPE_CHECKING:
    from pathlib import Path

    from ..planning.plan import RunPlan

__all__ = ["move_to_scratch"]


def move_to_scratch(plan: RunPlan, scratch: Path) -> None:
    """Copy the run's folder, and let the notebooks run in the copy.

    Parameters
    ----------
    plan
        The run; its notebooks' working directories are changed.
    scratch
        Where the copy is made; the caller removes it.

    Raises
    ------
    rsp_health.errors.EnvironmentFailureError
        Raised if the copy cannot be made.
    """
    try:
        shutil.copytree(
            plan.folder,
            scratch,
            symlinks=True,
            ignore=shutil.ignore_patterns(".git", ".ipynb_checkpoints"),
        )
    except (OSError, shutil.Error) as exc:
        shutil.rmtree(scratch, ignore_errors=True)
        raise EnvironmentFailureError(
            f"{plan.folder} could not be copied to run there.",
            hint="Free some space, or leave --scratch out.",
            code="no_scratch",
        ) from exc
    for notebook in plan.selected:
        folder = notebook.path.parent.resolve()
        if folder.is_relative_to(plan.folder):
            notebook.cwd = scratch / folder.relative_to(plan.folder)

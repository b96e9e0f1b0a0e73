"""Where a run takes place, as its record tells it, whoever started it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...git.origin import read_origin
from ...git.refs import find_git_folders
from ...notebooks.content import DEFAULT_KERNEL
from ..models import RunEnvironment, RunRepository

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ...platform.environment import LabEnvironment
    from ..options import RunOptions
    from .plan import RunPlan

__all__ = ["circumstances"]


def circumstances(
    plan: RunPlan, options: RunOptions, environment: LabEnvironment
) -> tuple[RunEnvironment, RunRepository | None]:
    """Return the environment of a run and the repository of its notebooks.

    Parameters
    ----------
    plan
        What is run.
    options
        How.
    environment
        The lab.
    """
    place = RunEnvironment(
        instance=environment.instance,
        image=environment.image,
        image_description=environment.image_description,
        kernel=options.kernel or _kernel(plan),
        cpu_limit=environment.cpu_limit,
        memory_limit_bytes=options.memory_limit_bytes,
    )
    folders = {notebook.path.parent for notebook in plan.selected}
    repository = _repository(folders or {plan.folder})
    return place, repository


def _kernel(plan: RunPlan) -> str | None:
    """Return the kernelspec that all notebooks ask for, if it is one."""
    names = {n.kernel_name or DEFAULT_KERNEL for n in plan.selected if n.cells}
    return names.pop() if len(names) == 1 else None


def _repository(folders: Iterable[Path]) -> RunRepository | None:
    """Return the repository that all folders are in, if it is one."""
    tops = {_top(folder) for folder in folders}
    top = tops.pop()
    found = None if tops or top is None else find_git_folders(top)
    if found is None:
        return None
    origin = read_origin(found)
    return RunRepository(url=origin.url, ref=origin.ref, commit=origin.commit)


def _top(folder: Path) -> Path | None:
    real = folder.resolve()
    for place in (real, *real.parents):
        if find_git_folders(place) is not None:
            return place
    return None

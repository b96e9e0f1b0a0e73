"""What earlier runs tell about the next one: its seconds and its memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...notebooks.names import to_text
from ..timings.execution import cell_key, conditions, content_key, place

if TYPE_CHECKING:
    from ...platform.environment import LabEnvironment
    from ..options import RunOptions
    from ..timings.lookup import Timings
    from .plan import PlannedNotebook, RunPlan

__all__ = ["estimate"]

#: Share of the lab's memory from which a notebook is warned of.
_MUCH_MEMORY = 0.75


def estimate(
    plan: RunPlan,
    timings: Timings,
    *,
    options: RunOptions,
    environment: LabEnvironment,
) -> None:
    """Note in the plan what each notebook and cell took, and usually takes.

    Parameters
    ----------
    plan
        The run to come; changed.
    timings
        The runs that were.
    options
        How it will be done, and what memory there is.
    environment
        Where.
    """
    folder = to_text(plan.folder)
    at_once = min(options.jobs, len(plan.selected))
    for notebook in plan.selected:
        where = place(folder, notebook.relative)
        _expect(plan, notebook, where, timings, options.memory_limit_bytes)
        _note_usual(
            notebook,
            where,
            timings,
            under=conditions(
                kernel=options.kernel or notebook.kernel_name or "python3",
                backend=options.backend,
                image=environment.image,
                cpu_limit=environment.cpu_limit,
                at_once=at_once,
            ),
            options=options,
        )


def _expect(
    plan: RunPlan,
    notebook: PlannedNotebook,
    where: str,
    timings: Timings,
    limit: int | None,
) -> None:
    """Note what it took when it last passed, and warn of its memory."""
    last = timings.last_pass(where)
    if last is None:
        return
    notebook.expected_s = last.last_s
    peak, index = last.peak
    if limit and peak > _MUCH_MEMORY * limit:
        gib = 1024**3
        plan.problems.append(
            f"{notebook.relative}: cell {index} needed {peak / gib:.1f} of "
            f"this lab's {limit / gib:.1f} GiB last time."
        )


def _note_usual(
    notebook: PlannedNotebook,
    where: str,
    timings: Timings,
    *,
    under: str,
    options: RunOptions,
) -> None:
    keys = [
        cell_key(cell.index, cell.id, cell.source_sha256)
        for cell in notebook.cells
    ]
    whole = timings.usual(
        where,
        under,
        content_key(options.mode, keys),
        confirmed=options.confirm_slower,
    )
    notebook.usual = whole
    usual = timings.usual_cells(where, under, whole)
    for key, cell in zip(keys, notebook.cells, strict=True):
        cell.usual = usual(key)

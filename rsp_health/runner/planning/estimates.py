"""What earlier runs tell about the next one: its seconds and its memory."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from ...errors import UnreadableFileError
from ...notebooks.names import to_text
from ..record.writer import each_line

if TYPE_CHECKING:
    from ..record.history import History
    from .plan import PlannedNotebook, RunPlan

__all__ = ["estimate"]

#: Runs of the past that are looked at, newest first.
_RUNS = 10
#: Share of the lab's memory from which a notebook is warned of.
_MUCH_MEMORY = 0.75


def estimate(
    plan: RunPlan, history: History, *, memory_limit_bytes: int | None
) -> None:
    """Note in the plan what each notebook took when it last passed.

    Parameters
    ----------
    plan
        The run to come; changed.
    history
        The runs that were.
    memory_limit_bytes
        What the lab has; `None` if not known.
    """
    wanted = {notebook.relative: notebook for notebook in plan.selected}
    for run_id in history.ids()[:_RUNS]:
        if not wanted:
            return
        try:
            lines = list(each_line(history.folder(run_id).record))
        except UnreadableFileError:
            continue
        if lines and lines[0].get("folder") == to_text(plan.folder):
            # Of another version, or damaged: it tells nothing, then.
            with contextlib.suppress(
                ArithmeticError, KeyError, TypeError, ValueError
            ):
                _learn(lines, wanted, plan, memory_limit_bytes)


def _learn(
    lines: list[dict[str, Any]],
    wanted: dict[str, PlannedNotebook],
    plan: RunPlan,
    limit: int | None,
) -> None:
    """Learn from one run; take the notebooks that it tells of out."""
    peaks: dict[str, tuple[int, int]] = {}
    for line in lines:
        name = str(line.get("notebook"))
        if line["kind"] == "cell_finished":
            peak = int(line.get("peak_memory_bytes") or 0)
            cell = (peak, int(line["cell_index"]))
            peaks[name] = max(peaks.get(name, (0, 0)), cell)
        elif (
            line["kind"] == "notebook_finished"
            and line.get("state") == "passed"
            and name in wanted
        ):
            seconds = float(line["duration_s"])
            wanted.pop(name).expected_s = seconds
            peak, index = peaks.get(name, (0, 0))
            if limit and peak > _MUCH_MEMORY * limit:
                gib = 1024**3
                plan.problems.append(
                    f"{name}: cell {index} needed {peak / gib:.1f} of "
                    f"this lab's {limit / gib:.1f} GiB last time."
                )

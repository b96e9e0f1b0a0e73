"""What earlier runs tell of a notebook and its cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..models import RecentResult
from .usual import WINDOW, usual_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..models import UsualTime
    from .execution import Execution
    from .store import Seen

__all__ = ["CELL_SHARE", "MARKS", "Timings"]

#: Last results that are shown of a notebook.
MARKS = 10
#: Share of its notebook's time below which a slower cell does not matter.
CELL_SHARE = 0.05


class Timings:
    """The executions of earlier runs.

    Parameters
    ----------
    seen
        By notebook (see `rsp_health.runner.timings.execution.place`) and run.
    """

    def __init__(self, seen: Seen) -> None:
        self._seen = seen

    def executions(self, notebook: str) -> list[Execution]:
        """Return what is known of a notebook, oldest first."""
        found = self._seen.get(notebook, {})
        return [found[run_id] for run_id in sorted(found)]

    def notebooks(self) -> Iterable[str]:
        """Return the absolute paths of all notebooks."""
        return self._seen.keys()

    def recent(
        self, notebook: str, *, limit: int = MARKS
    ) -> list[RecentResult]:
        """Return a notebook's last results, oldest first."""
        return [
            RecentResult(
                run_id=one.run_id,
                at=one.started_at,
                state=one.state,
                measured_s=one.seconds,
                slower=one.slower,
            )
            for one in self.executions(notebook)[-limit:]
        ]

    def last_pass(self, notebook: str) -> Execution | None:
        """Return the last execution that passed, whatever the conditions."""
        passes = [x for x in self.executions(notebook) if x.last_s is not None]
        return passes[-1] if passes else None

    def usual(
        self,
        notebook: str,
        conditions: str,
        content: str,
        *,
        confirmed: bool = False,
    ) -> UsualTime | None:
        """Return what a notebook usually takes under these conditions.

        Parameters
        ----------
        notebook, conditions, content
            The notebook, how it is run, and what it says.
        confirmed
            Whether it is run once more if it is slow.
        """
        passes = [
            one.seconds
            for one in self.executions(notebook)
            if one.conditions == conditions
            and one.content == content
            and one.seconds is not None
        ]
        return usual_time(passes, confirmed=confirmed)

    def usual_now(self, notebook: str) -> UsualTime | None:
        """Return what it usually takes, as it was when it last passed."""
        last = self.last_pass(notebook)
        if last is None:
            return None
        return self.usual(notebook, last.conditions, last.content)

    def usual_cells(
        self, notebook: str, conditions: str, whole: UsualTime | None
    ) -> Callable[[str], UsualTime | None]:
        """Return what tells of a cell, by its key, what it usually takes.

        Parameters
        ----------
        notebook, conditions
            The notebook, and how it is run.
        whole
            What the whole notebook usually takes.
        """
        times: dict[str, list[float]] = {}
        for one in self.executions(notebook):
            if one.conditions == conditions:
                for key, seconds in one.cells.items():
                    times.setdefault(key, []).append(seconds)
        least = CELL_SHARE * whole.median_s if whole is not None else 0.0

        def usual(key: str) -> UsualTime | None:
            passes = times.get(key, ())[-WINDOW:]
            return usual_time(passes, least_s=least, twice=True)

        return usual

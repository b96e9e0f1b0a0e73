"""Says while a run goes on what took longer than usual."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from ..record_lines import CellFinished, NotebookStarted
from .usual import compared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models import UsualTime
    from ..record_lines import RecordLine, ToldCell

__all__ = ["Remarks", "slower_than_usual"]

#: Cells that are named.
_MOST = 3


class Remarks:
    """Takes the lines of a run, and remarks on notebooks that have passed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times: dict[str, dict[int, float]] = {}

    def take(self, line: RecordLine) -> None:
        """Take a line of the record."""
        if isinstance(line, NotebookStarted):
            with self._lock:
                self._times[line.notebook] = {}
        elif (
            isinstance(line, CellFinished)
            and line.state == "passed"
            and line.duration_s is not None
        ):
            with self._lock:
                times = self._times.setdefault(line.notebook, {})
                times[line.cell_index] = line.duration_s

    def if_slower(
        self, notebook: str, usual: UsualTime | None
    ) -> float | None:
        """Return the seconds of its cells if they were slower than usual.

        Parameters
        ----------
        notebook
            As its lines name it.
        usual
            What its cells usually take together, as the plan tells it.
        """
        with self._lock:
            seconds = sum(self._times.get(notebook, {}).values())
        whole = _compared(usual, seconds)
        return seconds if whole is not None and whole.slower else None

    def on(
        self,
        notebook: str,
        usual: UsualTime | None,
        cells: Sequence[ToldCell],
    ) -> list[str]:
        """Return what is to be said of a notebook that has passed.

        Parameters
        ----------
        notebook
            As its lines name it.
        usual
            What its cells usually take together, as the plan tells it.
        cells
            The cells, as the plan tells them.
        """
        with self._lock:
            times = self._times.pop(notebook, {})
        if not times:
            return []
        found = []
        whole = _compared(usual, sum(times.values()))
        if whole is not None and whole.slower:
            found.append(f"Its cells were {slower_than_usual(whole)}.")
        slow = [
            (cell.index, one)
            for cell in cells
            if (one := _compared(cell.usual, times.get(cell.index)))
            is not None
            and one.slower
        ]
        found += [
            f"Cell {index} was {slower_than_usual(one)}."
            for index, one in slow[:_MOST]
        ]
        return found


def _compared(
    usual: UsualTime | None, seconds: float | None
) -> UsualTime | None:
    if usual is None or seconds is None:
        return None
    return compared(usual, seconds)


def slower_than_usual(usual: UsualTime) -> str:
    """Return the observation in words, with its numbers."""
    return (
        f"slower than usual: {usual.measured_s or 0:.2f} s, usually "
        f"{usual.median_s:.2f} s (median of {usual.n} passes)"
    )

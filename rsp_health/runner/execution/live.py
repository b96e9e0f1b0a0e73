"""The end of a running cell's output, for those who watch.

What is recorded is bounded, however long a notebook prints. Terminal codes
are taken out by the reader, so that this costs the run as little as it can.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..record_lines import CellOutput

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..record_lines import RecordLine
    from .outputs import OutputCollector

__all__ = ["LiveTail"]

#: Bytes of live output that a notebook adds to the record, at most.
_BUDGET = 256 * 1024
#: Seconds between two looks, at first: the pauses grow as the budget is used
#: up, so that half an hour of steady output fits in.
_PAUSE_S = 1.0


class LiveTail:
    """Records the end of what the cells of one notebook put out.

    Parameters
    ----------
    notebook
        Its path, as the record tells it.
    outputs
        Collects the output.
    tell
        Takes lines of the record.
    """

    def __init__(
        self,
        notebook: str,
        outputs: OutputCollector,
        tell: Callable[[RecordLine], None],
    ) -> None:
        self._outputs = outputs
        self._notebook = notebook
        self._tell = tell
        self._shown = ""
        self._last = 0.0
        self._left = _BUDGET

    def start(self) -> None:
        """Begin with a cell."""
        self._shown = ""
        self._last = time.monotonic()

    @property
    def due(self) -> float | None:
        """When to show what is new, on the monotonic clock, if anything is."""
        if self._left <= 0 or self._outputs.tail == self._shown:
            return None
        return self._last + _PAUSE_S * (_BUDGET / self._left) ** 2

    def show_if_due(self, index: int) -> None:
        """Record the tail if it is time to.

        Parameters
        ----------
        index
            Number of the running cell, from 1.
        """
        due = self.due
        if due is not None and time.monotonic() >= due:
            self.show(index)

    def show(self, index: int) -> None:
        """Record the tail now, unless it was."""
        text = self._outputs.tail
        if text == self._shown:
            return
        self._shown = text
        self._last = time.monotonic()
        text = self._outputs.shown_tail()
        self._left -= len(text)
        self._tell(
            CellOutput(
                notebook=self._notebook,
                cell_index=index,
                text=text,
                output_bytes=self._outputs.bytes,
            )
        )

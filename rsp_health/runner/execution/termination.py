"""How a cell is ended that does not end: interrupt, terminate, kill."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..kernels.client import Kernel
    from ..options import Limits

__all__ = ["Cause", "TerminationEscalation"]

#: Whose limit was reached: the cell's, the notebook's, or the user's patience.
type Cause = Literal["cell", "notebook", "stop"]


class TerminationEscalation:
    """The steps from an interrupt to a kill, by the clock."""

    def __init__(self, kernel: Kernel, cause: Cause, limits: Limits) -> None:
        self.cause = cause
        self._kernel = kernel
        self._steps: list[tuple[float, Callable[[], None]]] = [
            (limits.terminate_s, kernel.terminate),
            (0.0, kernel.kill),
        ]
        kernel.interrupt()
        self.deadline = time.monotonic() + limits.interrupt_s

    def escalate(self) -> None:
        """Take the next step."""
        if not self._steps:
            self.deadline = time.monotonic() + 1.0
            return
        wait, step = self._steps.pop(0)
        step()
        self.deadline = time.monotonic() + (wait or 1.0)

    def kill(self) -> None:
        """Take the last step at once."""
        self._steps.clear()
        self._kernel.kill()
        self.deadline = time.monotonic() + 1.0

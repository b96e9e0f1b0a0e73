"""How a kernel process ended, in words."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass

__all__ = ["KernelExit"]


@dataclass(frozen=True, slots=True)
class KernelExit:
    """How a kernel process ended."""

    status: int | None
    log: str = ""

    @property
    def signal(self) -> int | None:
        """The signal that ended it, or `None`."""
        if self.status is not None and os.WIFSIGNALED(self.status):
            return os.WTERMSIG(self.status)
        return None

    def describe(self, *, out_of_memory: bool | None = None) -> str:
        """Say it in a sentence.

        Parameters
        ----------
        out_of_memory
            Whether the system killed something for want of memory in that
            time; `None` if that cannot be known.
        """
        if self.status is None:
            return "The kernel and its keeper were killed."
        number = self.signal
        if number is None:
            code = os.waitstatus_to_exitcode(self.status)
            return f"The kernel process exited with code {code}."
        try:
            name = signal.Signals(number).name
        except ValueError:
            name = "unknown"
        text = f"The kernel was killed by signal {number} ({name})"
        if out_of_memory and number == signal.SIGKILL:
            return f"{text}: the lab ran out of memory."
        if number == signal.SIGKILL and out_of_memory is None:
            return f"{text}, probably for lack of memory."
        return f"{text}."

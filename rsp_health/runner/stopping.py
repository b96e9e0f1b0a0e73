"""How a run is told to stop: once softly, twice at once."""

from __future__ import annotations

import os
import threading

__all__ = ["StopSwitch"]


class StopSwitch:
    """Wakes every thread of a run that waits for a kernel.

    The first call of `stop` starts to escalate (interrupt, terminate, kill);
    the second one kills. Descriptors become readable and stay so: a thread
    says which calls it has acted on, and waits for the next one. Were it to
    wait for the call after the last one, it would miss one that came while
    it was at something else.
    """

    def __init__(self) -> None:
        # A signal's handler may interrupt another one's, in the same thread.
        self._lock = threading.RLock()
        self._soft = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._hard = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._never = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self.count = 0
        self.by_user = True
        self.reason = ""

    @property
    def stopped(self) -> bool:
        """Whether the run is to stop."""
        return self.count > 0

    @property
    def wake(self) -> int:
        """Descriptor that is readable once the run is to stop."""
        return self._soft

    def wake_after(self, calls: int) -> int:
        """Return what becomes readable after further calls of `stop`.

        Parameters
        ----------
        calls
            How many have been acted on.
        """
        return (self._soft, self._hard, self._never)[min(calls, 2)]

    @property
    def exhausted(self) -> bool:
        """Whether everything is to be killed at once."""
        return self.count > 1

    def stop(self, reason: str, *, by_user: bool = True) -> None:
        """Ask for the run's end.

        Parameters
        ----------
        reason
            Said in the record.
        by_user
            Whether a person asked; else the run counts as interrupted.
        """
        with self._lock:
            self.count += 1
            if self.count == 1:
                self.reason = reason
                self.by_user = by_user
            step = self._soft if self.count == 1 else self._hard
        os.eventfd_write(step, 1)

    def close(self) -> None:
        """Close the descriptors, when no thread waits any more."""
        os.close(self._soft)
        os.close(self._hard)
        os.close(self._never)

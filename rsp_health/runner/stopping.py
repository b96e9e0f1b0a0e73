"""How a run is told to stop: once softly, twice at once."""

from __future__ import annotations

import os
import threading
from typing import Self

__all__ = ["OwnerWatch", "StopSwitch"]

_LOOK_S = 0.5

#: Seconds that notebooks get to obey when the server has ended. The issue
#: allows 10 s from then until no process is left, kernels that obey nothing
#: included.
_GRACE_S = 3.0


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


class OwnerWatch:
    """Ends a run that a server started with that server.

    A lab's processes go with the lab, but a server that crashes or is shut
    down elsewhere would leave a run behind that nobody sees. The parent's id
    is looked at, because that tells of a kill as well, needs no help from the
    parent, and no other process can keep it open by mistake.

    Parameters
    ----------
    parent
        Process id of the server; it must be this process's parent.
    stop
        How the run is stopped.
    """

    def __init__(self, parent: int, stop: StopSwitch) -> None:
        self._parent = parent
        self._stop = stop
        self._done = threading.Event()
        self._thread = threading.Thread(
            target=self._watch, name="owner", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while os.getppid() == self._parent:
            if self._done.wait(_LOOK_S):
                return
        self._stop.stop("The lab's server ended.", by_user=False)
        if not self._done.wait(_GRACE_S):
            self._stop.stop("The lab's server ended.", by_user=False)

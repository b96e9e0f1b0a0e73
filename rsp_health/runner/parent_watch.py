"""A run that a server started ends with that server."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from .stopping import StopSwitch

__all__ = ["OwnerWatch"]

_LOOK_S = 0.5

#: Seconds that notebooks get to obey. The issue allows 10 s from the server's
#: end until no process is left, kernels that obey nothing included.
_GRACE_S = 3.0


class OwnerWatch:
    """Stops a run when the process that started it is gone.

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

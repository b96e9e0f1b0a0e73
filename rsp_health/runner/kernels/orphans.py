"""Processes whose keepers and host a notebook has killed.

What a kernel starts falls to its keeper when its own parent is gone, and to
the host when the keeper is killed. If that is killed as well, it falls to
this process, for as long as it watches.
"""

from __future__ import annotations

import contextlib
import os
import time

from ..kernel_host.host import PR_SET_CHILD_SUBREAPER
from ..kernel_host.keeper import descendants, kill, parents, prctl

__all__ = ["OrphanWatch"]

#: Seconds in which a killed process has to be gone.
_KILL_S = 10.0
_LOOK_S = 0.02
_SIGKILL = 9


def _children() -> set[int]:
    mine = os.getpid()
    return {pid for pid, parent in parents().items() if parent == mine}


class OrphanWatch:
    """Takes over the processes that have lost all others above them."""

    def __init__(self) -> None:
        self._before: set[int] | None = None

    def begin(self) -> None:
        """Take over orphans from now on."""
        if self._before is None:
            self._before = _children()
            prctl(PR_SET_CHILD_SUBREAPER, 1)

    def end(self, *, kill: bool) -> None:
        """Take over no more.

        Parameters
        ----------
        kill
            Whether processes may have fallen to this one, which are killed.
        """
        if self._before is None:
            return
        if kill:
            _kill_all_but(self._before)
        prctl(PR_SET_CHILD_SUBREAPER, 0)
        self._before = None


def _kill_all_but(known: set[int]) -> None:
    deadline = time.monotonic() + _KILL_S
    while (orphans := _children() - known) and time.monotonic() < deadline:
        for pid in orphans:
            for below in (*descendants(pid), pid):
                kill(below, _SIGKILL)
            # Its children fall to this process, and are seen next time. One
            # that cannot die yet is looked at again; one that another thread
            # has waited for is gone.
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        time.sleep(_LOOK_S)

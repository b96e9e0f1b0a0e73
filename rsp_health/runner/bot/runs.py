"""Lets the bot start runs as the server does, and read how they ended."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from ...errors import RSPHealthError
from ...states import FAILED, PASSING
from ...wire import utc_now
from ..run_ids import new_run_id

if TYPE_CHECKING:
    from datetime import datetime

    from ..planning.call import RunCall
    from ..service import RunnerService
    from .bot import Figures

__all__ = ["ServiceRuns", "SystemClock"]

#: Seconds to wait for the end of a run that is stopped.
_STOP_S = 15.0


class SystemClock:
    """The time of the system."""

    def now(self) -> datetime:
        """Return the time, in UTC."""
        return utc_now()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class ServiceRuns:
    """Runs of this lab.

    Parameters
    ----------
    runner
        Starts them: no notebook is run twice at once.
    call
        What each of them runs, and how.
    """

    def __init__(self, runner: RunnerService, call: RunCall) -> None:
        self._runner = runner
        self._call = call

    def new_id(self) -> str:
        """Return an id that no run has."""
        return new_run_id()

    def start(self, run_id: str) -> None:
        """Start a run with this id."""
        self._runner.start(replace(self._call, run_id=run_id), may_ask=False)

    def figures(self, run_id: str) -> Figures | None:
        """Return how a run ended; `None` while it is under way."""
        if self._runner.is_under_way(run_id):
            return None
        try:
            document = self._runner.get(run_id)
        except RSPHealthError:
            return 0, 0  # killed before it was made
        states = [notebook.state for notebook in document.notebooks]
        return (
            sum(state in PASSING and state != "skipped" for state in states),
            sum(state in FAILED for state in states),
        )

    def stop(self, run_id: str) -> None:
        """Let a run end."""
        try:
            self._runner.stop(run_id, wait_s=_STOP_S)
        except RSPHealthError:
            return

"""One row's memory: what its probes found, and what may be said of it.

One failure never flips a row, and neither does one success after an outage:
`DOWN_AFTER` probes in a row must agree that it is not well, `UP_AFTER` that it
is again. (The thresholds are Gatus's; false alarms are the first complaint
about such panels.) No clock is read here: the caller tells the time.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models import ServiceState
    from ..probes import Verdict

__all__ = ["DOWN_AFTER", "UP_AFTER", "Seen", "StateTransition", "Tracker"]

DOWN_AFTER = 3
"""Failing probes in a row until a row is shown as not well."""

UP_AFTER = 2
"""Good probes in a row until a row that was not well is shown as up."""

_HISTORY = 20

#: They tell what the user may do now, not how the service is.
_ABOUT_THE_USER = frozenset({"throttled", "blocked", "restricted"})

#: They tell that the service fails. All else tells that it cannot be told.
_FAILING = frozenset({"down", "degraded"})


@dataclass(frozen=True, slots=True)
class StateTransition:
    """A row is shown in another state than before."""

    state: ServiceState
    previous: ServiceState


@dataclass(frozen=True, slots=True)
class Seen:
    """One past probe."""

    state: ServiceState
    latency_s: float | None
    at: float


class Tracker:
    """Follows one row.

    Parameters
    ----------
    on_request
        The row is probed by the user's click only. What an answer says about
        the user (throttled, blocked, restricted) is then shown at once.
    """

    def __init__(self, *, on_request: bool = False) -> None:
        self.state: ServiceState = "unknown"
        self.since: float | None = None
        self.last: Verdict | None = None
        self.last_at: float | None = None
        self.good = 0
        self.bad = 0
        self.same = 0
        #: Since when nothing that speaks HTTP was found, if so.
        self.silent_since: float | None = None
        self.last_good_at: float | None = None
        self._on_request = on_request
        self._settled = False
        self._history: deque[Seen] = deque(maxlen=_HISTORY)

    @property
    def history(self) -> Sequence[Seen]:
        """Past probes, oldest first."""
        return tuple(self._history)

    @property
    def settled(self) -> bool:
        """Whether the shown state needs no quick second look."""
        if self.last is None:
            return False
        if self.last.state == "up":
            return self.state == "up"
        return self.bad >= DOWN_AFTER or self.state == self.last.state

    def observe(
        self, verdict: Verdict, now: float, *, alone: bool = False
    ) -> StateTransition | None:
        """Take in one probe.

        Parameters
        ----------
        verdict
            What it found.
        now
            Monotonic time at which it ended, in seconds.
        alone
            Nothing else on the platform answers either: then it is not said
            of this service that it is down.
        """
        previous = self.last.state if self.last is not None else None
        self.same = self.same + 1 if verdict.state == previous else 1
        self.last, self.last_at = verdict, now
        self._history.append(Seen(verdict.state, verdict.latency_s, now))
        if verdict.state == "up":
            self.good, self.bad = self.good + 1, 0
            self.last_good_at = now
        else:
            self.good, self.bad = 0, self.bad + 1
        if verdict.answered:
            self.silent_since = None
        elif self.silent_since is None:
            self.silent_since = now
        return self._show(self._decide(verdict, alone=alone), now)

    def _decide(self, verdict: Verdict, *, alone: bool) -> ServiceState:
        new = verdict.state
        if new == "up":
            # A first answer is positive evidence; after trouble, two are.
            enough = not self._settled or self.state == "up"
            return "up" if enough or self.good >= UP_AFTER else self.state
        if self._on_request and new in _ABOUT_THE_USER:
            return new
        if self.bad < DOWN_AFTER:
            return self.state
        if alone:
            return "unknown"
        if self.state in {"up", "unknown"}:
            return self._agreed(new)
        # From one kind of trouble to another: not by one probe either.
        needed = DOWN_AFTER if new == "down" else UP_AFTER
        return new if self.same >= needed else self.state

    def _agreed(self, new: ServiceState) -> ServiceState:
        """Return what the last probes together say, none of which was good.

        A login page twice and one time-out are no three failures.
        """
        last = [seen.state for seen in self.history[-DOWN_AFTER:]]
        if new not in _FAILING or all(s in _FAILING for s in last):
            return new
        return next(s for s in reversed(last) if s not in _FAILING)

    def _show(self, state: ServiceState, now: float) -> StateTransition | None:
        if state != "unknown" or self.bad >= DOWN_AFTER:
            self._settled = True
        if state == self.state:
            if self.since is None:
                self.since = now
            return None
        change = StateTransition(state=state, previous=self.state)
        self.state, self.since = state, now
        return change

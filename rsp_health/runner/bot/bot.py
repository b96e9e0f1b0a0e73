"""The loop: one run after the other, never two at once, and what is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from ...errors import ConflictError, RSPHealthError
from ...flocks import sentence, summary
from ...moments import moment
from .models import BotDocument, BotState, DailySummary
from .times import next_time

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...files.locks import FileLock
    from .models import Phase
    from .store import BotStore

__all__ = ["NAME", "Bot", "Clock", "Figures", "Runs", "describe", "told"]

#: What our one flock is called in the summary.
NAME = "rsp-health"
#: Seconds between two looks at the wish to pause, and at a run under way.
_LOOK_S = 2.0
#: Seconds between two daily summaries, and how many are kept.
_DAY = timedelta(days=1)
_KEEP = 31

type Figures = tuple[int, int]
"""Notebooks that passed, and that did not."""


class Clock(Protocol):
    """What time it is; a simulated one in tests."""

    def now(self) -> datetime:
        """Return the time, in UTC."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class Runs(Protocol):
    """Starts runs, and knows how they ended."""

    def new_id(self) -> str:
        """Return an id that no run has."""

    def start(self, run_id: str) -> None:
        """Start a run with this id.

        Raises
        ------
        rsp_health.errors.RSPHealthError
            Raised if it does not start: another run has one of its
            notebooks, say, or the lab has no room for a process.
        """

    def figures(self, run_id: str) -> Figures | None:
        """Return how a run ended; `None` while it is under way.

        One that never was counts nothing.
        """

    def stop(self, run_id: str) -> None:
        """Let a run end."""


class Bot:
    """Runs the same checks again and again.

    What it is about to do is on disk before it does it: a bot that is killed
    at any moment is followed by one that counts what it left, once.

    Parameters
    ----------
    store
        Its files.
    runs
        Starts runs.
    clock
        The time.
    fresh
        How often, until when and what, as the state of a bot that begins.
    platform
        What it runs against.
    find_quiet
        Returns why no run is wanted now; `None` if nothing is announced.
    tell
        Called with each sentence for its user.
    on_end
        Called with the id of each run that ended.
    """

    def __init__(
        self,
        *,
        store: BotStore,
        runs: Runs,
        clock: Clock,
        fresh: BotState,
        platform: str,
        find_quiet: Callable[[], str | None] = lambda: None,
        tell: Callable[[str], None] = lambda _: None,
        on_end: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._store = store
        self._runs = runs
        self._clock = clock
        self._fresh = fresh
        self._platform = platform
        self._find_quiet = find_quiet
        self._tell = tell
        self._on_end = on_end
        self._state = fresh
        self._lock: FileLock | None = None

    def serve(self) -> Figures:
        """Work until its time is over; return what passed and what did not.

        Raises
        ------
        rsp_health.errors.ConflictError
            Raised with code ``locked`` if there is a bot at work.
        """
        with self._store.lock() as self._lock:
            self._state = self._begin()
            before = self._state.successes, self._state.failures
            try:
                while self._goes_on():
                    self._step()
            finally:
                self._leave()
        now = self._state.successes, self._state.failures
        return now[0] - before[0], now[1] - before[1]

    def _begin(self) -> BotState:
        """Go on from what an earlier bot left."""
        left, fresh = self._store.read(), self._fresh
        if left is None:
            state = fresh.model_copy(update={"told_at": fresh.started_at})
        else:
            names = ("every_s", "until", "paths")
            state = left.model_copy(
                update={name: getattr(fresh, name) for name in names}
            )
            if left.next_at is not None and (
                left.next_at
                > fresh.started_at + timedelta(seconds=fresh.every_s)
            ):
                state = state.model_copy(update={"next_at": None})
        self._store.write(state)
        return state

    def _goes_on(self) -> bool:
        until, due = self._state.until, self._state.next_at
        if until is None or self._state.run_id is not None:
            return True
        # Nobody need wait for the end of a time in which nothing begins.
        return self._clock.now() < until and (due is None or due < until)

    def _leave(self) -> None:
        if self._state.run_id is not None:
            self._runs.stop(self._state.run_id)
        self._note("ended")

    def _step(self) -> None:
        self._tell_daily()
        if self._state.run_id is not None:
            self._settle()
            return
        now = self._clock.now()
        since = self._store.paused_since()
        if since is not None:
            self._note("paused", f"Paused since {moment(since)}.")
            self._clock.sleep(_LOOK_S)
            return
        due = self._state.next_at
        if due is not None and now < due:
            if self._state.phase not in {"waiting", "quiet"}:
                self._note("waiting")
            self._clock.sleep(min(_LOOK_S, (due - now).total_seconds()))
            return
        self._cycle(due or now, now)

    def _cycle(self, due: datetime, now: datetime) -> None:
        following = next_time(due, self._state.every_s, now)
        if self._lock is None or not self._lock.is_held():
            raise ConflictError(
                "Another test bot took over, as this one did not answer.",
                hint="See rsp-health bot.",
                code="locked",
            )
        why = self._find_quiet()
        if why is not None:
            self._miss("quiet", why, following)
            return
        run_id = self._runs.new_id()
        self._change(run_id=run_id, next_at=following)
        self._note("running")
        try:
            self._runs.start(run_id)
        except RSPHealthError as exc:
            self._change(run_id=None)
            self._miss("waiting", exc.message, following)

    def _settle(self) -> None:
        """Count the run under way once it has ended."""
        run_id = self._state.run_id or ""
        figures = self._runs.figures(run_id)
        if figures is None:
            if self._state.phase != "running":
                self._note("running")
            self._clock.sleep(_LOOK_S)
            return
        passed, failed = figures
        now, due = self._clock.now(), self._state.next_at
        if due is not None and due <= now:
            # It took longer than that: the lab has a rest till the next time.
            due = next_time(due, self._state.every_s, now)
        # In one write with its id: never counted twice, never lost.
        self._change(
            run_id=None,
            next_at=due,
            last_run_id=run_id,
            cycles=self._state.cycles + 1,
            successes=self._state.successes + passed,
            failures=self._state.failures + failed,
        )
        self._on_end(run_id)

    def _miss(self, phase: Phase, why: str, following: datetime) -> None:
        self._change(missed=self._state.missed + 1, next_at=following)
        self._note(phase, why)

    def _tell_daily(self) -> None:
        now = self._clock.now()
        told_at = self._state.told_at or self._state.started_at
        if now - told_at < _DAY:
            return
        text = told(self._state, self._platform, self._store.paused_since())
        kept = [*self._state.summaries, DailySummary(at=now, text=text)]
        # Days in which nobody was there to tell are not made up for.
        days = (now - told_at) // _DAY
        self._change(summaries=kept[-_KEEP:], told_at=told_at + days * _DAY)
        self._tell(text)

    def _note(self, phase: Phase, reason: str = "") -> None:
        """Say what it does now, once."""
        if (phase, reason) == (self._state.phase, self._state.reason):
            return
        self._change(phase=phase, reason=reason)
        if reason:
            self._tell(reason)

    def _change(self, **fields: object) -> None:
        self._state = self._state.model_copy(update=fields)
        self._store.write(self._state)


def told(
    state: BotState,
    platform: str,
    paused: datetime | None,
    *,
    alive: bool = True,
) -> str:
    """Return the summary, in mobu's wording.

    Parameters
    ----------
    state
        What the bot knows.
    platform
        What it runs against.
    paused
        Since when it pauses; `None` if it does not.
    alive
        Whether it is at work.
    """
    text = sentence(NAME, 1, state.started_at, state.failures, state.successes)
    if paused is not None:
        text += f", paused since {moment(paused)}"
    return summary(platform, [text], ended=not alive)


def describe(store: BotStore, platform: str) -> BotDocument:
    """Tell all that is known of the bot of a home."""
    state, paused = store.read(), store.paused_since()
    alive = store.is_alive
    return BotDocument(
        alive=alive,
        paused_since=paused,
        state=state,
        summary=summary(platform, [])
        if state is None
        else told(state, platform, paused, alive=alive),
    )

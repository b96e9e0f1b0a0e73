"""The bot by a simulated clock: what it does when, and what it tells."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.errors import (
    BadInputError,
    ConflictError,
    EnvironmentFailureError,
    RSPHealthError,
    UnreadableFileError,
)
from rsp_health.runner.bot.bot import Bot, describe
from rsp_health.runner.bot.models import BotState
from rsp_health.runner.bot.store import BotStore
from rsp_health.runner.bot.times import next_time, parse_duration, parse_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class _KilledError(BaseException):
    """The process is gone: nothing of it is done any more."""


class World:
    """A clock, runs of ten seconds, and what happens at a time."""

    def __init__(self, store: BotStore) -> None:
        self.store = store
        self.time = NOON
        self.starts: dict[str, float] = {}
        self.said: list[str] = []
        self.at: dict[float, Callable[[], Any]] = {}
        self.trouble: RSPHealthError | None = None
        self.quiet: str | None = None
        self.stopped: list[str] = []

    @property
    def minute(self) -> float:
        return (self.time - NOON).total_seconds() / 60

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.time += timedelta(seconds=seconds)
        for when in sorted(self.at):
            if when <= self.minute:
                self.at.pop(when)()

    def new_id(self) -> str:
        return f"run-{len(self.starts)}"

    def start(self, run_id: str) -> None:
        if self.trouble is not None:
            raise self.trouble
        assert all(self.figures(other) for other in self.starts)
        self.starts[run_id] = self.minute

    def figures(self, run_id: str) -> tuple[int, int] | None:
        if run_id not in self.starts:
            return 0, 0
        ended = self.minute >= self.starts[run_id] + 10 / 60
        return (2, 1) if ended else None

    def stop(self, run_id: str) -> None:
        self.stopped.append(run_id)

    def bot(self, minutes: float, every_s: float = 600.0) -> Bot:
        fresh = BotState(
            started_at=self.time,
            every_s=every_s,
            until=NOON + timedelta(minutes=minutes),
            paths=["/nb"],
        )
        return Bot(
            store=self.store,
            runs=self,
            clock=self,
            fresh=fresh,
            platform="https://rsp.example",
            find_quiet=lambda: self.quiet,
            tell=self.said.append,
        )

    @property
    def began(self) -> list[float]:
        return [round(minute, 2) for minute in self.starts.values()]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(BotStore(tmp_path))


def kill() -> None:
    raise _KilledError


def test_it_runs_at_its_times_and_ends(world: World) -> None:
    assert world.bot(35).serve() == (8, 4)
    assert world.began == [0, 10, 20, 30]
    document = describe(world.store, "https://rsp.example")
    assert (document.alive, document.paused_since) == (False, None)
    assert document.summary == (
        "Currently running 0 flocks against https://rsp.example. The last "
        "one:\n• *rsp-health*: 1 monkey started 2026-11-22 with 4 failures "
        "(66.67% success)"
    )
    assert document.state is not None
    assert (document.state.cycles, document.state.phase) == (4, "ended")


def test_a_long_run_is_not_made_up_for(world: World) -> None:
    world.bot(1, every_s=3.0).serve()
    assert world.began == [0, 0.2, 0.4, 0.6, 0.8]


def test_a_pause_outlives_a_kill(world: World) -> None:
    world.at = {5: world.store.pause, 25: kill}
    with pytest.raises(_KilledError):
        world.bot(100).serve()
    assert describe(world.store, "x").paused_since is not None
    world.at = {47: world.store.resume}
    world.bot(65).serve()
    assert world.began == [0, 47, 50, 60]
    assert world.said[0].startswith("Paused since ")
    world.store.pause()
    assert "success), paused since " in describe(world.store, "x").summary


def test_a_run_that_was_left_is_counted_once(world: World) -> None:
    world.at = {0.1: kill}
    with pytest.raises(_KilledError):
        world.bot(100).serve()
    world.bot(15).serve()
    assert world.began == [0, 10]
    state = world.store.read()
    assert state is not None
    assert (state.successes, state.failures, state.cycles) == (4, 2, 2)


def test_it_is_quiet_while_maintenance_is_announced(world: World) -> None:
    world.quiet = "Announced: Patch Thursday until 14:00 UTC."
    world.at = {15: lambda: setattr(world, "quiet", None)}
    world.bot(25).serve()
    assert world.began == [20]
    assert world.said == ["Announced: Patch Thursday until 14:00 UTC."]
    state = world.store.read()
    assert state is not None
    assert state.missed == 2


@pytest.mark.parametrize(
    "trouble",
    [
        ConflictError("tap.ipynb is being run already.", hint=""),
        EnvironmentFailureError("No process could be started.", hint=""),
        BadInputError("/nb does not exist.", hint=""),
    ],
)
def test_a_run_that_cannot_start_is_left_out(
    world: World, trouble: RSPHealthError
) -> None:
    world.trouble = trouble
    world.at = {5: lambda: setattr(world, "trouble", None)}
    world.bot(15).serve()
    assert world.began == [10]
    assert world.said == [trouble.message]
    state = world.store.read()
    assert state is not None
    assert (state.missed, state.cycles) == (1, 1)


def test_there_is_one_bot_only(world: World) -> None:
    with world.store.lock(), pytest.raises(ConflictError, match="test bot"):
        world.bot(10).serve()
    assert world.starts == {}


def test_a_bot_that_lost_its_lock_starts_nothing(world: World) -> None:
    lock = world.store.lock().path
    world.at = {5: lock.unlink}
    with pytest.raises(ConflictError, match="took over"):
        world.bot(100).serve()
    assert world.began == [0]


def test_each_day_has_a_summary(world: World) -> None:
    world.bot(60 * 24 * 3 + 30, every_s=4 * 3600.0).serve()
    assert [text.splitlines()[1] for text in world.said] == [
        (
            f"• *rsp-health*: 1 monkey started 2026-11-22 with {6 * day} "
            "failures (66.67% success)"
        )
        for day in (1, 2, 3)
    ]
    state = world.store.read()
    assert state is not None
    assert [x.text for x in state.summaries] == world.said


def test_a_later_version_may_know_more(world: World, tmp_path: Path) -> None:
    world.store.write(BotState(started_at=NOON, every_s=1.0, failures=3))
    path = tmp_path / "bot" / "state.json"
    path.write_text(
        json.dumps({**json.loads(path.read_text()), "colour": "blue"})
    )
    state = world.store.read()
    assert state is not None
    assert state.failures == 3


def test_what_cannot_be_read_now_is_not_begun_anew(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.store.write(BotState(started_at=NOON, every_s=1.0, failures=3))

    def fail(path: Path) -> None:
        raise UnreadableFileError(str(path), "input/output error", hint="")

    with monkeypatch.context() as patch:
        patch.setattr("rsp_health.runner.bot.store.load_json", fail)
        with pytest.raises(UnreadableFileError):
            world.bot(10).serve()
    state = world.store.read()
    assert state is not None
    assert state.failures == 3


def test_what_cannot_be_read_begins_anew(world: World, tmp_path: Path) -> None:
    world.store.write(BotState(started_at=NOON, every_s=1.0))
    (tmp_path / "bot" / "state.json").write_text("{")
    (tmp_path / "bot" / "paused.json").write_text("[]")
    assert world.store.read() is None
    os.utime(tmp_path / "bot" / "paused.json", (1000, 1000))
    since = datetime.fromtimestamp(1000, UTC)
    assert world.store.paused_since() == since  # and not each time another
    assert world.store.resume()
    assert not world.store.resume()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("10m", 600),
        ("1.5h", 5400),
        (" 2d ", 172800),
        ("1 h", 3600),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds
    assert parse_until(text, NOON) == NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["", "10", "m", "-5m", "0s", "9999d", "1e3s", "10m5s", "inf", "²m"]
)
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match=r"m, h or d|a year"):
        parse_duration(text)
    with pytest.raises(ValueError, match=r".+"):
        parse_until(text, NOON)


def test_moments() -> None:
    assert parse_until("2026-11-22T13:00", NOON) == NOON + timedelta(hours=1)
    zoned = parse_until("2026-11-22T14:30+01:00", NOON)
    assert zoned == NOON + timedelta(minutes=90)
    with pytest.raises(ValueError, match="past"):
        parse_until("2026-11-22T12:00", NOON)


@pytest.mark.parametrize(
    ("now", "expected"), [(0, 600), (1, 600), (600, 600), (601, 1200)]
)
def test_the_next_time(now: float, expected: float) -> None:
    moment = next_time(NOON, 600, NOON + timedelta(seconds=now))
    assert moment == NOON + timedelta(seconds=expected)

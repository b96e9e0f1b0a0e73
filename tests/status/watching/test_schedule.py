from __future__ import annotations

import random
import statistics

import pytest

from rsp_health.status.probes import Verdict
from rsp_health.status.watching.schedule import Schedule
from rsp_health.status.watching.tracker import Tracker

UP = Verdict(state="up", evidence="fine")
DOWN = Verdict(state="down", evidence="HTTP 503")


def _tracker(*verdicts: Verdict) -> Tracker:
    tracker = Tracker()
    for number, verdict in enumerate(verdicts):
        tracker.observe(verdict, float(number))
    return tracker


def _delays(*verdicts: Verdict, interval: float = 60.0) -> list[float]:
    schedule = Schedule(interval, random.Random(7))  # noqa: S311
    tracker = _tracker(*verdicts)
    return [schedule.delay(tracker) for _ in range(2000)]


def test_well_rows_are_asked_once_an_interval_out_of_step() -> None:
    delays = _delays(UP)

    assert statistics.mean(delays) == pytest.approx(60, abs=1)
    assert min(delays) >= 45
    assert max(delays) <= 75
    assert len(set(delays)) == len(delays)


@pytest.mark.parametrize(
    ("verdicts", "delay"),
    [([], 0.0), ([DOWN], 3.0), ([DOWN] * 2, 6.0), ([DOWN] * 3 + [UP], 3.0)],
)
def test_what_is_not_sure_is_looked_at_soon(
    verdicts: list[Verdict], delay: float
) -> None:
    assert set(_delays(*verdicts)) == {delay}


def test_what_stays_down_is_asked_less_often_up_to_ten_minutes() -> None:
    means = [statistics.mean(_delays(*[DOWN] * n)) for n in (3, 4, 6, 8, 30)]

    assert means == sorted(means)
    assert min(_delays(*[DOWN] * 30)) >= 60
    assert 500 < max(_delays(*[DOWN] * 30)) <= 600


def test_a_wait_is_never_cut_short() -> None:
    wait = Verdict(state="throttled", evidence="used up", wait_s=40.0)

    assert min(_delays(wait)) >= 40
    assert max(_delays(wait)) <= 50


def test_operators_cannot_poll_the_platform_to_death() -> None:
    assert Schedule(1.0).interval_s == 30.0
    assert Schedule(1.0).stale_after_s == 90.0

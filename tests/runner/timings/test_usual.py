"""What is usual, and what is slower than that beyond noise."""

from __future__ import annotations

import math
import random

import pytest

from rsp_health.runner.timings.usual import (
    ENOUGH,
    WINDOW,
    compared,
    limit_of,
    usual_time,
)


def test_nothing_is_usual_before_the_first_pass() -> None:
    assert usual_time([]) is None


def test_median_and_spread_of_the_last_passes() -> None:
    usual = usual_time([100.0] * 30 + [1.0, 2.0, 3.0] * 7)
    assert usual is not None
    assert (usual.median_s, usual.mad_s, usual.n) == (2.0, 1.0, WINDOW)


@pytest.mark.parametrize(
    ("passes", "slower"), [(ENOUGH - 1, None), (ENOUGH, True)]
)
def test_slow_is_said_only_with_enough_history(
    passes: int, slower: bool | None
) -> None:
    usual = usual_time([1.0] * passes)
    assert usual is not None
    assert compared(usual, 9.0).slower is slower


@pytest.mark.parametrize(
    ("seconds", "slower"), [(1.0, False), (1.35, False), (2.0, True)]
)
def test_a_quiet_notebook_is_slow_at_twice_its_time(
    seconds: float, slower: bool
) -> None:
    usual = usual_time([1.0, 1.02, 0.98, 1.01, 0.99] * 4)
    assert usual is not None
    found = compared(usual, seconds)
    assert (found.slower, found.measured_s) == (slower, seconds)


def test_within_its_noise_nothing_is_slow() -> None:
    chance = random.Random(1)  # noqa: S311 - the same each time
    noisy = [math.exp(chance.gauss(0, 0.5)) for _ in range(WINDOW)]
    usual = usual_time(noisy)
    assert usual is not None
    assert compared(usual, 2.0).slower is False


def test_what_takes_no_time_may_take_a_little_more() -> None:
    usual = usual_time([0.004] * WINDOW)
    assert usual is not None
    assert compared(usual, 0.05).slower is False


def test_what_did_not_pass_is_not_slow() -> None:
    usual = usual_time([1.0] * WINDOW)
    assert usual is not None
    assert compared(usual, None).slower is None


def test_a_cell_is_slow_at_the_second_time() -> None:
    once = usual_time([1.0] * WINDOW, twice=True)
    again = usual_time([1.0] * WINDOW + [3.0], twice=True)
    assert once is not None
    assert again is not None
    assert compared(once, 3.0).slower is False
    assert compared(again, 3.0).slower is True


def test_what_is_slow_now_and_then_is_slow_at_the_second_time() -> None:
    once = usual_time([1.0] * 15 + [3.0] + [1.0] * 4)
    again = usual_time([1.0] * 14 + [3.0] + [1.0] * 4 + [3.0])
    assert once is not None
    assert again is not None
    assert compared(once, 3.0).slower is False
    assert compared(again, 3.0).slower is True


def test_what_is_a_small_share_of_its_notebook_does_not_matter() -> None:
    usual = usual_time([1.0] * WINDOW, least_s=5.0)
    assert usual is not None
    assert compared(usual, 5.9).slower is False


@pytest.mark.parametrize("odd", [0.0, -1.0, 1e300])
def test_odd_times_are_no_error(odd: float) -> None:
    limit = limit_of([odd, 1.0] * ENOUGH)
    assert limit is not None
    assert not math.isnan(limit)

"""Times of sides that were run in turns on a busy machine."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from rsp_health.runner.comparison.pairs import InTurns
from rsp_health.runner.comparison.shift import shift
from rsp_health.runner.timings.execution import executions_of
from tests.runner.timings.runs import book, make_run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rsp_health.runner.comparison.shift import Shift
    from rsp_health.runner.timings.execution import Execution


def _busy(turns: int, factor: float, seed: int) -> list[list[float]]:
    """Return times that a common load makes up to three times as long."""
    chance = random.Random(seed)  # noqa: S311 - the same each time
    sides: list[list[float]] = [[], []]
    for _ in range(turns):
        load = chance.uniform(1.0, 3.0)
        for side, seconds in zip(sides, (0.4, 0.4 * factor), strict=True):
            side.append(seconds * load * chance.lognormvariate(0, 0.1))
    return sides


@pytest.mark.parametrize(
    ("factor", "moved"), [(2.0, "slower"), (1.0, "same"), (0.5, "faster")]
)
def test_what_slows_both_of_a_turn_hides_nothing(
    factor: float, moved: Shift
) -> None:
    seeds = range(100)
    found = [InTurns().shift(*_busy(12, factor, seed)) for seed in seeds]
    assert found.count(moved) >= (100 if moved == "same" else 98)
    if moved != "same":
        apart = [shift(*_busy(12, factor, seed)) for seed in seeds]
        assert apart.count("same") > 50


def test_a_few_turns_tell_nothing() -> None:
    assert InTurns().shift([1.0, 1.0], [9.0, 9.0]) is None


def test_turns_that_contradict_each_other_tell_nothing() -> None:
    assert InTurns().shift([1.0] * 4, [2.0, 2.0, 0.5, 2.0]) == "same"


def test_a_few_turns_of_noise_are_no_difference() -> None:
    """Three passes of noise may happen to be alike."""
    found = []
    for seed in range(300):
        chance = random.Random(seed)  # noqa: S311 - the same each time
        sides = [
            [0.4 * chance.lognormvariate(0, 0.5) for _ in range(3)]
            for _ in range(2)
        ]
        found.append(InTurns().shift(*sides))
    assert found.count("same") >= 297


def test_more_turns_leave_less_to_hide() -> None:
    few, many = (
        InTurns().hidden_factor(*_busy(turns, 1.0, 1)) for turns in (3, 24)
    )
    assert 1.0 < many <= few
    assert InTurns().hidden_factor([0.01] * 3, [0.02] * 3) == 1.0


@pytest.mark.parametrize(("factor", "moved"), [(1.0, "same"), (2.0, "slower")])
def test_as_many_turns_as_are_needed_are_right_and_few(
    factor: float, moved: Shift
) -> None:
    numbers, right = [], 0
    for seed in range(200):
        sides = _busy(32, factor, seed)
        for turns in range(6, 33, 2):
            found = [side[:turns] for side in sides]
            told = InTurns().shift(*found)
            if told == "slower" or not InTurns().needs_more(*found):
                break
        numbers.append(turns)
        # Not told to be slower must not mean not judged.
        judged = InTurns().hidden_factor(*found) <= 2.0
        right += told == moved and (judged or told == "slower")
    assert right >= 198
    assert sum(numbers) / len(numbers) < 9


def test_only_turns_that_both_sides_passed_count() -> None:
    def side(first: int, *seconds: float | None) -> Iterator[Execution]:
        for number, one in enumerate(seconds, start=first):
            result = book(
                one or 1.0, state="failed" if one is None else "passed"
            )
            yield from executions_of(make_run(number, result))

    before = list(side(0, 1.0, None, 3.0))
    after = list(side(10, 2.0, 4.0, 6.0))
    turns = {
        one.run_id: turn
        for found in (before, after)
        for turn, one in enumerate(found)
    }
    sides = InTurns(turns).sides(
        before,
        after,
        lambda one: one.seconds,
    )
    assert sides == [[1.0, 3.0], [2.0, 6.0]]

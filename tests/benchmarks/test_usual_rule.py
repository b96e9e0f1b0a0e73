"""The rule finds a doubled time, and leaves healthy notebooks alone."""

from __future__ import annotations

import random

import pytest

from tests.benchmarks.bench_usual import count


@pytest.mark.parametrize("kind", ["ordinary", "drift"])
def test_what_is_found_and_what_is_found_wrongly(kind: str) -> None:
    chance = random.Random(1)  # noqa: S311 - the same each time
    counts = count(kind, 40, chance)
    assert counts.false == 0
    assert counts.whole == 40
    assert counts.cell >= 36

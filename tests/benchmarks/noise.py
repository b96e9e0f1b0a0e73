"""How times of healthy notebooks scatter from run to run, simulated."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

__all__ = ["KINDS", "Simulated", "factors", "kinds", "recorded"]

#: What was measured by `python -m tests.benchmarks.record_noise`.
RECORDED = Path(__file__).with_name("noise.json")

#: Kind of noise -> what it is.
KINDS = {
    "quiet": "lognormal, 5 %",
    "ordinary": "lognormal, 10 %",
    "noisy": "lognormal, 15 %",
    "drift": "lognormal, 8 %, and 25 % slower or faster in 20 runs",
    "tails": "lognormal, 8 %, and 3 % of the runs take 1.5 to 3 times as long",
    "recorded": "as recorded on 2 cores",
}
_SIGMA = {
    "quiet": 0.05,
    "ordinary": 0.1,
    "noisy": 0.15,
    "drift": 0.08,
    "tails": 0.08,
}
_DRIFT = 0.25
_TAIL = 0.03
#: Share of a run's noise that all its cells have in common.
_COMMON = 0.7


def recorded() -> list[list[float]]:
    """Return the recorded times, as factors of their medians."""
    if not RECORDED.exists():
        return []
    found: list[list[float]] = json.loads(RECORDED.read_text())["factors"]
    return found


def kinds() -> list[str]:
    """Return the kinds of noise that can be simulated here."""
    return [kind for kind in KINDS if kind != "recorded" or recorded()]


def factors(
    kind: str, length: int, chance: random.Random, known: list[list[float]]
) -> list[float]:
    """Return by how much each of a healthy cell's runs is off its median.

    Parameters
    ----------
    kind
        One of `KINDS`.
    length
        How many runs.
    chance
        Where the numbers come from.
    known
        What was recorded.
    """
    if kind == "recorded":
        series = chance.choice(known)
        first = chance.randrange(len(series))
        return [series[(first + i) % len(series)] for i in range(length)]
    sigma = _SIGMA[kind]
    slope = 0.0
    if kind == "drift":
        slope = chance.choice([-1, 1]) * math.log1p(_DRIFT) / 20
    found = []
    for number in range(length):
        factor = math.exp(chance.gauss(0, sigma) + slope * number)
        if kind == "tails" and chance.random() < _TAIL:
            factor *= chance.uniform(1.5, 3)
        found.append(factor)
    return found


@dataclass(frozen=True)
class Simulated:
    """A notebook's runs: for each run, the seconds of each cell."""

    kind: str
    runs: list[list[float]]

    @classmethod
    def of(
        cls,
        kind: str,
        length: int,
        chance: random.Random,
        known: list[list[float]],
    ) -> Simulated:
        """Make one up: 1 to 30 cells, of a hundredth of a second to some."""
        cells = chance.randint(1, 30)
        base = [math.exp(chance.gauss(-1, 1.5)) for _ in range(cells)]
        # Too short a notebook is never called slow; it is not counted.
        scale = max(1.0, 0.5 / sum(base))
        whole = factors(kind, length, chance, known)
        own = [factors(kind, length, chance, known) for _ in base]
        return cls(
            kind,
            [
                [
                    scale
                    * seconds
                    * whole[run] ** _COMMON
                    * own[cell][run] ** math.sqrt(1 - _COMMON**2)
                    for cell, seconds in enumerate(base)
                ]
                for run in range(length)
            ],
        )

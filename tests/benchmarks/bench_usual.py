"""What *slower than usual* finds, and what it finds wrongly.

Ten thousand simulated notebooks have passed twenty times. Then each passes
once more as before, and is to be left alone; or it takes twice as long, in
all its cells or in its longest one, and is to be found. With
``--confirm-slower`` what is slow is run once more at once; how much of a slow
moment of the machine lasts till then is not known, so its false alarms are
counted for none of it, and for all of it. With ``--picture
FILE`` the trade between the two is drawn.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path
from typing import TYPE_CHECKING

from rsp_health.runner.timings.lookup import CELL_SHARE
from rsp_health.runner.timings.usual import compared, limit_of, usual_time
from tests.benchmarks.noise import Simulated, factors, kinds, recorded
from tests.benchmarks.roc_picture import draw

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Counts", "count", "main"]

type _Run = Sequence[float]
type _Runs = Sequence[_Run]
type _Rule = Callable[[_Runs, _Run], bool]

_PASSES = 20
_FOUND = 0.95
_FALSE = 0.01


class Counts:
    """How many notebooks of one kind were told as slower."""

    def __init__(self) -> None:
        self.notebooks = self.false = self.early = 0
        self.once = self.whole = self.cell = 0
        self.sure = self.wrong = self.worst = 0

    def add(self, other: Counts) -> None:
        """Add those of another kind."""
        for name in vars(self):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def share(self, name: str) -> float:
        """Return one of them as a share of the notebooks."""
        number: int = getattr(self, name)
        return number / self.notebooks


def _whole_is_slow(runs: _Runs, now: _Run) -> bool:
    usual = usual_time([sum(run) for run in runs])
    return usual is not None and bool(compared(usual, sum(now)).slower)


def _is_confirmed(runs: _Runs, now: _Run, again: _Run) -> bool:
    """Whether a run with ``--confirm-slower`` tells it."""
    usual = usual_time([sum(run) for run in runs], confirmed=True)
    assert usual is not None
    return all(compared(usual, sum(run)).slower for run in (now, again))


def _a_cell_is_slow(runs: _Runs, now: _Run) -> bool:
    usual = usual_time([sum(run) for run in runs])
    assert usual is not None
    least = CELL_SHARE * usual.median_s
    for cell, seconds in enumerate(now):
        one = usual_time(
            [run[cell] for run in runs], least_s=least, twice=True
        )
        if one is not None and compared(one, seconds).slower:
            return True
    return False


def _is_told(runs: _Runs, now: _Run) -> bool:
    return _whole_is_slow(runs, now) or _a_cell_is_slow(runs, now)


def _in_two_runs(is_slow: _Rule, runs: _Runs, now: _Run, later: _Run) -> bool:
    return is_slow(runs, now) or is_slow([*runs[1:], now], later)


def count(kind: str, notebooks: int, chance: random.Random) -> Counts:
    """Count what is found in so many notebooks of one kind of noise."""
    known = recorded()
    counts = Counts()
    for _ in range(notebooks):
        one = Simulated.of(kind, _PASSES + 2, chance, known)
        before, (now, later) = one.runs[:_PASSES], one.runs[_PASSES:]
        counts.notebooks += 1
        counts.false += _is_told(before, now)
        twice = [[2 * x for x in run] for run in (now, later)]
        counts.once += _whole_is_slow(before, twice[0])
        counts.sure += _is_confirmed(before, *twice)
        counts.wrong += _is_confirmed(before, now, later) or _a_cell_is_slow(
            before, now
        )
        # As if what slowed the first one always slows the second one.
        counts.worst += _is_confirmed(before, now, now) or _a_cell_is_slow(
            before, now
        )
        counts.whole += _in_two_runs(_whole_is_slow, before, *twice)
        # Of little history, as well.
        counts.early += _in_two_runs(_whole_is_slow, before[-8:], *twice)
        # From now on, its longest cell takes twice as long.
        longest = max(range(len(now)), key=now.__getitem__)
        slow = [
            [x * (2 if i == longest else 1) for i, x in enumerate(run)]
            for run in (now, later)
        ]
        counts.cell += _in_two_runs(_is_told, before, *slow)
    return counts


def _curve(kind: str, notebooks: int) -> list[tuple[float, float]]:
    """Return false alarms and findings for limits from low to high."""
    chance = random.Random(2)  # noqa: S311 - the same each time
    known = recorded()
    histories = [
        factors(kind, _PASSES + 1, chance, known) for _ in range(notebooks)
    ]
    found = []
    for step in range(41):
        false = right = 0
        for history in histories:
            limit = limit_of(history[:-1], spreads=0.25 * step, ratio=1.0)
            assert limit is not None
            false += history[-1] > limit
            right += 2 * history[-1] > limit
        found.append((false / notebooks, right / notebooks))
    return found


def main(argv: Sequence[str]) -> bool:
    """Print the table; return whether a limit was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notebooks", type=int, default=10_000)
    parser.add_argument("--picture", type=Path)
    options = parser.parse_args(argv)
    chance = random.Random(1)  # noqa: S311 - the same each time
    total = Counts()
    print(
        f"  {'':10} {'':9} {'false':>7} {'twice as slow, found':>36}"
        f" {'confirmed: false alarms':>25}\n"
        f"  {'noise':10} {'notebooks':>9} {'alarms':>7} {'at once':>8} "
        f"{'in 2':>8} {'after 8':>8} {'one cell':>9} {'none of it':>11} "
        f"{'all of it':>10} {'found':>8}"
    )
    for kind in kinds():
        counts = count(kind, options.notebooks // len(kinds()), chance)
        total.add(counts)
        _print(kind, counts)
    _print("all", total)
    if options.picture is not None:
        curves = {kind: _curve(kind, 4000) for kind in kinds()}
        chosen = {kind: _chosen(kind) for kind in kinds()}
        options.picture.write_text(draw(curves, chosen), encoding="utf-8")
    missed = (
        max(total.share("false"), total.share("wrong")) >= _FALSE
        or min(map(total.share, ("whole", "cell", "sure"))) < _FOUND
    )
    print(
        f"  limits: false < {_FALSE:.0%}, found >= {_FOUND:.0%}"
        f"{' MISSED' if missed else ''}"
    )
    return missed


def _chosen(kind: str) -> tuple[float, float]:
    """Return false alarms and findings of the rule as it is."""
    chance = random.Random(3)  # noqa: S311 - the same each time
    known = recorded()
    false = right = 0
    for _ in range(4000):
        history = factors(kind, _PASSES + 1, chance, known)
        usual = usual_time(history[:-1])
        assert usual is not None
        false += bool(compared(usual, history[-1]).slower)
        right += bool(compared(usual, 2 * history[-1]).slower)
    return false / 4000, right / 4000


def _print(title: str, counts: Counts) -> None:
    print(
        f"  {title:10} {counts.notebooks:9} {counts.share('false'):7.2%} "
        f"{counts.share('once'):8.2%} {counts.share('whole'):8.2%} "
        f"{counts.share('early'):8.2%} {counts.share('cell'):9.2%} "
        f"{counts.share('wrong'):11.2%} {counts.share('worst'):10.2%} "
        f"{counts.share('sure'):8.2%}",
        flush=True,
    )


if __name__ == "__main__":
    raise SystemExit(main(__import__("sys").argv[1:]))

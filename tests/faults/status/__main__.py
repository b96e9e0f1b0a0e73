"""``python -m tests.faults.status [--seeds N] [--kinds a,b]``."""

from __future__ import annotations

import argparse
import asyncio
import collections
import itertools
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from .kinds import HANGING, KINDS
from .oracle import Case, check, check_flapping, check_login
from .places import CONNECTION_KINDS, open_places

__all__ = ["main", "run"]

_AT_ONCE = 16
_MAX_GROWTH_MIB = 20.0


@dataclass
class Result:
    """What all cases together showed."""

    states: collections.Counter[str] = field(
        default_factory=collections.Counter
    )
    wrong: list[Case] = field(default_factory=list)
    left_the_platform: int = 0
    flapping: int = 0

    def add(self, case: Case) -> None:
        """Count a case; keep it only if it broke a promise."""
        self.states.update(v.state for v in case.verdicts)
        if case.wrong:
            self.wrong.append(case)

    def add_flapping(self, case: Case) -> None:
        """Count a case in which some probes are truly up."""
        self.flapping += 12
        if case.wrong:
            self.wrong.append(case)


async def run(
    kinds: list[str], seeds: range, folder: Path, *, apart: bool = False
) -> Result:
    """Check every kind with every seed."""
    result = Result()
    cases = itertools.product(kinds, seeds)
    counts: dict[str, int] = {}
    async with open_places(folder, apart=apart, result=counts) as places:

        async def work() -> None:
            for kind, seed in cases:
                if kind == "flapping":
                    result.add_flapping(await check_flapping(places, seed))
                else:
                    result.add(await check(places, kind, seed))
                    result.add(await check_login(places, kind, seed))

        await asyncio.gather(*(work() for _ in range(_AT_ONCE)))
    # Anonymous probes carry no token, and nobody else is called.
    result.left_the_platform = counts["left"]
    return result


async def _longest(folder: Path) -> float:
    """Let every hanging kind run into the real deadline of 10 s."""
    async with open_places(folder, impatient_s=10.0) as places:
        start = time.monotonic()
        await asyncio.gather(
            *(
                places.impatient.get(places.of(kind, "vosi", 1)[1])
                for kind in HANGING
            ),
            return_exceptions=True,
        )
        return time.monotonic() - start


def main(argv: list[str]) -> int:
    """Print the counts; return 1 if a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.status")
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--kinds", default="")
    options = parser.parse_args(argv)
    every = [*KINDS, *CONNECTION_KINDS, "flapping"]
    kinds = options.kinds.split(",") if options.kinds else every
    process = psutil.Process()
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="faults-status-") as folder:
        path = Path(folder)
        # Warm up: imports, and the certificates of the eight clients that
        # only this suite has, are not growth by probes.
        warm = ["unavailable", *CONNECTION_KINDS]
        asyncio.run(run(warm, range(20), path, apart=True))
        before = process.memory_info().rss
        opened = process.num_fds()
        result = asyncio.run(
            run(kinds, range(options.seeds), path, apart=True)
        )
        growth = (process.memory_info().rss - before) / 2**20
        handles = process.num_fds()
        longest = asyncio.run(_longest(path))
    for case in result.wrong[:20]:
        print(f"  {case.kind} seed {case.seed} ({case.probe}): {case.wrong}")
    print(
        f"  {len(kinds)} kinds of fault x {options.seeds} seeds, "
        f"{result.states.total() + result.flapping} probes on the wire in "
        f"{time.monotonic() - start:.0f} s"
    )
    print(f"  said by single probes: {dict(sorted(result.states.items()))}")
    print(
        f"  false up: {result.states['up']}; "
        f"broken promises: {len(result.wrong)}; "
        f"tokens or requests that left: {result.left_the_platform}"
    )
    print(f"  longest probe against the real deadline: {longest:.2f} s")
    print(f"  memory growth: {growth:.1f} MiB (at most {_MAX_GROWTH_MIB:g})")
    print(f"  open files at the end: {handles}, at the beginning: {opened}")
    good = (
        not result.wrong
        and not result.states["up"]
        and not result.left_the_platform
        and longest <= 10.0
        and growth <= _MAX_GROWTH_MIB
        and handles <= opened + 5
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""``python -m tests.faults.status [--seeds N] [--kinds a,b]``."""

from __future__ import annotations

import argparse
import asyncio
import collections
import sys
import tempfile
import time
from pathlib import Path

import psutil

from .kinds import HANGING, KINDS
from .oracle import Case, check
from .places import CANARY, CONNECTION_KINDS, open_places

__all__ = ["main", "run"]

_AT_ONCE = 16
_MAX_GROWTH_MIB = 20.0


async def run(kinds: list[str], seeds: range, folder: Path) -> list[Case]:
    """Check every kind with every seed."""
    gate = asyncio.Semaphore(_AT_ONCE)
    async with open_places(folder) as places:

        async def one(kind: str, seed: int) -> Case:
            async with gate:
                return await check(places, kind, seed)

        cases = await asyncio.gather(
            *(one(kind, seed) for kind in kinds for seed in seeds)
        )
        heads = b"".join(places.server.heads + places.stranger.heads)
        leaked = CANARY.encode() in heads or places.stranger.heads
    if leaked:
        cases[0].wrong.append("the token or a request left the platform")
    return cases


async def _longest(folder: Path) -> float:
    """Let every hanging kind run into the real deadline of 10 s."""
    async with open_places(folder, impatient_s=10.0) as places:
        start = time.monotonic()
        await asyncio.gather(
            *(
                places.impatient.get(f"{places.server.url}/{kind}/vosi/1/")
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
    every = [*KINDS, *CONNECTION_KINDS]
    kinds = options.kinds.split(",") if options.kinds else every
    process = psutil.Process()
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="faults-status-") as folder:
        path = Path(folder)
        # Warm up: imports and pools are not growth.
        asyncio.run(run(["unavailable"], range(20), path))
        before = process.memory_info().rss
        cases = asyncio.run(run(kinds, range(options.seeds), path))
        growth = (process.memory_info().rss - before) / 2**20
        longest = asyncio.run(_longest(path))
    states = collections.Counter(
        v.state for case in cases for v in case.verdicts
    )
    wrong = [case for case in cases if case.wrong]
    for case in wrong[:20]:
        print(f"  {case.kind} seed {case.seed} ({case.probe}): {case.wrong}")
    probes = sum(len(case.verdicts) for case in cases)
    print(
        f"  {len(kinds)} kinds of fault x {options.seeds} seeds, {probes} "
        f"probes on the wire in {time.monotonic() - start:.0f} s"
    )
    print(f"  shown by single probes: {dict(sorted(states.items()))}")
    print(f"  false up: {states['up']}; broken promises: {len(wrong)}")
    print(f"  longest probe against the real deadline: {longest:.2f} s")
    print(f"  memory growth: {growth:.1f} MiB (at most {_MAX_GROWTH_MIB:g})")
    good = not wrong and longest <= 10.5 and growth <= _MAX_GROWTH_MIB
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Break every system call of every change to a checkout, and judge.

    python -m tests.faults.checkout [--quick | --faults N] [--races N] [--seed S]

For each fault: copy a home full of work, run one change while strace breaks
one system call (ours, or also git's), then look three times. At once: is
every file still somewhere? After `recover`: is the target the old tree or the
new one, whole? After the same change again: did it succeed, and is every file
in the target or in a backup? The judge is the SHA-256 of every file.

Then two thousand saves by another program at every step of a change: is what
it saved still there? (`.races`)

Then ten thousand interleavings of processes that want one lock, some of which
die: is a living owner ever robbed?
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from tests.faults.checkout.homes import SCENARIOS
from tests.faults.checkout.injection import DONE, REFUSED, Fault, strace
from tests.faults.checkout.races import run_races
from tests.faults.checkout.schedules import run_many
from tests.faults.checkout.trial import list_faults, prepare, try_fault

DEFAULT = 5000
QUICK = 26
RACES = 2000
QUICK_RACES = 14
SCHEDULES = 10_000


def choose(
    found: list[tuple[str, Fault]], number: int, seed: int
) -> list[tuple[str, Fault]]:
    """Choose faults evenly over scenarios, calls and actions."""
    rng = random.Random(seed)  # noqa: S311 - a sample, not a secret
    groups: dict[tuple[str, str, str, bool], list[tuple[str, Fault]]] = {}
    for name, fault in found:
        key = (name, fault.call, fault.action, fault.tree)
        groups.setdefault(key, []).append((name, fault))
    queues = list(groups.values())
    for queue in queues:
        rng.shuffle(queue)
    rng.shuffle(queues)
    chosen: list[tuple[str, Fault]] = []
    while queues and len(chosen) < number:
        chosen.extend(queue.pop() for queue in queues)
        queues = [queue for queue in queues if queue]
    return chosen[:number]


def main(argv: list[str] | None = None) -> int:
    """Run, print counts, and return 1 if anything was lost or wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.checkout")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--faults", type=int, default=DEFAULT)
    parser.add_argument("--races", type=int, default=RACES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="one scenario")
    options = parser.parse_args(argv)
    if strace() is None:
        print(
            "strace is missing or may not trace."
            " Install it: apt-get install strace (Debian), and allow ptrace.",
            file=sys.stderr,
        )
        return 3
    number = QUICK if options.quick else options.faults
    races = QUICK_RACES if options.quick else options.races
    start = time.monotonic()
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(
        prefix="rsp-health-faults-",
        dir=memory if memory.is_dir() else None,
        ignore_cleanup_errors=True,
    ) as folder:
        bad = judge(Path(folder), number, options, start) if number else 0
        place = Path(folder, "races")
        bad = bad or (run_races(place, races, options.seed) if races else 0)
    if options.quick:
        return bad
    start = time.monotonic()
    stolen = run_many(SCHEDULES, options.seed)
    print(
        f"{SCHEDULES} schedules of 2 to 4 contenders for a lock: {stolen}"
        f" living owners robbed, {time.monotonic() - start:.0f} s"
    )
    return 1 if bad or stolen else 0


def judge(
    base: Path, number: int, options: argparse.Namespace, start: float
) -> int:
    """Try the chosen faults in two processes, and print the counts."""
    prepare(base)
    names = [options.only] if options.only else list(SCENARIOS)
    ended: Counter[int] = Counter()
    per_scenario: Counter[str] = Counter()
    bad = []
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        found: list[tuple[str, Fault]] = []
        for faults in pool.map(partial(list_faults, base), names):
            found += faults
        chosen = choose(found, number, options.seed)
        print(f"{len(found)} faults possible, {len(chosen)} injected")
        jobs = [
            pool.submit(try_fault, base, name, fault, bool(index % 2))
            for index, (name, fault) in enumerate(chosen)
        ]
        for job in jobs:
            what, code, wrong = job.result()
            ended[code] += 1
            per_scenario[what.partition(":")[0]] += 1
            if wrong:
                bad.append((what, wrong))
                print(f"  BAD {what}", *wrong, sep="\n      ", flush=True)
    for name, total in per_scenario.items():
        print(f"  {total:5d}  {name}")
    print(
        f"{ended[DONE]} went through all the same, {ended[REFUSED]} ended in"
        f" a told error, {ended[-9]} were killed"
    )
    lost = sum("lost" in line for _, wrong in bad for line in wrong)
    target = sum("target" in line for _, wrong in bad for line in wrong)
    failed = sum("next command" in line for _, wrong in bad for line in wrong)
    print(
        f"{len(chosen)} faults: {lost} user files lost, {target} missing or"
        f" partial targets, {failed} next commands failed,"
        f" {len(bad)} faults with anything wrong,"
        f" {time.monotonic() - start:.0f} s"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

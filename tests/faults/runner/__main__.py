"""The runner's faults: ends, killed processes, lost lines, slow stops.

``python -m tests.faults.runner [ends|kills|servers|lines|stops [rounds]]``; all of
them, as often as the issue asks, by default.
"""

from __future__ import annotations

import collections
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.faults.runner import kills, lines, servers, stops
from tests.faults.runner.cases import (
    CASES,
    GENEROUS,
    TIGHT,
    TIGHT_IN_ALL,
    TIGHT_START,
    Case,
    survivors,
    write_cases,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_JOBS = 6
#: The longest that a cell may run beyond its limit.
_OVERRUN_S = 12.0


def problems(case: Case, found: dict[str, Any]) -> list[str]:
    """Return what is wrong with how a notebook's end was told."""
    wrong = []
    if found["state"] != case.state:
        wrong.append(f"{found['state']} ({found['reason']}) for {case.state}")
    cells = tuple(c["state"] for c in found["cells"])
    if case.cells is not None and cells != case.cells:
        wrong.append(f"cells {cells} for {case.cells}")
    if case.reason not in str(found["reason"]):
        wrong.append(f"reason {found['reason']!r} lacks {case.reason!r}")
    for cell in found["cells"]:
        seconds = cell["duration_s"] or 0.0
        if seconds > case.limits[0] + _OVERRUN_S:
            wrong.append(f"cell {cell['index']} ran {seconds:.1f} s")
    return wrong


def run_cases(
    scratch: Path, cases: Sequence[Case], *, warm: bool, jobs: int = _JOBS
) -> tuple[dict[str, Any], list[str]]:
    """Run cases: those that run into a limit with tight ones, others without.

    Returns
    -------
    tuple
        What was told, by the case's name, and the processes that survived.
    """
    found: dict[str, Any] = {}
    left: list[str] = []
    for limits in (TIGHT, TIGHT_IN_ALL, TIGHT_START, GENEROUS):
        chosen = [case for case in cases if case.limits == limits]
        if not chosen:
            continue
        folder = scratch / "cases-{:g}-{:g}-{:g}".format(*limits)
        write_cases(folder, scratch / "jupyter", chosen)
        mark = uuid.uuid4().hex
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "tests.faults.runner.drive",
                str(folder),
                str(scratch / "data"),
                str(jobs),
                "warm" if warm else "cold",
                *map(str, limits),
            ],
            env={
                **os.environ,
                "JUPYTER_PATH": str(scratch / "jupyter"),
                "RSP_HEALTH_FAULTS": mark,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        for notebook in json.loads(done.stdout)["notebooks"]:
            found[notebook["path"].removesuffix(".ipynb")] = notebook
        left += survivors(f"RSP_HEALTH_FAULTS={mark}")
    return found, left


def one_round(scratch: Path, warm: bool) -> list[str]:
    """Run all cases once; return what was wrong."""
    try:
        found, left = run_cases(scratch, CASES, warm=warm)
    except RuntimeError as exc:
        return [f"the supervisor failed: {exc}"]
    wrong = [
        f"{case.name}: {problem}"
        for case in CASES
        for problem in problems(case, found[case.name])
    ]
    return wrong + [f"survives: {line}" for line in left]


def ends(scratch: Path, rounds: int) -> int:
    """Run all cases again and again; return how many ends were wrong."""
    counted: collections.Counter[str] = collections.Counter()
    for number in range(1, rounds + 1):
        began = time.monotonic()
        wrong = one_round(scratch, warm=number % 5 != 0)
        counted.update(wrong)
        seconds = time.monotonic() - began
        print(f"    round {number}: {len(wrong)} wrong, {seconds:.0f} s")
        for line in wrong:
            print(f"      {line}", flush=True)
    total = sum(counted.values())
    print(f"  {rounds * len(CASES)} ends, {total} wrong", flush=True)
    return total


def main(argv: list[str]) -> int:
    """Run the parts, or the one named; return 1 if anything was wrong."""
    parts: dict[str, tuple[Callable[[Path, int], int], int]] = {
        "ends": (ends, 25),
        "kills": (kills.main, 200),
        "servers": (servers.main, 50),
        "lines": (lines.main, 20),
        "stops": (stops.main, 1000),
    }
    if argv:
        parts = {argv[0]: parts[argv[0]]}
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="rsp-faults-") as name:
        for part, rounds in parts.values():
            wrong += part(Path(name), int(argv[1]) if argv[1:] else rounds)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

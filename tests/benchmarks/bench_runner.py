"""The runner beside its peers, all in one run; read the ratios.

Whole processes, command line included. Suite E is 20 notebooks of 20
trivial cells.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["main"]

_PYTHON = sys.executable
_NBCLIENT = """
import sys, nbformat
from nbclient import NotebookClient
for path in sys.argv[1:]:
    book = nbformat.read(path, as_version=4)
    NotebookClient(book, timeout=600).execute()
    nbformat.write(book, path + ".out")
"""
#: A bare round trip: jupyter_client and nothing else, one cell after another.
_BARE = """
import sys, time
from jupyter_client.manager import start_new_kernel
km, kc = start_new_kernel()
def once(code):
    wanted = kc.execute(code)
    reply = idle = False
    while not (reply and idle):
        if not reply:
            m = kc.get_shell_msg(timeout=60)
            reply = m["parent_header"].get("msg_id") == wanted
        else:
            m = kc.get_iopub_msg(timeout=60)
            idle = (m["parent_header"].get("msg_id") == wanted
                and m["msg_type"] == "status"
                and m["content"]["execution_state"] == "idle")
for _ in range(50): once("x = 1")
began = time.perf_counter()
for n in range(500): once(f"x = {n}\\nx + 1")
print((time.perf_counter() - began) / 500)
kc.stop_channels(); km.shutdown_kernel(now=True)
"""


def book(cells: list[str]) -> str:
    """Return a notebook's text."""
    return json.dumps(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {
                "kernelspec": {
                    "name": "python3",
                    "display_name": "Python 3",
                    "language": "python",
                }
            },
            "cells": [
                {
                    "cell_type": "code",
                    "id": f"cell-{number}",
                    "metadata": {},
                    "source": source,
                    "outputs": [],
                    "execution_count": None,
                }
                for number, source in enumerate(cells)
            ],
        }
    )


@dataclass
class Contest:
    """One piece of work, and who does it; the first one is us."""

    title: str
    rivals: dict[str, Callable[[Path], list[str]]]
    files: dict[str, list[str]]


def _ours(*options: str) -> Callable[[Path], list[str]]:
    def build(folder: Path) -> list[str]:
        return [
            str(Path(_PYTHON).with_name("rsp-health")),
            "run",
            str(folder),
            "--data-dir",
            str(folder.parent / "data"),
            *options,
        ]

    return build


def _module(*words: str) -> Callable[[Path], list[str]]:
    def build(folder: Path) -> list[str]:
        paths = sorted(str(path) for path in folder.glob("*.ipynb"))
        return [_PYTHON, *words, *paths]

    return build


def _limit(jobs: int) -> Callable[[Path], list[str]]:
    """Return the same work without all that makes it a run."""
    return _module(str(Path(__file__).with_name("bare_kernels.py")), str(jobs))


def _has(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def contests() -> list[Contest]:
    """Return what is measured."""
    trivial = [f"x = {n}\nx + 1" for n in range(20)]
    suite = {f"nb{n:02}.ipynb": trivial for n in range(20)}
    nbmake = _module(
        "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbmake"
    )
    return [
        Contest(
            "one trivial notebook",
            {
                "rsp-health": _ours(),
                "jupyter execute": _module("-m", "jupyter", "execute"),
            },
            {"one.ipynb": ["1 + 1"]},
        ),
        Contest(
            "suite E, in turn",
            {
                "rsp-health": _ours(),
                "limit: bare forked kernels": _limit(1),
                "rsp-health --no-warm": _ours("--no-warm"),
                "nbclient, one process": _module("-c", _NBCLIENT),
            },
            suite,
        ),
        Contest(
            "suite E, two at once",
            {
                "rsp-health --jobs 2": _ours("--jobs", "2"),
                "limit: bare forked kernels": _limit(2),
                "rsp-health --jobs 2 --no-warm": _ours(
                    "--jobs", "2", "--no-warm"
                ),
                "pytest --nbmake -n 2": lambda folder: [
                    *nbmake(folder)[:6],
                    "-n",
                    "2",
                    *nbmake(folder)[6:],
                ],
            },
            suite,
        ),
        Contest(
            "20,000 flushed lines",
            {
                "rsp-health": _ours(),
                "nbclient, one process": _module("-c", _NBCLIENT),
            },
            {
                "lines.ipynb": [
                    "for n in range(20000): print(n, flush=True)",
                ]
            },
        ),
    ]


def measure(command: list[str], environment: dict[str, str]) -> float:
    """Return the seconds that a command takes."""
    began = time.perf_counter()
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{command[:4]}: {done.stderr[-2000:]}")
    return time.perf_counter() - began


def run_contest(contest: Contest, rounds: int) -> list[str]:
    """Measure all rivals in turn, round by round; return table rows."""
    times: dict[str, list[float]] = {name: [] for name in contest.rivals}
    with tempfile.TemporaryDirectory(prefix="rsp-bench-") as name:
        scratch = Path(name)
        folder = scratch / "notebooks"
        folder.mkdir()
        for file, cells in contest.files.items():
            (folder / file).write_text(book(cells))
        environment = {**os.environ, "HOME": str(scratch)}
        for _ in range(rounds):
            for rival, build in contest.rivals.items():
                times[rival].append(measure(build(folder), environment))
    medians = {rival: statistics.median(t) for rival, t in times.items()}
    ours = next(iter(medians.values()))
    return [
        f"  {rival:32} {medians[rival]:7.2f} s "
        f"[{min(times[rival]):.2f}-{max(times[rival]):.2f}]"
        f"  {medians[rival] / ours:6.2f} x"
        for rival in contest.rivals
    ]


def round_trip(rounds: int) -> list[str]:
    """Measure what a cell costs us beside a bare round trip."""
    ours: list[float] = []
    bare: list[float] = []
    with tempfile.TemporaryDirectory(prefix="rsp-bench-") as name:
        folder = Path(name, "notebooks")
        folder.mkdir()
        cells = [f"x = {n}\nx + 1" for n in range(500)]
        (folder / "cells.ipynb").write_text(book(cells))
        environment = {**os.environ, "HOME": name}
        for _ in range(rounds):
            done = subprocess.run(
                [_PYTHON, "-c", _BARE],
                env=environment,
                capture_output=True,
                text=True,
                check=True,
            )
            bare.append(float(done.stdout))
            done = subprocess.run(
                [*_ours("--json")(folder)],
                env=environment,
                capture_output=True,
                text=True,
                check=True,
            )
            ours.append(_between_cells(json.loads(done.stdout)))
    one, other = statistics.median(ours), statistics.median(bare)
    return [
        f"  rsp-health, a cell               {one * 1e3:7.2f} ms",
        (
            f"  bare jupyter_client              {other * 1e3:7.2f} ms"
            f"  (ours is {one / other:.2f} times that)"
        ),
    ]


def _between_cells(document: dict[str, Any]) -> float:
    from datetime import datetime

    cells = document["notebooks"][0]["cells"]
    first, last = (
        datetime.fromisoformat(cells[n]["started_at"]) for n in (50, -1)
    )
    return (last - first).total_seconds() / (len(cells) - 51)


def main(argv: list[str]) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="bench_runner")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="")
    options = parser.parse_args(argv)
    for contest in contests():
        if options.only not in contest.title:
            continue
        print(f"{contest.title} (median of {options.rounds})", flush=True)
        for row in run_contest(contest, options.rounds):
            print(row, flush=True)
    if options.only in "round trip":
        print("one cell", flush=True)
        for row in round_trip(options.rounds):
            print(row, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

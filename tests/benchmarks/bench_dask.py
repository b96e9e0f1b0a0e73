"""A Dask cluster of this machine beside local kernels; read the ratios.

The first part is suite E on two workers and as two local jobs, whole
processes in turn. The second part is 200 notebooks that wait, on eight
workers and on one: ``python -m tests.benchmarks.bench_dask --many 2``.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.bench_runner import book, measure

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["main"]

#: A scheduler and its workers; ends with its input.
_CLUSTER = """
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(
        n_workers=int(sys.argv[1]), threads_per_worker=1,
        dashboard_address=None, host="127.0.0.1",
    ) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""
_TIMES_LOCAL = 1.3
_MORE_S = 2.0
_TIMES_ONE = 7.0


def main(argv: list[str] | None = None) -> int:
    """Measure; return 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--many",
        type=float,
        metavar="SECONDS",
        help="only 200 notebooks that wait so long",
    )
    options = parser.parse_args(argv)
    # As pip leaves it: not each process compiles what it imports.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory(prefix="rsp-bench-") as name:
        scratch = Path(name)
        if options.many:
            return _many(scratch, options.many)
        return _suite(scratch, options.rounds)


def _suite(scratch: Path, rounds: int) -> int:
    cells = [f"x = {n}\nx + 1" for n in range(20)]
    folder = _write(scratch, 20, cells)
    local: list[float] = []
    dask: list[float] = []
    with _cluster(2, scratch) as address:
        # The first round does not count: it keeps the bytecode.
        for _ in range(rounds + 1):
            local.append(_run(folder, 2))
            dask.append(_run(folder, 2, address))
    del local[0], dask[0]
    one, other = statistics.median(local), statistics.median(dask)
    limit = _TIMES_LOCAL * one + _MORE_S
    print(f"  suite E, two local jobs          {one:7.2f} s  {_range(local)}")
    print(
        f"  suite E, two Dask workers        {other:7.2f} s  {_range(dask)}"
        f"  limit {limit:.2f} s{'' if other <= limit else ': MISSED'}"
    )
    return other > limit


def _many(scratch: Path, seconds: float) -> int:
    folder = _write(scratch, 200, [f"import time; time.sleep({seconds:g})"])
    took = {}
    for workers in (8, 1):
        with _cluster(workers, scratch) as address:
            took[workers] = _run(folder, workers, address)
    times = took[1] / took[8]
    print(
        f"  200 notebooks, 8 workers {took[8]:.1f} s, one {took[1]:.1f} s: "
        f"{times:.2f} times as fast, at least {_TIMES_ONE:g}"
        f"{'' if times >= _TIMES_ONE else ': MISSED'}"
    )
    return times < _TIMES_ONE


def _range(times: list[float]) -> str:
    return f"[{min(times):.2f}-{max(times):.2f}]"


def _write(scratch: Path, number: int, cells: list[str]) -> Path:
    folder = scratch / "notebooks"
    folder.mkdir()
    for n in range(number):
        (folder / f"nb{n:03}.ipynb").write_text(book(cells))
    return folder


def _run(folder: Path, jobs: int, address: str | None = None) -> float:
    words = [
        str(Path(sys.executable).with_name("rsp-health")),
        "run",
        str(folder),
        "--data-dir",
        str(folder.parent / "data"),
        "--jobs",
        str(jobs),
    ]
    if address is not None:
        words += ["--backend", "dask", "--scheduler", address]
    return measure(words, {**os.environ, "HOME": str(folder.parent)})


@contextlib.contextmanager
def _cluster(workers: int, scratch: Path) -> Iterator[str]:
    script = scratch / "cluster.py"
    script.write_text(_CLUSTER)
    process = subprocess.Popen(
        [sys.executable, script, str(workers)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "HOME": str(scratch)},
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.communicate()


if __name__ == "__main__":
    sys.exit(main())

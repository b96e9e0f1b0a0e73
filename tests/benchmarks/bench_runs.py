"""What runs cost those around them: memory, the history, the event loop.

The supervisor's own memory, also while a notebook prints without end; the
list of ten thousand runs; how late a server's event loop is while three runs,
a flood of output and a stop are under way, beside an idle loop.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rsp_health.runner.record.run_folder import RunFolder
from tests.benchmarks.bench_runner import book
from tests.benchmarks.bench_server import IDLE_LOOP, print_lateness
from tests.support.servers import ServerProcess

__all__ = ["main"]

_LIST = """
import sys, time
from pathlib import Path
from rsp_health.runner.record.history import History
history = History(Path(sys.argv[1]))
for _ in range(3):
    began = time.perf_counter()
    found = len(list(history.summaries()))
    print(found, time.perf_counter() - began)
"""

_ENDLESS = "while True: print('flood ' * 20)"


def _memory(name: str, cells: list[str], *options: str) -> None:
    """Print the most memory that a run's supervisor had."""
    with tempfile.TemporaryDirectory(prefix="rsp-bench-") as scratch:
        path = Path(scratch, "n.ipynb")
        path.write_text(book(cells))
        process = subprocess.Popen(
            [
                str(Path(sys.executable).with_name("rsp-health")),
                "run",
                str(path),
                "--data-dir",
                str(Path(scratch, "data")),
                *options,
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        peak = 0
        while process.poll() is None:
            peak = max(peak, _high_water(process.pid))
            time.sleep(0.02)
    print(f"  {name:38} {peak / 1024:6.1f} MiB   (limit 80)", flush=True)


def _high_water(pid: int) -> int:
    """Return the peak resident memory of a process so far, in KiB."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0


def _history(runs: int, cells: int) -> None:
    """Print how long the list of many runs takes, read from disk and again."""
    with tempfile.TemporaryDirectory(prefix="rsp-bench-") as scratch:
        data = Path(scratch)
        _write_runs(data, runs, cells)
        (data / "runs" / ".ledger.jsonl").unlink()
        for title in ("from their folders", "from the index"):
            done = subprocess.run(
                [sys.executable, "-c", _LIST, scratch],
                capture_output=True,
                text=True,
                check=True,
            )
            times = [
                float(line.split()[1]) * 1e3
                for line in done.stdout.splitlines()
            ]
            print(
                f"  {runs} runs x {cells} cells, {title}: "
                f"{times[0]:.0f} ms, again {times[-1]:.0f} ms  (limit 200)",
                flush=True,
            )


def _write_runs(data: Path, runs: int, cells: int) -> None:
    """Write the history that so many runs would have left."""
    from rsp_health.runner.record.run_document import read_document

    lines: list[dict[str, Any]] = [
        {
            "kind": "run_started",
            "at": "2026-11-20T21:33:41.000Z",
            "run_id": "",
            "mode": "jupyter",
            "folder": "/home/user/notebooks",
            "notebooks": [
                {
                    "path": "tap.ipynb",
                    "application": "tap",
                    "selected": True,
                    "cells": [
                        {
                            "index": n,
                            "id": f"cell-{n}",
                            "source": f"x = {n}",
                            "source_sha256": "0" * 64,
                        }
                        for n in range(1, cells + 1)
                    ],
                }
            ],
        },
        {
            "kind": "run_finished",
            "at": "2026-11-20T21:33:51.000Z",
            "state": "passed",
            "duration_s": 10.0,
        },
    ]
    for number in range(runs):
        hour, second = divmod(number, 3600)
        run_id = (
            f"20261120T{hour:02}{second // 60:02}{second % 60:02}Z-"
            f"{number:04x}"
        )
        lines[0]["run_id"] = run_id
        folder = RunFolder.create(data, run_id)
        folder.record.write_text("".join(f"{json.dumps(x)}\n" for x in lines))
        document = read_document(folder.record)
        if document is None:
            raise RuntimeError("the record cannot be read")
        folder.write_summary(document)


async def _loop(seconds: float) -> None:
    """Print how late a server's loop is with three runs, a flood, a stop."""
    with tempfile.TemporaryDirectory(prefix="rsp-bench-") as scratch:
        server = ServerProcess(
            Path(scratch), module="tests.benchmarks.loaded_server"
        )
        server.root.mkdir(parents=True)
        notebooks = {
            "flood": [_ENDLESS],
            "busy": ["sum(range(10**12))"],
            "quick": [f"x = {n}\nx" for n in range(2000)],
        }
        for name, cells in notebooks.items():
            (server.root / f"{name}.ipynb").write_text(book(cells))
        idle = await asyncio.to_thread(
            subprocess.Popen,
            [sys.executable, "-c", IDLE_LOOP],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        await server.start()
        try:
            await server.call("GET", "bench/lateness?start=1")
            await server.call("GET", "rsp-health/runs")
            await server.call("GET", "bench/lateness")
            ended = await _runs(server, list(notebooks), seconds)
            _, loaded = await server.call("GET", "bench/lateness")
            quiet, _ = await asyncio.to_thread(idle.communicate)
        finally:
            await asyncio.to_thread(server.stop)
    print(f"  3 runs, a flood of output, stops; ended {', '.join(ended)}")
    print_lateness("event loop", loaded["all"])
    print_lateness("  of it our own work", loaded["own"])
    print_lateness("an idle loop beside it", json.loads(quiet)["all"])
    print("  (limits of the loop: p99.9 50 ms, max 250 ms)")


async def _runs(
    server: ServerProcess, names: list[str], seconds: float
) -> list[str]:
    """Start runs, stop each after a while, and return how they ended."""
    runs = []
    for name in names:
        body = {"paths": [f"{name}.ipynb"]}
        status, run = await server.call("POST", "rsp-health/runs", body)
        if status != 201:
            raise RuntimeError(run)
        runs.append(run["run_id"])
        await asyncio.sleep(1)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for run_id in runs:
            await server.call("GET", f"rsp-health/runs/{run_id}")
        await asyncio.sleep(0.5)
    for run_id in runs:
        await server.call("POST", f"rsp-health/runs/{run_id}/stop")
    states: dict[str, str] = {}
    while len(states) < len(runs):
        await asyncio.sleep(0.2)
        for run_id in runs:
            _, run = await server.call("GET", f"rsp-health/runs/{run_id}")
            if run["finished_at"]:
                states[run_id] = run["state"]
    return sorted(states.values())


def main(argv: list[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench_runs")
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args(argv)
    trivial = [f"x = {n}\nx + 1" for n in range(200)]
    _memory("supervisor, 200 trivial cells", trivial)
    _memory(
        "supervisor, an endless print",
        [_ENDLESS],
        "--cell-timeout",
        "15",
    )
    _history(options.runs, 20)
    asyncio.run(_loop(options.seconds))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

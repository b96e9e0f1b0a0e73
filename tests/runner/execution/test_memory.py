"""Peaks of memory, also of what died."""

from __future__ import annotations

import subprocess
import sys
import threading

from rsp_health.runner.execution.memory import MemoryMeter

#: Takes 200 MB when told to, and then waits to be killed.
_TAKES = """
import sys
sys.stdin.readline()
taken = bytearray(b"x") * 200_000_000
print("taken", flush=True)
sys.stdin.readline()
"""


def test_the_peak_of_what_died_is_what_was_seen_last() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _TAKES],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    meter = MemoryMeter(interval_s=0.02)
    meter.start(process.pid)
    print("now", file=process.stdin, flush=True)
    assert process.stdout.readline() == "taken\n"
    pause = threading.Event()
    while meter.seen(process.pid) < 200_000_000:
        pause.wait(0.02)
    process.kill()
    process.communicate()
    peak = meter.finish(process.pid)
    assert peak is not None
    assert 200_000_000 <= peak < 400_000_000
    # Of the next cell, nothing is known.
    meter.start(process.pid)
    assert meter.finish(process.pid) is None
    meter.close()

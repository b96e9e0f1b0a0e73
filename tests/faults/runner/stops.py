"""Kernels are ended quickly: a thousand times, none over a second."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from rsp_health.runner.kernels.factory import KernelFactory
from rsp_health.runner.kernels.spec import find_kernelspec

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["main"]

#: The most that a stop may take: what the notebook's clean-up may have,
#: and the kill.
_LIMIT_S = 1.0
_CLEANUP_S = 0.8


def main(scratch: Path, rounds: int) -> int:
    """Start and end kernels; return how many ends took too long."""
    reader, writer = os.pipe()
    times = []
    for warm, count in ((True, rounds - rounds // 10), (False, rounds // 10)):
        factory = KernelFactory(environment=os.environ, warm=warm)
        spec = find_kernelspec("python3")
        for number in range(count):
            kernel = factory.start(spec, folder=scratch)
            kernel.wait_until_ready(timeout_s=60, wake=reader)
            began = time.monotonic()
            kernel.end(grace_s=_CLEANUP_S if number % 2 else 0.0)
            times.append(time.monotonic() - began)
        factory.close()
    os.close(reader)
    os.close(writer)
    slow = [seconds for seconds in times if seconds > _LIMIT_S]
    times.sort()
    print(
        f"  {len(times)} kernels stopped: median {times[len(times) // 2]:.3f} "
        f"s, slowest {times[-1]:.3f} s, {len(slow)} over {_LIMIT_S:g} s"
    )
    return len(slow)

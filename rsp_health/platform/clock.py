"""The clock by which evidence grows old."""

from __future__ import annotations

import time

__all__ = ["seconds"]

# `time.monotonic` stands still while a computer sleeps, on Linux as on macOS
# (where CLOCK_MONOTONIC is the one that goes on). What was seen before the
# night would then look a minute old in the morning.
_CLOCK: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def seconds() -> float:
    """Return seconds that nobody sets, and that go on during sleep."""
    return time.clock_gettime(_CLOCK)

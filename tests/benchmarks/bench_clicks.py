"""Measure how long a click waits for the first honest change.

In a real JupyterLab on the sandbox, in Chromium: run, stop, check out, probe,
strip, open, restore. ``RSP_HEALTH_CLICKS`` says how often each is clicked
(10; 50 for figures that count). Run it beside what else the machine does:
that is how people click.
"""

from __future__ import annotations

import json
import re
import statistics
import sys

from tests.benchmarks.browser import measure_in_browser

__all__ = ["main"]

_MEDIAN_MS = 100
_WORST_MS = 250
#: A share of the view that moves by a share of its height; a good page has
#: less than a tenth.
_SHIFT = 0.1


def main(argv: list[str]) -> int:
    """Print a line for each kind of click; return 1 if one is too slow."""
    del argv
    done = measure_in_browser("clicks")
    if done is None:
        print("clicks: not measured, there is no Chromium")
        return 1
    found = re.findall(r"^click (.+?) (\[.*\])$", done.stdout, re.MULTILINE)
    good = bool(found) and not done.returncode
    for name, text in found:
        clicks: list[tuple[float, float]] = json.loads(text)
        times = [ms for ms, _ in clicks]
        shift = max(shift for _, shift in clicks)
        median, worst = statistics.median(times), max(times)
        print(
            f"{name:10} {median:5.0f} ms (median of {len(times)}; at most "
            f"{_MEDIAN_MS}), {worst:5.0f} ms at worst (at most {_WORST_MS}), "
            f"moved {shift:.3f}"
        )
        good = good and (
            median <= _MEDIAN_MS and worst <= _WORST_MS and shift <= _SHIFT
        )
    if done.returncode:
        print(done.stdout[-2000:])
        print("  (the measurement ended early)")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

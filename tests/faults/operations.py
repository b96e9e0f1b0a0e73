"""``python -m tests.faults.operations [--operations N] [--seed S]``.

Does random things (run, stop, check out, restore, change what the platform
suffers from, probe, reload, open) in two tabs of a real JupyterLab, and asks
after each what both tabs show: at most three notices, none that is untrue for
longer than a moment, and nothing that turns without an operation. What is done
and how it is judged: ``ui-tests/tests/operations.measure.ts``.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from typing import Any

from tests.benchmarks.browser import measure_in_browser

__all__ = ["main"]


def main(argv: list[str]) -> int:
    """Print the counts; return 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.operations")
    parser.add_argument("--operations", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    os.environ["RSP_HEALTH_OPERATIONS"] = str(options.operations)
    os.environ["RSP_HEALTH_SEED"] = str(options.seed)
    start = time.monotonic()
    done = measure_in_browser("operations")
    if done is None:
        print("  not tried, there is no Chromium")
        return 1
    found = re.search(r"^operations (\{.*\})$", done.stdout, re.MULTILINE)
    if found is None:
        print(done.stdout[-4000:])
        print("  (it ended early)")
        return 1
    told: dict[str, Any] = json.loads(found[1])
    for fault in told["faults"][:20]:
        print(f"  {fault}")
    for name in ("done", "kinds"):
        counts = sorted(told[name].items(), key=lambda one: -one[1])
        print("  " + ", ".join(f"{count} {what}" for what, count in counts))
    print("  (in brackets: there was nothing to do it with)")
    print(
        f"  {told['count']} operations in two tabs, at most {told['most']} "
        f"notices in view; {len(told['faults'])} times something was wrong "
        "for more than 15 s, and what stood less long was right after "
        f"{told['longest']} ms at most; {time.monotonic() - start:.0f} s"
    )
    return 1 if told["faults"] or done.returncode else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

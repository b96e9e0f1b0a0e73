"""``make bench``: measure us beside our peers, in one run.

Each benchmark is a module ``bench_<name>`` beside this one with a
``main(argv)`` that prints its table. Read the ratios: the seconds are this
machine's.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys

import tests.benchmarks


def main() -> int:
    """Run the benchmarks named on the command line, or all."""
    found = sorted(
        module.name.removeprefix("bench_")
        for module in pkgutil.iter_modules(tests.benchmarks.__path__)
        if module.name.startswith("bench_")
    )
    worst = 0
    for name in sys.argv[1:] or found:
        print(f"== bench: {name}", flush=True)
        module = importlib.import_module(f"tests.benchmarks.bench_{name}")
        worst = max(worst, module.main([]) or 0)
    return worst


if __name__ == "__main__":
    sys.exit(main())

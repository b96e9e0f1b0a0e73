"""``make bench``: measure us beside our peers, in one run.

Each benchmark is a module ``bench_<name>`` beside this one with a
``main(argv)`` that prints its table. Read the ratios: the seconds are this
machine's.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from functools import partial

import tests.benchmarks
from tests.benchmarks.measuring import measure


def main() -> int:
    """Run the benchmarks named on the command line, or all."""
    found = sorted(
        module.name.removeprefix("bench_")
        for module in pkgutil.iter_modules(tests.benchmarks.__path__)
        if module.name.startswith("bench_")
    )
    return measure(
        {name: partial(_bench, name) for name in sys.argv[1:] or found}
    )


def _bench(name: str) -> bool:
    print(f"== bench: {name}", flush=True)
    module = importlib.import_module(f"tests.benchmarks.bench_{name}")
    return not module.main([])


if __name__ == "__main__":
    sys.exit(main())

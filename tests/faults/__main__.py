"""``make faults``: run every fault suite, one after another, and count.

Each suite is a module or package beside this one with a ``main(argv)`` that
prints its counts and returns 0 when nothing was lost or wrong.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import time

import tests.faults


def main() -> int:
    """Run the suites named on the command line, or all."""
    found = sorted(
        module.name
        for module in pkgutil.iter_modules(tests.faults.__path__)
        if not module.name.startswith("_")
    )
    wanted = sys.argv[1:] or found
    failed = []
    for name in wanted:
        print(f"== faults: {name}", flush=True)
        start = time.monotonic()
        try:
            module = importlib.import_module(f"tests.faults.{name}.__main__")
        except ModuleNotFoundError:
            module = importlib.import_module(f"tests.faults.{name}")
        code = module.main([])
        word = "FAIL" if code else "PASS"
        seconds = time.monotonic() - start
        print(f"  {word}  {name}  {seconds:.0f} s", flush=True)
        if code:
            failed.append(name)
    print(f"{len(wanted) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

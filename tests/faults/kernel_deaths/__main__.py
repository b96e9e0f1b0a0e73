"""Kernels that die: ``python -m tests.faults.kernel_deaths``.

``--notebooks 200``: kernels of ordinary notebooks in a real server, with what
a browser is told, and how soon. ``--light 200``: light kernels, one after
another, which costs less.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.faults.kernel_deaths.light import light_deaths
from tests.faults.kernel_deaths.notebooks import notebook_deaths

__all__ = ["main"]


def main(argv: list[str]) -> int:
    """Run, and return 0 if each cause was told rightly and in time."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--notebooks", type=int, default=200)
    parser.add_argument("--light", type=int, default=200)
    options = parser.parse_args(argv)
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        if options.light:
            wrong += asyncio.run(light_deaths(Path(folder), options.light))
    with tempfile.TemporaryDirectory() as folder:
        if options.notebooks:
            wrong += notebook_deaths(Path(folder), options.notebooks)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

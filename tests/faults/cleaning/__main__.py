"""``python -m tests.faults.cleaning``: crash at every system call.

Of a clean, and of a save with strip on save. Every call of the process is
once the last one it makes (SIGKILL), and once fails as a full disk, a used-up
quota or a broken one would let it. After each fault every notebook must be the
old or the new one, byte by byte, and a second try must succeed. The same for
nb-clean, and for a disk that is really full. ``--quick`` takes only the calls
of the last write; ``--examples N`` adds the random notebooks (10,000 in
``make faults``).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from .cleans import CleanFaults
from .injection import ERRORS, ROOT
from .saves import SaveFaults

__all__ = ["main"]

_WRITING = {
    *("openat", "write", "fchmod", "fsync", "close", "unlink"),
    *("rename", "renameat2"),
}


def of_the_write(calls: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return the calls from the temporary file to what follows the flush."""
    fsyncs = [i for i, (name, _) in enumerate(calls) if name == "fsync"]
    last = calls[fsyncs[-2] - 12 : fsyncs[-1] + 4]
    return [call for call in last if call[0] in _WRITING]


def main(argv: list[str]) -> int:
    """Run the faults; return 1 if anything was lost or wrong."""
    parser = argparse.ArgumentParser(prog="tests.faults.cleaning")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--examples", type=int, default=10_000)
    options = parser.parse_args(argv)
    bad = 0
    for faults in (_of_a_clean, _of_a_save):
        with tempfile.TemporaryDirectory(prefix="faults-cleaning-") as name:
            bad += faults(Path(name), quick=options.quick)
    if options.quick or not options.examples:
        return 1 if bad else 0
    print(f"  {options.examples} random notebooks:", flush=True)
    tests = "tests/cleaning/splice/test_random_notebooks.py"
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", tests],
        cwd=ROOT,
        env={**os.environ, "RSP_HEALTH_EXAMPLES": str(options.examples)},
        check=False,
    )
    return 1 if bad or result.returncode else 0


def _of_a_clean(scratch: Path, *, quick: bool) -> int:
    faults = CleanFaults(scratch)
    few = {name: ways[:1] for name, ways in ERRORS.items()}
    ours = _inject(faults, quick=quick, errors=few if quick else ERRORS)
    theirs = [] if quick else faults.engine_calls()
    for call, number in theirs:
        if call not in ("execve", "exit_group"):
            for what in ("KILL", *ERRORS.get(call, ())):
                faults.fault_of_engine(call, number, what)
    where = f"of a clean: {ours} calls of ours, {len(theirs)} of nb-clean"
    return _tell(faults, where)


def _of_a_save(scratch: Path, *, quick: bool) -> int:
    faults = SaveFaults(scratch)
    # A second or two each, for Jupyter's server must be imported.
    if quick:
        calls = [c for c in of_the_write(faults.calls()) if c[0] == "fsync"]
        for call, number in calls:
            faults.fault(call, number, "KILL")
        return _tell(faults, f"of strip on save: {len(calls)} calls of a save")
    ours = _inject(faults, quick=False, errors=ERRORS)
    return _tell(faults, f"of strip on save: {ours} calls of a save")


def _inject(
    faults: CleanFaults | SaveFaults,
    *,
    quick: bool,
    errors: dict[str, tuple[str, ...]],
) -> int:
    """Fault every call; return how many there are."""
    calls = faults.calls()
    if quick:
        calls = of_the_write(calls)
    for call, number in calls:
        for what in ("KILL", *errors.get(call, ())):
            faults.fault(call, number, what)
    return len(calls)


def _tell(faults: CleanFaults | SaveFaults, where: str) -> int:
    """Print what came of the faults; return how many were bad."""
    if not faults.full_disk():
        print("  a full disk could not be made here (needs unshare)")
    total = sum(faults.counts.values())
    kinds = ", ".join(f"{n} {what}" for what, n in faults.counts.items())
    print(f"  {where}")
    print(f"  {total} faults ({kinds})")
    for line in faults.bad:
        print(f"  BAD {line}")
    print(f"  notebooks lost, cut off or wrong: {len(faults.bad)}", flush=True)
    return len(faults.bad)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""``python -m tests.faults.cleaning``: crash a clean at every system call.

Every call of the process is once the last one it makes (SIGKILL), and once
fails as a full disk, a used-up quota or a broken one would let it. After each
fault every notebook must be the old or the new one, byte by byte, and a
second clean must succeed. The same for nb-clean, and for a disk that is really
full. ``--quick`` takes only the calls of the last write; ``--examples N``
adds the random notebooks (10,000 in ``make faults``).
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from rsp_health.cleaning.core import Cleaner
from tests.cleaning.notebooks import CLEAN, DIRTY, canonical

from .driver import MARKER

__all__ = ["Faults", "main"]

ROOT = Path(__file__).parents[3]
DRIVER = Path(__file__).with_name("driver.py")
NB_CLEAN = Path(sys.executable).parent / "nb-clean"
OLD, NEW = canonical(DIRTY), canonical(CLEAN)
MODE = 0o640

#: What may really go wrong with each call.
ERRORS = {
    "close": ("EIO", "EDQUOT"),
    "fchmod": ("EPERM",),
    "fchown": ("EPERM",),
    "fsync": ("ENOSPC", "EDQUOT", "EIO"),
    "mkdir": ("ENOSPC", "EACCES"),
    "openat": ("ENOSPC", "EACCES", "EIO", "EMFILE"),
    "pipe2": ("EMFILE",),
    "read": ("EIO",),
    "rename": ("ENOSPC", "EIO", "EACCES"),
    "unlink": ("EIO", "EACCES"),
    "unlinkat": ("EIO", "EACCES"),
    "write": ("ENOSPC", "EDQUOT", "EIO"),
}

_LINE = re.compile(r"^(\d+) +(\w+)\((.*)$")


@dataclass
class Faults:
    """Runs faults and counts what they left.

    Parameters
    ----------
    scratch
        A folder to work in.
    """

    scratch: Path
    counts: Counter[str] = field(default_factory=Counter)
    bad: list[str] = field(default_factory=list)

    def calls(self) -> list[tuple[str, int]]:
        """Return every system call of a clean, and its number by name."""
        log = self.scratch / "trace"
        self._prepare()
        self._run("strace", "-f", "-qq", "-o", str(log))
        numbers: Counter[str] = Counter()
        found = []
        started = False
        main = ""
        for line in log.read_text(errors="replace").splitlines():
            match = _LINE.match(line)
            if match is None:
                continue
            pid, name, rest = match.groups()
            main = main or pid
            if pid != main:
                continue
            numbers[name] += 1
            if started:
                found.append((name, numbers[name]))
            started = started or MARKER in rest
        if len(found) < 50:
            raise RuntimeError("strace saw no clean")
        return found

    def fault(self, name: str, number: int, what: str) -> None:
        """Let one call kill the process, or fail."""
        self._prepare()
        action = "signal=KILL" if what == "KILL" else f"error={what}"
        result = self._run(
            "strace",
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            f"trace={name}",
            "-e",
            f"inject={name}:{action}:when={number}",
        )
        self._judge(f"{name} #{number} {what}", what, result)

    def fault_of_engine(self, name: str, number: int, what: str) -> None:
        """Let one call of nb-clean kill it, or fail."""
        self._prepare()
        action = "signal=KILL" if what == "KILL" else f"error={what}"
        wrapper = self.scratch / "nb-clean"
        wrapper.write_text(
            f"#!/bin/sh\nexec strace -qq -o /dev/null -e trace={name} "
            f'-e inject={name}:{action}:when={number} {NB_CLEAN} "$@"\n'
        )
        wrapper.chmod(0o755)
        result = self._run(program=wrapper)
        self._judge(f"nb-clean: {name} #{number} {what}", what, result)

    def engine_calls(self) -> list[tuple[str, int]]:
        """Return every system call of nb-clean for one such clean."""
        log = self.scratch / "trace"
        self._prepare()
        subprocess.run(
            ["strace", "-qq", "-o", log, NB_CLEAN, "clean", "-m", "a.ipynb"],
            cwd=self.folder,
            check=True,
        )
        numbers: Counter[str] = Counter()
        found = []
        for line in log.read_text(errors="replace").splitlines():
            name = line.partition("(")[0]
            if name.isidentifier():
                numbers[name] += 1
                found.append((name, numbers[name]))
        return found

    def full_disk(self) -> bool:
        """Clean on a disk that is really full; tell whether one could be."""
        disk = self.scratch / "disk"
        shutil.rmtree(disk, ignore_errors=True)
        disk.mkdir()
        # Sources large enough that the clean copy does not fit beside.
        large = {**DIRTY["cells"][0], "source": "x" * 40_000}
        old = canonical({**DIRTY, "cells": [large]})
        (self.scratch / "large.ipynb").write_bytes(old)
        script = (
            'mount -t tmpfs -o size=64k tmpfs "$1" || exit 99; '
            'for n in a b c; do cp "$2" "$1/$n.ipynb" 2>/dev/null || '
            'rm -f "$1/$n.ipynb"; done; '
            '"$3" "$4" "$1"; cmp "$1/a.ipynb" "$2" && ls -A "$1"'
        )
        result = subprocess.run(
            [
                "unshare",
                "--map-root-user",
                "--mount",
                "sh",
                "-c",
                script,
                "sh",
                disk,
                self.scratch / "large.ipynb",
                sys.executable,
                DRIVER,
            ],
            cwd=ROOT,
            env=_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode == 99 or "unshare" in result.stderr:
            return False
        self.counts["full disk"] += 1
        lines = result.stdout.splitlines()
        said = "a.ipynb error cannot be written: no space left on device"
        good = result.returncode == 0 and lines[-1] == "a.ipynb"
        if not good or not any(line.startswith(said) for line in lines):
            self.bad.append(f"full disk: {result.stdout}{result.stderr}")
        return True

    @property
    def folder(self) -> Path:
        """Where the notebooks are."""
        return self.scratch / "notebooks"

    def _prepare(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        for name, data in {"a": OLD, "b": NEW, "c": OLD}.items():
            path = self.folder / f"{name}.ipynb"
            path.write_bytes(data)
            path.chmod(MODE)

    def _run(
        self, *prefix: str, program: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        extra = [] if program is None else [program]
        return subprocess.run(
            [*prefix, sys.executable, DRIVER, self.folder, *extra],
            cwd=ROOT,
            env=_environment(),
            capture_output=True,
            text=True,
            check=False,
        )

    def _judge(
        self,
        case: str,
        what: str,
        result: subprocess.CompletedProcess[str],
    ) -> None:
        self.counts[what] += 1
        states = dict(
            line.split(" ", 2)[:2]
            for line in result.stdout.splitlines()
            if " " in line
        )
        for name in ("a", "b", "c"):
            path = self.folder / f"{name}.ipynb"
            found = path.read_bytes() if path.exists() else b"(missing)"
            if found not in (OLD, NEW):
                self.bad.append(f"{case}: {path.name} has {len(found)} bytes")
            elif path.stat().st_mode & 0o777 != MODE:
                self.bad.append(f"{case}: {path.name} has another mode")
            if states.get(path.name) == "cleaned" and found != NEW:
                self.bad.append(f"{case}: {path.name} is said to be clean")
        if "Traceback" in result.stderr:
            last = result.stderr.strip().rpartition("\n")[2]
            # A call that fails at the end of the process is Python's own.
            if "Exception ignored" not in result.stderr:
                self.bad.append(f"{case}: {last}")
        if {path.suffix for path in self.folder.iterdir()} - {
            ".ipynb",
            ".tmp",
        }:
            self.bad.append(f"{case}: other files are left")
        paths = sorted(self.folder.glob("*.ipynb"))
        again = list(Cleaner().run(paths, write=True))
        left = [path.read_bytes() for path in paths]
        if left != [NEW] * 3 or any(o.state == "error" for o in again):
            self.bad.append(f"{case}: a second clean failed: {again}")


def _environment() -> dict[str, str]:
    # The same calls in the same order, each time.
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(ROOT),
    }


def of_the_write(calls: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return the calls from the temporary file to the folder's flush."""
    fsyncs = [i for i, (name, _) in enumerate(calls) if name == "fsync"]
    wanted = {"openat", "write", "fchmod", "fsync", "close", "rename"}
    last = calls[fsyncs[-2] - 12 : fsyncs[-1] + 2]
    return [call for call in last if call[0] in wanted]


def main(argv: list[str]) -> int:
    """Run the faults; return 1 if anything was lost or wrong."""
    parser = argparse.ArgumentParser(prog="tests.faults.cleaning")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--examples", type=int, default=10_000)
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="faults-cleaning-") as name:
        bad = _faults(Faults(Path(name)), quick=options.quick)
    if options.quick or not options.examples:
        return 1 if bad else 0
    print(f"  {options.examples} random notebooks:", flush=True)
    tests = "tests/cleaning/test_random_notebooks.py"
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", tests],
        cwd=ROOT,
        env={**os.environ, "RSP_HEALTH_EXAMPLES": str(options.examples)},
        check=False,
    )
    return 1 if bad or result.returncode else 0


def _faults(faults: Faults, *, quick: bool) -> int:
    """Run them, print what came of them, and return how many were bad."""
    calls = faults.calls()
    if quick:
        calls = of_the_write(calls)
    for call, number in calls:
        for what in ("KILL", *ERRORS.get(call, ())):
            faults.fault(call, number, what)
    theirs = [] if quick else faults.engine_calls()
    for call, number in theirs:
        if call not in ("execve", "exit_group"):
            for what in ("KILL", *ERRORS.get(call, ())):
                faults.fault_of_engine(call, number, what)
    if not faults.full_disk():
        print("  a full disk could not be made here (needs unshare)")
    total = sum(faults.counts.values())
    kinds = ", ".join(f"{n} {what}" for what, n in faults.counts.items())
    print(f"  {total} faults ({kinds})")
    print(f"  on {len(calls)} calls of ours and {len(theirs)} of nb-clean")
    for line in faults.bad:
        print(f"  BAD {line}")
    print(f"  notebooks lost, cut off or wrong: {len(faults.bad)}")
    return len(faults.bad)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

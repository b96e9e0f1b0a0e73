"""Faults in a clean of three notebooks, ours and those of nb-clean."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

from rsp_health.cleaning.core import Cleaner
from tests.cleaning.notebooks import CLEAN, DIRTY, canonical

from .injection import ROOT, Faults, environment, python, unexpected

__all__ = ["CleanFaults"]

DRIVER = Path(__file__).with_name("clean_driver.py")
NB_CLEAN = Path(sys.executable).parent / "nb-clean"
OLD, NEW = canonical(DIRTY), canonical(CLEAN)
MODE = 0o640


class CleanFaults(Faults):
    """Every notebook must be the old or the new one, byte by byte.

    Of a new one the old content must be kept, for Undo.
    """

    def fault_of_engine(self, name: str, number: int, what: str) -> None:
        """Let one call of nb-clean kill it, or fail."""
        self.prepare()
        action = "signal=KILL" if what == "KILL" else f"error={what}"
        wrapper = self.scratch / "nb-clean"
        wrapper.write_text(
            f"#!/bin/sh\nexec strace -qq -o /dev/null -e trace={name} "
            f'-e inject={name}:{action}:when={number} {NB_CLEAN} "$@"\n'
        )
        wrapper.chmod(0o755)
        result = self.run(program=wrapper)
        self.counts[what] += 1
        self.judge(f"nb-clean: {name} #{number} {what}", result)

    def engine_calls(self) -> list[tuple[str, int]]:
        """Return every system call of nb-clean for one such clean."""
        log = self.scratch / "trace"
        self.prepare()
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
        # Sources large enough that the clean copy does not fit beside.
        large = {**DIRTY["cells"][0], "source": "x" * 40_000}
        old = self.scratch / "large.ipynb"
        old.write_bytes(canonical({**DIRTY, "cells": [large]}))
        result = self.on_full_disk(
            'for n in a b c; do cp "$2" "$1/$n.ipynb" 2>/dev/null || '
            'rm -f "$1/$n.ipynb"; done; '
            '"$3" "$4" "$1" "$5"; cmp "$1/a.ipynb" "$2" && ls -A "$1"',
            old,
            *python(DRIVER, self.undo),
        )
        if result is None:
            return False
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

    @property
    def undo(self) -> Path:
        """Where what is replaced is kept."""
        return self.scratch / "undo"

    def prepare(self) -> None:
        """Lay three notebooks out."""
        shutil.rmtree(self.undo, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        for name, data in {"a": OLD, "b": NEW, "c": OLD}.items():
            path = self.folder / f"{name}.ipynb"
            path.write_bytes(data)
            path.chmod(MODE)

    def run(
        self, *prefix: str, program: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Clean them."""
        extra = [] if program is None else [program]
        return subprocess.run(
            [*prefix, *python(DRIVER, self.folder, self.undo, *extra)],
            cwd=ROOT,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )

    def judge(
        self, case: str, result: subprocess.CompletedProcess[str]
    ) -> None:
        """Compare with the old and the new ones, and clean once more."""
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
        kept = [path.read_bytes() for path in self.undo.glob("*/[0-9]")]
        if kept.count(OLD) < self._replaced():
            self.bad.append(f"{case}: what was replaced is not kept")
        if last := unexpected(result.stderr):
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

    def _replaced(self) -> int:
        paths = [self.folder / f"{name}.ipynb" for name in ("a", "c")]
        return sum(p.exists() and p.read_bytes() == NEW for p in paths)

"""Faults in a save of a notebook in a folder that is stripped on save."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from pathlib import Path

from tests.cleaning.notebooks import CLEAN, DIRTY

from .injection import ROOT, Faults, environment, python, unexpected
from .save_driver import save

__all__ = ["SaveFaults"]

DRIVER = Path(__file__).with_name("save_driver.py")
MODE = 0o640

#: What the file held before; larger than what is written over it.
OLD = b'{"cells": [], "metadata": {"old": "' + b"x" * 20_000
OLD += b'"}, "nbformat": 4, "nbformat_minor": 5}\n'


class SaveFaults(Faults):
    """The file must be the old or the new one, and what is said be true."""

    def prepare(self) -> None:
        """Lay the old notebook out, and what will be saved over it."""
        for folder in (self.root, self.data):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        (self.root / "chosen").mkdir()
        self.file.write_bytes(OLD)
        self.file.chmod(MODE)
        (self.data / "content.json").write_text(json.dumps(DIRTY))

    @property
    def root(self) -> Path:
        """What Jupyter shows as ``/``."""
        return self.scratch / "root"

    @property
    def data(self) -> Path:
        """Our own files, and Jupyter's."""
        return self.scratch / "data"

    @property
    def file(self) -> Path:
        """The notebook."""
        return self.root / "chosen" / "a.ipynb"

    def run(
        self, *prefix: str, program: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Save it."""
        del program
        return subprocess.run(
            [*prefix, *python(DRIVER, self.root, self.data)],
            cwd=ROOT,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )

    def judge(
        self, case: str, result: subprocess.CompletedProcess[str]
    ) -> None:
        """Compare with the old and the new one, and save once more."""
        said = result.stdout.strip()
        found = self._found()
        if found not in ("old", "stripped", "whole"):
            self.bad.append(f"{case}: the notebook is {found}")
        elif self.file.stat().st_mode & 0o777 != MODE:
            self.bad.append(f"{case}: the notebook has another mode")
        true = {"saved": "stripped", "saved whole": "whole"}.get(said, found)
        if found != true:
            self.bad.append(f"{case}: it is said to be {said}, is {found}")
        if last := unexpected(result.stderr):
            self.bad.append(f"{case}: {last}")
        left = {
            path.name
            for path in self.file.parent.iterdir()
            if path.suffix != ".tmp"
        } - {"a.ipynb", "warm.ipynb", ".ipynb_checkpoints"}
        if left:
            self.bad.append(f"{case}: left are {left}")
        # Here, because a process of its own would take most of the time.
        again = asyncio.run(save(self.root, self.data, DIRTY))
        if (again, self._found()) != ("saved", "stripped"):
            self.bad.append(f"{case}: a second save {again}")

    def full_disk(self) -> bool:
        """Save on a disk that is really full; tell whether one could be."""
        self.prepare()
        result = self.on_full_disk(
            'mkdir "$1/chosen"; cp "$2" "$1/chosen/a.ipynb"; '
            'head -c 70000 /dev/zero > "$1/rest" 2>/dev/null; '
            '"$3" "$4" "$1" "$5"; cmp "$1/chosen/a.ipynb" "$2" && '
            'ls -A "$1/chosen"',
            self.file,
            *python(DRIVER, self.data),
        )
        if result is None:
            return False
        if result.stdout.split() != ["failed", "a.ipynb"]:
            self.bad.append(f"full disk: {result.stdout}{result.stderr}")
        return True

    def _found(self) -> str:
        """Say what the file is."""
        data = self.file.read_bytes() if self.file.exists() else b""
        if data == OLD:
            return "old"
        try:
            found = json.loads(data)
        except ValueError:
            return f"cut off at {len(data)} bytes"
        for name, wanted in {"stripped": CLEAN, "whole": DIRTY}.items():
            if found == wanted:
                return name
        return "another one"

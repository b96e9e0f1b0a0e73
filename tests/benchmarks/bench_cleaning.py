"""Cleaning beside nb-clean alone and nbstripout, in one call and through git.

200 notebooks of 100 KB, as in the issue: half of the bytes are figures, half
are source and text output.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.measuring import as_installed

__all__ = ["main", "make_notebooks"]

BIN = Path(sys.executable).parent
NOTEBOOKS = 200
ROUNDS = 5

#: The bar of the issue.
TIMES_FASTER_THAN_NBSTRIPOUT = 3.0
SECONDS_BEYOND_NB_CLEAN = 0.4
FILTER_TIMES_FASTER = 20.0

#: A folder with many notebooks, and how much longer one may take there.
MANY, TIMES_LONGER = 1500, 1.2


def make_notebooks(folder: Path, count: int = NOTEBOOKS) -> None:
    """Write notebooks of 100 KB with outputs, each a little different."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        cells = [
            {
                "cell_type": "code",
                "execution_count": index,
                "id": f"cell-{index}",
                "metadata": {
                    "execution": {"iopub.status.busy": "2026-01-01T00:00Z"},
                    "tags": ["checked"],
                },
                "outputs": [
                    {
                        "name": "stdout",
                        "output_type": "stream",
                        "text": [f"{number} line {n}\n" for n in range(40)],
                    },
                    {
                        "data": {
                            "image/png": "iVBORw0KGgo" * 150,
                            "text/plain": ["<Figure size 640x480>"],
                        },
                        "metadata": {},
                        "output_type": "display_data",
                    },
                ],
                "source": [f"value_{n} = {n}\n" for n in range(20)],
            }
            for index in range(28)
        ]
        document = {
            "cells": cells,
            "metadata": {
                "kernelspec": {"display_name": "LSST", "name": "lsst"},
                "language_info": {"name": "python", "version": "3.13.0"},
            },
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        text = json.dumps(document, indent=1) + "\n"
        (folder / f"n{number:03}.ipynb").write_text(text)


def _seconds(
    command: list[str], folder: Path, environment: dict[str, str]
) -> float:
    start = time.perf_counter()
    result = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, check=False
    )
    elapsed = time.perf_counter() - start
    if result.returncode:
        raise RuntimeError(f"{command[0]} failed: {result.stderr.decode()}")
    return elapsed


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _in_one_call(
    scratch: Path, original: Path
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Return each one's wall and CPU seconds, round by round in turn."""
    names = sorted(path.name for path in original.iterdir())
    commands = {
        "nb-clean (bare)": [str(BIN / "nb-clean"), "clean", "-m", *names],
        "rsp-health": [str(BIN / "rsp-health"), "clean", *names],
        "nbstripout": [str(BIN / "nbstripout"), *names],
    }
    wall: dict[str, list[float]] = {name: [] for name in commands}
    cpu: dict[str, list[float]] = {name: [] for name in commands}
    environment = as_installed(scratch)
    for command in commands.values():
        # Compiles what each imports.
        _seconds([command[0], "--version"], scratch, environment)
    for number in range(ROUNDS):
        for name, command in commands.items():
            folder = scratch / f"{number}-{name.split()[0]}"
            shutil.copytree(original, folder)
            before = _cpu()
            wall[name].append(_seconds(command, folder, environment))
            cpu[name].append(_cpu() - before)
            shutil.rmtree(folder)
    return wall, cpu


def _in_a_large_folder(scratch: Path) -> float:
    """Return the seconds of all notebooks of one large folder."""
    folder = scratch / "many"
    make_notebooks(folder, MANY)
    names = sorted(path.name for path in folder.iterdir())
    command = [str(BIN / "rsp-health"), "clean", *names]
    elapsed = _seconds(command, folder, as_installed(scratch))
    shutil.rmtree(folder)
    return elapsed


def _repository(folder: Path, original: Path) -> None:
    shutil.copytree(original, folder)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)


def _through_git(
    scratch: Path, original: Path, count: int
) -> dict[str, float]:
    found = {}
    environment = as_installed(scratch)
    installs = {
        "rsp-health": [str(BIN / "rsp-health"), "filter", "install"],
        "nbstripout": [str(BIN / "nbstripout"), "--install"],
    }
    for name, install in installs.items():
        folder = scratch / f"git-{name}"
        _repository(folder, original)
        _seconds(install, folder, environment)
        names = sorted(path.name for path in folder.glob("*.ipynb"))
        # A Python start for each file: a few show what 200 take.
        some = names if name == "rsp-health" else names[:count]
        elapsed = _seconds(["git", "add", *some], folder, environment)
        found[name] = elapsed * len(names) / len(some)
        blob = subprocess.run(
            ["git", "cat-file", "blob", f":{names[0]}"],
            cwd=folder,
            capture_output=True,
            check=True,
        ).stdout
        if b"image/png" in blob:
            raise RuntimeError(f"{name} let outputs through")
    return found


def main(argv: list[str]) -> int:
    """Print both tables; return 1 if the bar is missed."""
    whole = "--whole" in argv
    with tempfile.TemporaryDirectory(prefix="bench-cleaning-") as folder:
        scratch = Path(folder)
        original = scratch / "original"
        make_notebooks(original)
        size = sum(path.stat().st_size for path in original.iterdir())
        print(f"{NOTEBOOKS} notebooks, {size / NOTEBOOKS / 1e3:.0f} kB each")
        rounds, cpu = _in_one_call(scratch, original)
        medians = {
            name: statistics.median(seconds)
            for name, seconds in rounds.items()
        }
        print(f"in one call (median [min-max] of {ROUNDS} rounds, s; CPU s):")
        for name, seconds in rounds.items():
            spread = f"[{min(seconds):.2f}-{max(seconds):.2f}]"
            used = statistics.median(cpu[name])
            print(f"  {name:16} {medians[name]:6.2f} {spread} {used:6.2f}")
        count = NOTEBOOKS if whole else 20
        git = _through_git(scratch, original, count)
        many = _in_a_large_folder(scratch)
    note = "" if whole else f" (nbstripout: {count}, scaled)"
    print(f"git add of {NOTEBOOKS} through the filter, s{note}:")
    for name, elapsed in git.items():
        print(f"  {name:16} {elapsed:6.2f}")
    ratio = medians["nbstripout"] / medians["rsp-health"]
    beyond = medians["rsp-health"] - medians["nb-clean (bare)"]
    faster = git["nbstripout"] / git["rsp-health"]
    print(f"times faster than nbstripout: {ratio:.1f} (at least 3)")
    print(f"seconds beyond bare nb-clean: {beyond:.2f} (at most 0.4)")
    print(f"git add, times faster than nbstripout: {faster:.0f} (at least 20)")
    longer = many / MANY / (medians["rsp-health"] / NOTEBOOKS)
    print(
        f"{MANY} in one folder: {many:.2f} s, {longer:.2f} times as long for "
        f"each as in one with {NOTEBOOKS} (at most {TIMES_LONGER})"
    )
    print(f"load during the run: {os.getloadavg()[0]:.1f} on {os.cpu_count()}")
    passed = (
        ratio >= TIMES_FASTER_THAN_NBSTRIPOUT
        and beyond <= SECONDS_BEYOND_NB_CLEAN
        and faster >= FILTER_TIMES_FASTER
        and longer <= TIMES_LONGER
    )
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

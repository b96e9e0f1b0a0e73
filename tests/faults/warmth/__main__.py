"""Notebooks that close nothing leave the same, warm and cold.

``python -m tests.faults.warmth [left|installed]``; both by default.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rsp_health.platform.environment import LabEnvironment
from rsp_health.runner.options import RunOptions
from rsp_health.runner.planning.call import RunCall
from rsp_health.runner.planning.plan import make_plan
from rsp_health.runner.run_here import run_here
from tests.faults.warmth import installed
from tests.faults.warmth.books import BOOKS, LEFT_OUT

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["compare", "differences", "main"]

_RANDOM = re.compile(r"scratch-\w{8}")


def left_by(
    scratch: Path, books: Mapping[str, bytes], *, warm: bool
) -> dict[str, list[str]]:
    """Run notebooks; return the verdict and what was left, by notebook.

    Parameters
    ----------
    scratch
        An empty folder.
    books
        The notebooks, by name.
    warm
        Whether the kernels are forked.
    """
    folder = scratch / "notebooks"
    temporary = scratch / "temporary"
    temporary.mkdir(parents=True)
    for name, content in books.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "n.ipynb").write_bytes(content)
    document = run_here(
        make_plan([folder]),
        RunCall(
            paths=(folder,),
            options=RunOptions(warm=warm, jobs=2, cleanup_s=60.0),
        ),
        data_dir=scratch / "data",
        root=scratch,
        environment=LabEnvironment(
            variables={**os.environ, "TMPDIR": str(temporary)}
        ),
    )
    found: dict[str, list[str]] = {}
    for notebook in document.notebooks:
        name = notebook.path.partition("/")[0]
        verdict = f"{notebook.state}: {notebook.reason}"
        found[name] = [verdict, *_tree(folder / name)]
    found["temporary folder"] = _tree(temporary)
    return found


def _tree(folder: Path) -> list[str]:
    lines = []
    for path in folder.rglob("*"):
        name = _RANDOM.sub("scratch-*", str(path.relative_to(folder)))
        if path.is_dir():
            lines.append(f"{name}/")
        elif name != "n.ipynb":
            content = path.read_bytes()
            digest = hashlib.sha256(content).hexdigest()[:12]
            lines.append(f"{name} {len(content)} bytes {digest}")
    return sorted(lines)


def compare(warm: dict[str, Any], cold: dict[str, Any]) -> list[str]:
    """Return a line for each notebook that tells warm from cold."""
    return [
        f"{name}: warm {warm.get(name)}, cold {cold.get(name)}"
        for name in sorted(warm.keys() | cold.keys())
        if warm.get(name) != cold.get(name)
    ]


def differences(
    scratch: Path, books: Mapping[str, bytes]
) -> tuple[dict[str, list[str]], list[str]]:
    """Run notebooks warm and cold; return what warm leaves, what differs.

    An ordinary kernel ends in more than one way on a machine that has much
    to do: once in some hundreds, a cycle is left that it did not collect.
    Where the two differ it is asked a second time; the warm one is not.
    """
    warm = left_by(scratch / "warm", books, warm=True)
    cold = left_by(scratch / "cold", books, warm=False)
    odd = {
        name: content
        for name, content in books.items()
        if warm.get(name) != cold.get(name)
    }
    if odd:
        cold |= left_by(scratch / "again", odd, warm=False)
    return warm, compare(warm, cold)


def left(scratch: Path) -> int:
    """Run all notebooks warm and cold; return how many differ."""
    _, wrong = differences(scratch, BOOKS)
    for line in wrong:
        print(f"    {line}")
    skipped = f"; not installed here: {', '.join(LEFT_OUT)}" * bool(LEFT_OUT)
    print(
        f"  {len(BOOKS)} notebooks that close nothing: {len(wrong)} leave "
        f"something else warm than cold{skipped}",
        flush=True,
    )
    return len(wrong)


def install(scratch: Path) -> int:
    """Run notebooks that install for the next; return how many differ."""
    found = {
        warm: installed.verdicts(scratch / str(warm), warm=warm)
        for warm in (True, False)
    }
    wrong = compare(found[True], found[False])
    states = [line[0].partition(":")[0] for line in found[True].values()]
    # The first imports what is not there yet, the seventh what has gone.
    for number, state in enumerate(states):
        if state != ("failed" if number in {0, 6} else "passed"):
            wrong.append(f"notebook {number}: {state}")
    for line in wrong:
        print(f"    {line}")
    print(
        f"  {len(states)} notebooks that install and import: {len(wrong)} "
        "wrong",
        flush=True,
    )
    return len(wrong)


def main(argv: list[str]) -> int:
    """Run the parts, or the one named; return 1 if anything differs."""
    parts = {"left": left, "installed": install}
    if argv:
        parts = {argv[0]: parts[argv[0]]}
    wrong = 0
    for part in parts.values():
        with tempfile.TemporaryDirectory(prefix="rsp-warmth-") as name:
            wrong += part(Path(name))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

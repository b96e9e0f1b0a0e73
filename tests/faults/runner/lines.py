"""No line of output is lost, however many notebooks print at once."""

from __future__ import annotations

import json
import os
from pathlib import Path

from rsp_health.platform.environment import LabEnvironment
from rsp_health.runner.options import Limits, RunOptions
from rsp_health.runner.planning.call import RunCall
from rsp_health.runner.planning.plan import make_plan
from rsp_health.runner.run_here import run_here
from tests.faults.runner.cases import notebook

__all__ = ["main", "print_at_once"]


def print_at_once(
    scratch: Path, *, lines: int, notebooks: int = 4, warm: bool = True
) -> list[str]:
    """Let notebooks print at once; return what was lost."""
    folder = scratch / f"lines-{lines}"
    folder.mkdir(exist_ok=True)
    code = f"for n in range({lines}): print(n, flush=True)"
    for number in range(notebooks):
        path = folder / f"print-{number}.ipynb"
        path.write_bytes(notebook(code, "'end'"))
    document = run_here(
        make_plan([folder]),
        RunCall(
            paths=(folder,),
            options=RunOptions(jobs=notebooks, warm=warm, limits=Limits()),
        ),
        data_dir=scratch / "data",
        root=scratch,
        environment=LabEnvironment(variables=dict(os.environ)),
    )
    expected = "".join(f"{n}\n" for n in range(lines))
    wrong = []
    for entry in document.notebooks:
        if entry.state != "passed" or entry.executed_path is None:
            wrong.append(f"{entry.path}: {entry.state} {entry.reason}")
            continue
        content = json.loads(Path(scratch, entry.executed_path).read_text())
        outputs = content["cells"][0]["outputs"]
        text = "".join("".join(output["text"]) for output in outputs)
        if text != expected:
            found = len(text.splitlines())
            wrong.append(f"{entry.path}: {found} of {lines} lines")
    return wrong


def main(scratch: Path, rounds: int) -> int:
    """Print and compare; return how many times something was lost."""
    failures = 0
    for number in range(1, rounds + 1):
        wrong = print_at_once(scratch, lines=20_000, warm=number % 4 != 0)
        failures += bool(wrong)
        for line in wrong:
            print(f"    round {number}: {line}")
    print(f"  4 x 20,000 lines, {rounds} times: {failures} times not whole")
    return failures

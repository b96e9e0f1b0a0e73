"""The secrets' faults: ``python -m tests.faults.secrets [leaks|prose]``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.faults.secrets import prose
from tests.faults.secrets.kinds import KINDS, Kind
from tests.faults.secrets.oracle import leaks, texts_below
from tests.faults.secrets.ways import ENDS, FIRST, FORMS, PLACES, cell

if TYPE_CHECKING:
    from collections.abc import Sequence

#: What an exception may be called.
_NAMED = "a name of an exception"


def _notebook(number: int, sources: Sequence[str]) -> str:
    cells = [FIRST.format(number=number), *sources]
    return json.dumps(
        {
            "cells": [
                {
                    "cell_type": "code",
                    "execution_count": None,
                    "id": f"c{index}",
                    "metadata": {"tags": ["raises-exception"]}
                    if 0 < index <= len(FORMS) * len(PLACES) and len(cells) > 2
                    else {},
                    "outputs": [],
                    "source": source,
                }
                for index, source in enumerate(cells)
            ],
            "metadata": {},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )


def write(
    folder: Path,
    kinds: Sequence[Kind],
    forms: Sequence[str],
    ends: Sequence[tuple[str, str]],
) -> int:
    """Write the notebooks; return how many ways there are in them."""
    folder.mkdir()
    given = [kind.printed for kind in KINDS]
    (folder / "given.json").write_text(json.dumps(given))
    ways = [(place, form) for place in PLACES for form in forms]
    for kind in kinds:
        number = KINDS.index(kind)
        sources = [cell(PLACES[place], form) for place, form in ways]
        path = folder / f"ways-{number}.ipynb"
        path.write_text(_notebook(number, sources))
        for count, (end, form) in enumerate(ends):
            path = folder / f"end-{number}-{count}.ipynb"
            path.write_text(_notebook(number, [cell(ENDS[end], form)]))
    name = KINDS[0].secret
    for number in (0, 1):
        path = folder / f"{name}{number}.ipynb"
        path.write_text(_notebook(0, ["print(S)"]))
    return len(kinds) * (len(ways) + len(ends))


def run(folder: Path, scratch: Path) -> dict[str, str]:
    """Run the notebooks; return every artefact."""
    mounts = scratch / "mounts"
    (mounts / "secrets").mkdir(parents=True)
    variables = {}
    for kind in KINDS:
        if kind.file is not None:
            (mounts / "secrets" / kind.file).write_text(kind.secret + "\n")
        if kind.variable is not None:
            variables[kind.variable] = kind.secret
    out = scratch / "out"
    out.mkdir()
    environment = {
        **os.environ,
        **variables,
        "HOME": str(scratch),
        "NUBLADO_RUNTIME_MOUNTS_DIR": str(mounts),
        "GITHUB_ACTIONS": "true",
        "GITHUB_STEP_SUMMARY": str(out / "summary.md"),
    }

    def call(*words: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "rsp_health.cli.main", *map(str, words)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    common = ("--data-dir", out / "data", "--root", scratch)
    done = call(
        *("run", folder, "--jobs", 4, "--timeout", 300, "--cell-timeout", 2),
        *("--junit", out / "r.xml", "--html", out / "r.html", "--json"),
        *("--max-output", 100_000, *common),
    )
    texts = texts_below(out)
    texts |= {"stdout": done.stdout, "stderr": done.stderr}
    found = json.loads(done.stdout)
    shown = call("runs", "show", found["run_id"], *common)
    texts |= {"runs show": shown.stdout, "runs show, stderr": shown.stderr}
    states = {n["path"]: n["state"] for n in found["notebooks"]}
    expected = len(list(folder.glob("*.ipynb")))
    if len(states) != expected or any(
        state != "passed" for path, state in states.items() if "ways" in path
    ):
        texts["FAILED"] = json.dumps(found["notebooks"])[:2000]
        raise RuntimeError(str(states))
    return texts


def count_leaks(quick: bool = False) -> int:
    """Print secrets in all ways; return how many leaked."""
    began = time.monotonic()
    kinds = KINDS[1::6] if quick else KINDS
    forms = list(FORMS)[1::6] if quick else list(FORMS)
    chosen = list(FORMS)[::9]
    ends = [(end, form) for end in ENDS for form in chosen]
    if quick:
        ends = [(end, chosen[0]) for end in ("fails", "dies", "does not end")]
    with tempfile.TemporaryDirectory(prefix="rsp-secrets-") as name:
        scratch = Path(name)
        ways = write(scratch / "notebooks", kinds, forms, ends)
        texts = run(scratch / "notebooks", scratch)
    found = leaks(KINDS, texts)
    for line in found:
        print(f"    {line}")
    print(
        f"  {ways // len(kinds)} ways, {len(kinds)} kinds, {len(texts)} "
        f"artefacts: {len(found)} leaks, {time.monotonic() - began:.0f} s",
        flush=True,
    )
    return len(found)


def main(argv: list[str]) -> int:
    """Run both parts, or the one named; return 1 if anything was wrong."""
    wrong = 0
    if not argv or "leaks" in argv:
        wrong += count_leaks("quick" in argv)
    if not argv or "prose" in argv:
        wrong += prose.count_changed()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

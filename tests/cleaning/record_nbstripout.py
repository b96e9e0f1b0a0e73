"""Record which notebooks the hook of the real repositories would change.

``python -m tests.cleaning.record_nbstripout PROGRAM...`` writes
``data/nbstripout.json``; each PROGRAM is a ``nbstripout`` of one version, in an
environment of its own. A hook of pre-commit fails if it changes a byte. From
0.7 on it runs with ``--keep-id``, as it must beside anything that looks at ids.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from .habits import make_states

__all__ = ["RECORDED"]

RECORDED = Path(__file__).parent / "data/nbstripout.json"


def main(programs: list[str]) -> None:
    """Ask each program of each notebook."""
    recorded = {}
    with tempfile.TemporaryDirectory() as name:
        file = Path(name, "n.ipynb")
        for program in programs:
            version = _said(program, "--version")
            keeps = "--keep-id" in _said(program, "--help")
            changed = []
            for state, text in make_states().items():
                file.write_text(text, "utf-8")
                subprocess.run(
                    [program, *(["--keep-id"] if keeps else []), file],
                    check=True,
                    capture_output=True,
                )
                if file.read_text("utf-8") != text:
                    changed.append(state)
            recorded[version] = changed
    RECORDED.write_text(json.dumps(recorded, indent=1) + "\n")


def _said(program: str, option: str) -> str:
    done = subprocess.run(
        [program, option], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


if __name__ == "__main__":
    main(sys.argv[1:])

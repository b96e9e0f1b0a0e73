"""One clean of three notebooks, whose system calls are then made to fail.

``python clean_driver.py FOLDER UNDO [NB_CLEAN]`` prints one state a line. What
is replaced is kept below UNDO, as when the lab cleans.
Everything is imported before the marker, so what follows it is the clean
itself.
"""

from __future__ import annotations

import contextlib
import ctypes  # noqa: F401 - imported now, so that it is not imported later
import selectors  # noqa: F401
import sys
import tempfile  # noqa: F401
from pathlib import Path

from rsp_health import files  # noqa: F401
from rsp_health.cleaning.core import Cleaner
from rsp_health.cleaning.splice.engine import NbClean, find_program
from rsp_health.cleaning.undo import UndoStore
from rsp_health.errors import RSPHealthError
from tests.faults.cleaning.injection import MARKER


def main() -> int:
    """Clean; 0 if each file has an outcome, 3 if nothing could be done."""
    folder = Path(sys.argv[1])
    program = Path(sys.argv[3]) if len(sys.argv) > 3 else find_program()
    keeper = UndoStore(Path(sys.argv[2])).keeper()
    cleaner = Cleaner(engine=NbClean(program))
    paths = [folder / name for name in ("a.ipynb", "b.ipynb", "c.ipynb")]
    said = []
    with contextlib.suppress(FileNotFoundError):
        Path(MARKER).stat()
    try:
        said += [
            f"{Path(outcome.path).name} {outcome.state} {outcome.message}"
            for outcome in cleaner.run(paths, write=True, keeper=keeper)
        ]
    except RSPHealthError as exc:
        sys.stdout.write(f"failed {exc.message}\n")
        return 3
    sys.stdout.write("\n".join(said) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Record what nbclient makes of the ordinary notebooks.

``python -m tests.runner.record_reference`` writes ``reference.json``. It is run
by hand when a notebook is added or a dependency changes the outputs, on an
idle machine, and the difference is read before it is committed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import platform
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any

from tests.runner.ordinary import NOTEBOOKS
from tests.runner.reference import RECORDED, normal


async def _execute(path: Path, gate: asyncio.Semaphore) -> dict[str, Any]:
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    async with gate:
        book = nbformat.read(path, as_version=4)
        client = NotebookClient(
            book,
            timeout=60,
            startup_timeout=240,
            resources={"metadata": {"path": str(path.parent)}},
        )
        with contextlib.suppress(CellExecutionError):
            await client.async_execute()
        content: dict[str, Any] = json.loads(nbformat.writes(book))
        return normal(content)


async def _execute_all(folder: Path) -> dict[str, dict[str, Any]]:
    # One at a time: two nbclients at once lose output without a word.
    gate = asyncio.Semaphore(1)
    return {
        path.stem: await _execute(path, gate)
        for path in sorted(folder.glob("*.ipynb"))
    }


def main() -> int:
    """Write the file and say which versions made it."""
    with tempfile.TemporaryDirectory() as scratch:
        for name, data in NOTEBOOKS.items():
            (Path(scratch) / f"{name}.ipynb").write_bytes(data)
        found = asyncio.run(_execute_all(Path(scratch)))
    made_by = {
        "python": platform.python_version(),
        **{
            name: metadata.version(name)
            for name in ("nbclient", "ipykernel", "ipython", "matplotlib")
        },
    }
    text = json.dumps({"made_by": made_by, "notebooks": found}, indent=1)
    RECORDED.write_text(text + "\n")
    print(  # noqa: T201 - a program that says what it did
        f"{len(found)} notebooks recorded in {RECORDED}: {made_by}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

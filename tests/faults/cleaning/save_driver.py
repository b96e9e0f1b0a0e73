"""One save with strip on save, whose system calls are then made to fail.

``python save_driver.py ROOT DATA`` saves ``chosen/a.ipynb`` below ROOT by
Jupyter's own contents manager, and prints what a browser would be told:
``saved``, ``saved whole`` or ``failed``. DATA is the folder of our own files
and of Jupyter's signatures. Another notebook is saved first, so that nothing
is imported within.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import json
import logging
import sys
from pathlib import Path
from typing import Any

from jupyter_server.services.contents.largefilemanager import (
    AsyncLargeFileManager,
)
from nbformat.sign import NotebookNotary
from tornado.web import HTTPError

from rsp_health.server.notebooks.saving import StripOnSave
from tests.faults.cleaning.injection import MARKER


def mark() -> None:
    """Leave a trace that the faults are found by."""
    with contextlib.suppress(FileNotFoundError):
        Path(MARKER).stat()


async def save(root: Path, data: Path, content: dict[str, Any]) -> str:
    """Save a notebook; return what became of it."""
    told: list[dict[str, Any]] = []
    contents = AsyncLargeFileManager(
        root_dir=str(root),
        notary=NotebookNotary(db_file=str(data / "signatures.db")),
    )
    saving = StripOnSave(
        contents=contents,
        store=data / "on-save.json",
        publish=told.append,
        log=logging.getLogger("quiet"),
    )
    saving.choose(["chosen"])
    saving.attach()
    model = {"type": "notebook", "format": "json", "content": content}
    with contextlib.suppress(HTTPError):  # A full disk has no room for it.
        await contents.save(copy.deepcopy(model), "chosen/warm.ipynb")
    mark()
    try:
        await contents.save(copy.deepcopy(model), "chosen/a.ipynb")
    except HTTPError:
        said = "failed"
    else:
        said = "saved whole" if told else "saved"
    mark()
    return said


def main() -> int:
    """Save; 0 if it could be told what became of it."""
    logging.disable()
    root, data = Path(sys.argv[1]), Path(sys.argv[2])
    content = json.loads((data / "content.json").read_bytes())
    sys.stdout.write(asyncio.run(save(root, data, content)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

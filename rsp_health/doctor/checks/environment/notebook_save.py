"""Tell whether a notebook can be saved, and opened again."""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING

from ....notebooks.document import InvalidNotebookError, read_notebook
from ...evidence.words import size
from ...models import Evidence, attention, fault, ok
from ..base import Check

if TYPE_CHECKING:
    from pathlib import Path

    from ...context import Context
    from ...models import Finding

__all__ = ["NotebookSave"]

#: What Jupyter's server takes in one request, unless it is told otherwise.
_REFUSED_BYTES = 512 * 1024**2
_LARGE_BYTES = 50 * 1000**2
_CONFLICT = re.compile(rb"^(?:<{7}|>{7}) ", re.MULTILINE)


class NotebookSave(Check):
    """Looks at the file and its folder, and writes nothing."""

    id = "notebook.save"
    title = "Saving the notebook"
    otherwise = "No notebook was named (--notebook)."

    def applies(self, context: Context) -> bool:
        """Return whether there is a notebook to look at."""
        return context.notebook is not None

    def look(self, context: Context) -> Finding:
        """Return what is found."""
        path = context.notebook
        if path is None:
            raise ValueError
        status = path.stat()
        found = _refused(context, path, status)
        if found is not None:
            return found
        seen = Evidence(
            source=context.shown(path),
            value=f"{size(status.st_size)}, {stat.filemode(status.st_mode)}",
        )
        if status.st_size > _LARGE_BYTES:
            return _large(path, status.st_size)
        try:
            document = read_notebook(path)
        except InvalidNotebookError as exc:
            return _no_notebook(context, path, str(exc))
        return ok(
            f"{path.name} can be saved, and read again.",
            seen,
            Evidence(
                source="its content",
                value=f"a notebook with {len(document.cells)} code cells",
            ),
        )


def _refused(
    context: Context, path: Path, status: os.stat_result
) -> Finding | None:
    """Return why nothing can be written there, if that is so."""
    folder = path.parent
    if os.statvfs(folder).f_flag & os.ST_RDONLY:
        return fault(
            f"{path.name} is on a read-only file system: it cannot be saved "
            "there.",
            Evidence(source=str(folder), value="mounted read-only"),
            whose="platform",
            next_step="Save it elsewhere, with File ▸ Save Notebook As.",
        )
    # A mode without any writer is meant as one, also for root.
    for place in (path, folder):
        mode = place.stat().st_mode
        if os.access(place, os.W_OK) and mode & 0o222:
            continue
        what = "folder" if place == folder else "file"
        mine = place.stat().st_uid == os.getuid()
        return fault(
            f"{path.name} cannot be saved: its {what} is read-only for you.",
            Evidence(
                source=context.shown(place),
                value=f"{stat.filemode(mode)}, "
                f"{'yours' if mine else 'of somebody else'}",
            ),
            whose="your_environment",
            next_step=f"Make it writable: chmod u+w {context.shown(place)}"
            if mine
            else "Save it elsewhere, with File ▸ Save Notebook As.",
        )
    if status.st_size > _REFUSED_BYTES:
        return fault(
            f"{path.name} has {size(status.st_size)}: Jupyter refuses to save "
            f"more than {size(_REFUSED_BYTES)}.",
            Evidence(source=context.shown(path), value=size(status.st_size)),
            whose="your_code",
            next_step=f"Strip its outputs: rsp-health clean {path.name}",
        )
    return None


def _large(path: Path, count: int) -> Finding:
    return attention(
        f"{path.name} has {size(count)}: each save sends all of it, and may "
        "take longer than it lasts until the next.",
        Evidence(source=str(path), value=size(count)),
        whose="your_code",
        next_step=f"Strip its outputs: rsp-health clean {path.name}",
    )


def _no_notebook(context: Context, path: Path, why: str) -> Finding:
    place = context.shown(path)
    if _CONFLICT.search(path.read_bytes()):
        return fault(
            f"{path.name} holds the marks of a conflict that git could not "
            "resolve: Jupyter cannot open it.",
            Evidence(source=place, value="has lines of <<<<<<< and >>>>>>>"),
            whose="your_code",
            next_step="Choose one side: git checkout --ours (or --theirs) "
            f"{path.name}",
        )
    return fault(
        f"{path.name} cannot be opened as a notebook: {why}",
        Evidence(source=place, value=why),
        whose="your_code",
        next_step="Take an older one: a backup, git, or a checkpoint in "
        ".ipynb_checkpoints beside it.",
    )

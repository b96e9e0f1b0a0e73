"""Which notebooks a list of files and folders stands for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["SKIPPED_FOLDERS", "is_notebook", "notebooks"]

#: Copies that others made, and what no author wrote.
SKIPPED_FOLDERS = frozenset(
    {
        ".git",
        ".hg",
        ".ipynb_checkpoints",
        ".nox",
        ".rsp-health",
        ".svn",
        ".tox",
        ".venv",
        "__pycache__",
        "node_modules",
    }
)


def is_notebook(name: str) -> bool:
    """Whether a file of this name is a notebook, in letters of any case."""
    return name.lower().endswith(".ipynb")


def notebooks(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield files as they are named, and of folders every notebook below.

    A folder's notebooks come in the order of their names. Symlinks within a
    folder are not followed; where they lead is somebody else's, or is found
    by itself. A folder that cannot be listed comes itself: whoever reads it
    as a file then tells why. Each file comes once, under the first name that
    leads to it.
    """
    seen: set[str] = set()
    folders: dict[Path, str] = {}
    for path in paths:
        # A path's own methods raise where a folder may be listed, no more.
        is_folder = os.path.isdir(path)  # noqa: PTH112 - see above
        for file in _below(path) if is_folder else [path]:
            real = folders.get(file.parent)
            if real is None:
                real = folders[file.parent] = os.path.realpath(file.parent)
            key = f"{real}/{file.name}"
            if not is_folder:
                # Only what is named itself may be a link.
                key = os.path.realpath(key)
            if key not in seen:
                seen.add(key)
                yield file


def _below(folder: Path) -> Iterator[Path]:
    failed: list[Path] = []

    def fail(exc: OSError) -> None:
        failed.append(Path(os.fsdecode(exc.filename or folder)))

    for base, folders, files in os.walk(folder, onerror=fail):
        folders[:] = sorted(set(folders) - SKIPPED_FOLDERS)
        for name in sorted(files):
            path = Path(base, name)
            is_link = os.path.islink(path)  # noqa: PTH114 - as above
            if is_notebook(name) and not is_link:
                yield path
    yield from failed

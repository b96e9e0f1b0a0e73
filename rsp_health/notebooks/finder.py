"""Finds the notebooks of folders: the one walk of all features."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

__all__ = ["SKIPPED_FOLDERS", "is_notebook", "notebooks", "walk"]

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


def walk(
    folder: Path,
    *,
    as_mobu: bool = False,
    leave_out: Collection[Path] = (),
    on_error: Callable[[OSError], None] | None = None,
) -> Iterator[Path]:
    """Yield the notebooks below a folder, in the order of their names.

    Links to folders are not followed: where they lead is somebody else's, or
    is found by itself.

    Parameters
    ----------
    folder
        Where to search.
    as_mobu
        Whether to find what mobu's ``**/*.ipynb`` does: links to files as
        well, and only names that end in lower case.
    leave_out
        Folders not to search, such as the one that executed copies are in.
        A folder that is searched is searched although it is in one of them.
    on_error
        Is told which folder could not be listed.
    """
    left_out = {os.path.realpath(path) for path in leave_out}
    for base, folders, files in os.walk(folder, onerror=on_error):
        folders[:] = sorted(set(folders) - SKIPPED_FOLDERS)
        if left_out:
            real = Path(os.path.realpath(base))
            folders[:] = [x for x in folders if str(real / x) not in left_out]
        for name in sorted(files):
            path = Path(base, name)
            if as_mobu:
                if name.endswith(".ipynb"):
                    yield path
            # A path's own method raises where a folder may be listed, no more.
            elif is_notebook(name) and not os.path.islink(path):  # noqa: PTH114
                yield path


def notebooks(
    paths: Iterable[Path], *, leave_out: Collection[Path] = ()
) -> Iterator[Path]:
    """Yield files as they are named, and of folders every notebook below.

    Links within a folder are not followed. A folder that cannot be listed
    comes itself: whoever reads it as a file then tells why. Each file comes
    once, under the first name that leads to it.

    Parameters
    ----------
    paths
        Files and folders.
    leave_out
        Folders not to search; see `walk`.
    """
    seen: set[str] = set()
    folders: dict[Path, str] = {}
    for path in paths:
        # A path's own methods raise where a folder may be listed, no more.
        is_folder = os.path.isdir(path)  # noqa: PTH112 - see above
        found = _below(path, leave_out) if is_folder else [path]
        for file in found:
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


def _below(folder: Path, leave_out: Collection[Path]) -> Iterator[Path]:
    failed: list[Path] = []

    def fail(exc: OSError) -> None:
        failed.append(Path(os.fsdecode(exc.filename or folder)))

    yield from walk(folder, leave_out=leave_out, on_error=fail)
    yield from failed

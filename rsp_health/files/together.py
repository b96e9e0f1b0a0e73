"""Several files that are written all, or none."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from .durable import fsync_directory, write_beside
from .renames import rename_noreplace, swap_files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["write_together"]


def write_together(contents: Mapping[Path, bytes]) -> None:
    """Write files, and the folders that they need, all or none.

    All new content is stored beside its file first, which is where a full
    disk shows; then only names are exchanged. If that fails, the names are
    exchanged back. Symlinks are followed; mode and owner of a file that is
    there are kept.

    Parameters
    ----------
    contents
        The whole content of each file.

    Raises
    ------
    OSError
        Raised if something could not be stored. Then all is as it was.
    """
    step = _Step()
    try:
        for path, data in contents.items():
            step.prepare(path.resolve(), data)
        step.exchange()
    except BaseException:
        step.undo()
        raise
    step.finish()


class _Step:
    """What was done so far, in order."""

    def __init__(self) -> None:
        self._folders: list[Path] = []
        self._prepared: list[tuple[Path, Path]] = []
        self._made: list[Path] = []
        self._swapped: list[tuple[Path, Path]] = []

    def prepare(self, target: Path, data: bytes) -> None:
        missing = []
        folder = target.parent
        while not folder.exists():
            missing.append(folder)
            folder = folder.parent
        for folder in reversed(missing):
            folder.mkdir()
            self._folders.append(folder)
        self._prepared.append((write_beside(target, data), target))

    def exchange(self) -> None:
        for temporary, target in self._prepared:
            if os.path.lexists(target):
                swap_files(temporary, target)
                self._swapped.append((temporary, target))
            else:
                rename_noreplace(temporary, target)
                self._made.append(target)
        for folder in self._touched():
            fsync_directory(folder)

    def undo(self) -> None:
        for temporary, target in reversed(self._swapped):
            with contextlib.suppress(OSError):
                swap_files(temporary, target)
        for target in self._made:
            with contextlib.suppress(OSError):
                target.unlink()
        self.finish()
        for folder in reversed(self._folders):
            with contextlib.suppress(OSError):
                folder.rmdir()

    def finish(self) -> None:
        """Delete what has no use any more: the old content, or the new."""
        for temporary, _ in self._prepared:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)

    def _touched(self) -> list[Path]:
        folders = [target.parent for _, target in self._prepared]
        folders += [folder.parent for folder in self._folders]
        return list(dict.fromkeys(folders))

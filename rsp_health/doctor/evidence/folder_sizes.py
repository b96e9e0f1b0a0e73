"""How large the folders below one are, as far as a short look tells."""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["largest_below"]

_ENTRIES = 200_000


def largest_below(
    top: Path, *, most: int = 3, limit_s: float = 0.8
) -> list[tuple[Path, int]]:
    """Return the largest entries of a folder, with the bytes they take.

    The sizes are at least that: of what is not seen in the time there is,
    nothing is counted. Links are not followed, nor other file systems
    entered.

    Parameters
    ----------
    top
        The folder.
    most
        How many are returned.
    limit_s
        Seconds that the look may take.
    """
    end = time.monotonic() + limit_s
    device = top.stat().st_dev
    sizes: dict[str, int] = {}
    # Breadth first, so that no one folder takes all the time.
    todo: list[tuple[str, str]] = []
    with os.scandir(top) as entries:
        for entry in entries:
            _count(entry, entry.name, device, sizes, todo)
    seen = 0
    while todo and seen < _ENTRIES and time.monotonic() < end:
        level, todo = todo, []
        for name, folder in level:
            if time.monotonic() >= end:
                break
            with contextlib.suppress(OSError), os.scandir(folder) as entries:
                for entry in entries:
                    seen += 1
                    _count(entry, name, device, sizes, todo)
    ranked = sorted(sizes.items(), key=lambda item: -item[1])
    return [(top / name, size) for name, size in ranked[:most] if size]


def _count(
    entry: os.DirEntry[str],
    name: str,
    device: int,
    sizes: dict[str, int],
    todo: list[tuple[str, str]],
) -> None:
    with contextlib.suppress(OSError):
        status = entry.stat(follow_symlinks=False)
        if status.st_dev != device:
            return
        sizes[name] = sizes.get(name, 0) + status.st_blocks * 512
        if entry.is_dir(follow_symlinks=False):
            todo.append((name, entry.path))

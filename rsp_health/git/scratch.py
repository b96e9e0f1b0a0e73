"""The folders that views of a tree are made in, and what is left of them."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import time
from pathlib import Path

__all__ = ["make_view_folder", "remove_left_views"]

_PREFIX = "view-"
_LEFT_AFTER_S = 3600.0


def make_view_folder(scratch: Path) -> Path:
    """Make an empty folder of its own for a view."""
    scratch.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=_PREFIX, dir=scratch))


def remove_left_views(scratch: Path) -> None:
    """Remove the folders that processes left an hour ago when they died."""
    with contextlib.suppress(OSError):
        for path in scratch.glob(f"{_PREFIX}*"):
            if time.time() - path.stat().st_mtime > _LEFT_AFTER_S:
                shutil.rmtree(path, ignore_errors=True)

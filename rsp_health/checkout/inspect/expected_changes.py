"""Files of a fresh checkout that git itself would call modified.

Those that git-lfs downloaded, where git knows only pointers; and those that
line-end rules of the repository convert. What they were is in the record.
"""

from __future__ import annotations

import hashlib
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from .provenance import KnownFile

__all__ = ["describe", "is_unchanged"]

_CHUNK = 1024 * 1024


def describe(path: Path) -> KnownFile:
    """Return what a file is now.

    Raises
    ------
    OSError
        Raised if it cannot be read.
    """
    status = path.stat()
    return {
        "sha256": _digest(path),
        "size": status.st_size,
        "mtime_ns": status.st_mtime_ns,
    }


def is_unchanged(path: Path, known: KnownFile, *, thorough: bool) -> bool:
    """Whether a file still is what the record says."""
    try:
        status = os.lstat(path)
        # A pipe of that name would keep a reader waiting for ever.
        if not stat.S_ISREG(status.st_mode) or status.st_size != known["size"]:
            return False
        if not thorough and status.st_mtime_ns == known["mtime_ns"]:
            return True
        return _digest(path) == known["sha256"]
    except OSError:
        return False


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()

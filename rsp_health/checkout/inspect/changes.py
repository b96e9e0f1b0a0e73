"""Collects what differs in a tree."""

from __future__ import annotations

import hashlib
import os
import stat
from typing import TYPE_CHECKING

from ..models import ChangeKind, FileChange
from .git_folder import is_template

if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from pathlib import Path

    from .survey import Survey

__all__ = ["Changes", "shown"]

MAX_CHANGES = 500
"""Changes that are listed one by one; the rest is counted."""

_ORDER: dict[ChangeKind, int] = {
    "modified": 0,
    "deleted": 1,
    "added": 2,
    "ignored": 3,
}


def shown(path: str) -> str:
    """Return a path that can be sent as UTF-8; odd bytes become U+FFFD."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


class Changes:
    """Collects changes: lists some, counts all, and hashes all."""

    def __init__(self, tree: Path) -> None:
        self._tree = tree
        self._all: list[FileChange] = []
        self._marks: list[str] = []
        self.ignored_files = 0
        self.ignored_bytes = 0

    def add(self, path: str, kind: ChangeKind) -> None:
        """Note one file."""
        try:
            status = os.lstat(self._tree / path if path else self._tree)
        except OSError:
            size, mark = None, "gone"
        else:
            is_file = not stat.S_ISDIR(status.st_mode)
            size = status.st_size if is_file else None
            mark = f"{status.st_ino}:{status.st_size}:{status.st_mtime_ns}"
        if kind == "ignored":
            self.ignored_files += 1
            self.ignored_bytes += size or 0
        self._marks.append(f"{kind}:{mark}:{path}")
        self._all.append(
            FileChange(path=shown(path), kind=kind, size_bytes=size)
        )

    def add_admin(
        self,
        before: dict[str, str],
        now: dict[str, str],
        linked: Container[str],
    ) -> None:
        """Note what the user changed in ``.git`` itself.

        Linked work trees are told by their folders, not file by file.
        """
        for name in sorted({*before, *now}):
            if before.get(name) == now.get(name):
                continue
            if name not in before and self.is_template(name):
                continue
            parts = name.split("/")
            if parts[0] == "worktrees" and parts[1:] and parts[1] in linked:
                self._marks.append(f"{now.get(name)}:{name}")
                continue
            kind: ChangeKind = "modified"
            if name not in before:
                kind = "added"
            elif name not in now:
                kind = "deleted"
            self.add(f".git/{name}", kind)

    def is_template(self, name: str) -> bool:
        """Whether git itself put a file into ``.git``."""
        return is_template(self._tree / ".git", name)

    def add_hidden(self, found: Survey) -> None:
        """Note what git does not list at all."""
        for path in found.repositories:
            self.add(path, "added")
        for path in found.unreadable:
            self.add(path, "added")
        for path in found.marked:
            self.add(path, "modified")

    @property
    def omitted(self) -> int:
        """How many changes are not listed."""
        return max(len(self._all) - MAX_CHANGES, 0)

    def listed(self) -> list[FileChange]:
        """Return the changes that are listed, the most precious first."""
        self._all.sort(
            key=lambda c: (
                (_ORDER[c.kind], -(c.size_bytes or 0))
                if c.kind == "ignored"
                else (_ORDER[c.kind], 0)
            )
        )
        return self._all[:MAX_CHANGES]

    def fingerprint(self, more: Iterable[str]) -> str:
        """Return a digest of everything noted."""
        digest = hashlib.sha256()
        for mark in (*sorted(self._marks), *more):
            digest.update(mark.encode("utf-8", "surrogateescape") + b"\0")
        status = os.lstat(self._tree)
        digest.update(f"{status.st_dev}:{status.st_ino}".encode())
        return digest.hexdigest()

"""Walk a tree: how large it is, and what git would not tell of it."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["Survey", "survey", "time_stamps"]


@dataclass(kw_only=True)
class Survey:
    """What a walk through a tree found; paths are below the tree.

    Parameters
    ----------
    size_bytes, files
        All files, those of ``.git`` included.
    repositories
        Every ``.git`` within a folder of the tree. git passes over these
        without a word, and whole histories may be in them.
    unreadable
        Folders that cannot be listed; git takes them for empty.
    marked
        Files and folders to which somebody attached something of their own,
        as extended attributes. A clone has none.
    """

    size_bytes: int = 0
    files: int = 0
    repositories: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    marked: list[str] = field(default_factory=list)


def survey(tree: Path, on_file: Callable[[str], None] | None = None) -> Survey:
    """Walk through a tree, without following symlinks.

    Parameters
    ----------
    tree
        The top folder.
    on_file
        Called with the path of every file.
    """
    found = Survey()
    top = os.fspath(tree)
    pending = [""]
    if _is_marked(top):
        found.marked.append("")
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(f"{top}/{folder}") as entries:
                for entry in entries:
                    path = f"{folder}{entry.name}"
                    if entry.name == ".git" and not _is_git(folder):
                        found.repositories.append(path)
                    if _is_marked(entry.path):
                        found.marked.append(path)
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(f"{path}/")
                        continue
                    _count(found, entry)
                    if on_file is not None:
                        on_file(path)
        except (FileNotFoundError, NotADirectoryError):
            continue  # gone, or exchanged, since it was listed
        except OSError:
            # No permission, or a file server that does not answer.
            found.unreadable.append(folder)
    return found


def _is_marked(path: str) -> bool:
    """Whether a file has attributes of a user's; the system's are its own."""
    try:
        names = os.listxattr(path, follow_symlinks=False)
    except (AttributeError, OSError):
        # There are none on this system, or the file is just gone. One that
        # cannot be read at all is found by other ways.
        return False
    # Most have none, and a tree may have ten thousands of files.
    return bool(names) and any(name.startswith("user.") for name in names)


def _is_git(folder: str) -> bool:
    """Whether a folder is the tree itself, or of its own ``.git``."""
    return not folder or folder.startswith(".git/")


def _count(found: Survey, entry: os.DirEntry[str]) -> None:
    found.files += 1
    try:
        found.size_bytes += entry.stat(follow_symlinks=False).st_size
    except OSError:
        return


def time_stamps(tree: Path) -> str:
    """Return a digest of every name, inode, size and time in a tree.

    No writer can set the time of a file's last change back.
    """
    digest = hashlib.sha256()
    for parent, folders, names in os.walk(tree):
        folders.sort()
        for name in (".", *sorted(names)):
            path = f"{parent}/{name}"
            digest.update(os.fsencode(path) + b"\0")
            try:
                status = os.lstat(path)
            except OSError:
                continue  # then its time of before is missing
            digest.update(
                f"{status.st_ino}:{status.st_size}:{status.st_mtime_ns}"
                f":{status.st_ctime_ns}\0".encode()
            )
    return digest.hexdigest()

"""Whether git holds a notebook already, exactly as it is.

Git takes a file that the filter would change for modified, though it has just
written that file itself. So the filter leaves alone, byte for byte, what the
last commit has: nothing new gets into the repository by it, and after a
checkout, a switch of branches or a pull there is nothing to commit.
"""

from __future__ import annotations

import hashlib
import subprocess
from typing import TYPE_CHECKING

from ...git.objects import GIT, CatFile
from .binding import FILTER

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["CommittedContent"]

#: A setting of git with which what is committed is cleaned, too.
_ALL = f"filter.{FILTER}.all"

#: What is checked out, and what is being merged into it.
_COMMITS = (b"HEAD", b"MERGE_HEAD", b"CHERRY_PICK_HEAD", b"REBASE_HEAD")


class CommittedContent:
    """Asks the repository whose git has started us.

    Git passes on, in the environment, which one that is. An answer is always
    of now, also while a rebase goes from commit to commit.

    Parameters
    ----------
    root
        Top of the work tree.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._objects = CatFile(root, "--batch-check=%(objectname)")
        self._cleans_all: bool | None = None

    def holds(self, path: bytes, data: bytes) -> bool:
        """Whether a file has this content in one of the commits.

        Parameters
        ----------
        path
            The file's name as git writes it, relative to the top.
        data
            Its content in the work tree.
        """
        if b"\n" in path:
            return False  # the answer would be of another file
        names = _object_names(data)
        try:
            return (
                any(self._name(commit, path) in names for commit in _COMMITS)
                and not self._is_told_to_clean_all()
            )
        except OSError:
            return False

    def close(self) -> None:
        """Let git end."""
        self._objects.close()

    def _name(self, commit: bytes, path: bytes) -> bytes:
        answer = self._objects.ask(commit + b":" + path).readline()
        return answer.removesuffix(b"\n")

    def _is_told_to_clean_all(self) -> bool:
        if self._cleans_all is None:
            result = subprocess.run(
                [*GIT, "config", "--type=bool", _ALL],
                cwd=self._root,
                capture_output=True,
                check=False,
            )
            self._cleans_all = result.stdout.strip() == b"true"
        return self._cleans_all


def _object_names(data: bytes) -> set[bytes]:
    """Return the names that git may have for a content.

    After the filter, git takes carriage returns out of lines where
    attributes or ``core.autocrlf`` say so.
    """
    names = set()
    for content in {data, data.replace(b"\r\n", b"\n")}:
        blob = b"blob %d\0%s" % (len(content), content)
        sha1 = hashlib.sha1(blob, usedforsecurity=False)
        names.add(sha1.hexdigest().encode())
        names.add(hashlib.sha256(blob).hexdigest().encode())
    return names

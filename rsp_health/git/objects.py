"""One ``git cat-file`` that answers many questions about a repository."""

from __future__ import annotations

import subprocess
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["GIT", "CatFile"]

GIT = ("git", "-c", "core.fsmonitor=false")
"""git, without the program that a repository's settings may name."""


class CatFile:
    """Asks git for objects; the process starts with the first question.

    Parameters
    ----------
    root
        Top of the work tree.
    option
        ``--batch`` or ``--batch-check``, perhaps with a format.
    """

    def __init__(self, root: Path, option: str) -> None:
        self._root = root
        self._option = option
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, name: bytes) -> IO[bytes]:
        """Ask for an object, and return where the answer comes.

        Parameters
        ----------
        name
            Its name in git's words, without a line break.

        Raises
        ------
        OSError
            Raised if git cannot be run.
        """
        if self._process is None:
            self._process = subprocess.Popen(
                [*GIT, "cat-file", self._option],
                cwd=self._root,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise OSError("no pipe")
        stdin.write(name + b"\n")
        stdin.flush()
        return stdout

    def close(self) -> None:
        """Let git end."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

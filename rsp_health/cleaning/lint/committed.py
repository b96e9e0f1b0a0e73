"""Notebooks as a commit has them."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Self

from ...errors import BadInputError
from ...git.objects import GIT, CatFile
from ...printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["Committed"]


class Committed:
    """Reads files of one commit through one git, one after the other.

    Parameters
    ----------
    root
        Top of the work tree.
    against
        The commit, in git's words; `None` for HEAD if there is one.
    warn
        Is told, in one line, if HEAD should be there and cannot be read.

    Raises
    ------
    rsp_health.errors.BadInputError
        Raised with code ``no_such_commit`` if ``against`` is no commit here.
    """

    def __init__(
        self,
        root: Path,
        *,
        against: str | None = None,
        warn: Callable[[str], None],
    ) -> None:
        self._root = root
        self._objects = CatFile(root, "--batch")
        self._commit = self._resolve(against, warn)

    def __enter__(self) -> Self:
        """Return itself; git is started with the first file."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let git end."""
        self._objects.close()

    def read(self, path: Path) -> bytes | None:
        """Return a file as the commit has it; `None` if it has it not.

        Parameters
        ----------
        path
            Its real path, within the work tree.
        """
        if self._commit is None:
            return None
        name = path.relative_to(self._root).as_posix()
        asked = f"{self._commit}:{name}".encode("utf-8", "surrogateescape")
        if b"\n" in asked:
            # Such a name cannot be asked for in a line.
            result = self._git("cat-file", "blob", asked)
            return result.stdout if result.returncode == 0 else None
        try:
            stdout = self._objects.ask(asked)
            head = stdout.readline().split()
            if len(head) != 3 or not head[2].isdigit():
                return None  # "missing", or "ambiguous"
            data = stdout.read(int(head[2]) + 1)
        except OSError:
            return None
        return data[:-1] if head[1] == b"blob" else None

    def _git(
        self, *arguments: str | bytes
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [*GIT, *arguments],
            cwd=self._root,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )

    def _resolve(
        self, against: str | None, warn: Callable[[str], None]
    ) -> str | None:
        name = f"{'HEAD' if against is None else against}^{{commit}}"
        try:
            result = self._git(
                "rev-parse", "--verify", "--quiet", "--end-of-options", name
            )
            code, said = result.returncode, result.stderr
        except (OSError, ValueError):  # no git; a NUL in the name
            code, said = 128, b"git cannot be run"
        if code == 0:
            return result.stdout.decode().strip()
        if against is not None:
            raise BadInputError(
                f"There is no commit {against[:100]!r} in "
                f"{printable(str(self._root))}.",
                hint="Fetch it first. In a GitHub workflow, give "
                "actions/checkout a fetch-depth of 2 and compare with HEAD^1.",
                code="no_such_commit",
            )
        # 1 is a repository without a commit yet.
        if code != 1:
            lines = said.decode(errors="replace").strip().splitlines()
            why = printable(lines[0] if lines else "git fails")
            warn(
                f"Cell ids in {printable(str(self._root))} are not compared "
                f"with HEAD: {why}"
            )
        return None

"""Which files changed since a revision, by git, without writing anything.

Changed means: committed since the branch left that revision, or changed or
new in the working tree; what a pull request from here would show.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import BadInputError, EnvironmentFailureError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["changed_files"]

#: Nothing that a repository configures may run, and nothing is locked.
_GIT = (
    "git",
    "--no-optional-locks",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.quotePath=false",
)
_TIMEOUT_S = 60


def changed_files(paths: Sequence[Path], revision: str) -> frozenset[Path]:
    """Return the changed files of the repositories that hold these paths.

    Parameters
    ----------
    paths
        Notebooks and folders.
    revision
        Any revision that git understands.

    Raises
    ------
    rsp_health.errors.BadInputError
        Raised if a path is in no repository, or the revision is not known.
    rsp_health.errors.EnvironmentFailureError
        Raised if git cannot be run.
    """
    changed: set[Path] = set()
    for path in paths:
        folder = path if path.is_dir() else path.parent
        top = _git(folder, "rev-parse", "--show-toplevel")
        if top is None:
            raise BadInputError(
                f"{folder} is in no git repository, so --changed-since "
                "cannot tell what changed.",
                hint="Leave --changed-since out.",
                code="no_repository",
            )
        root = Path(top.strip()).resolve()
        base = _base(root, revision)
        for listing in (
            _git(root, "diff", "--name-only", "-z", "--no-ext-diff", base),
            _git(root, "ls-files", "-z", "--others", "--exclude-standard"),
        ):
            names = (listing or "").split("\0")
            changed.update((root / name).resolve() for name in names if name)
    return frozenset(changed)


def _base(root: Path, revision: str) -> str:
    commit = _git(
        root,
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        f"{revision}^{{commit}}",
    )
    if commit is None:
        raise BadInputError(
            f"There is no revision {revision[:80]!r} in {root}.",
            hint="Fetch it, or name another one with --changed-since.",
            code="no_such_revision",
        )
    base = _git(root, "merge-base", commit.strip(), "HEAD")
    return (base or commit).strip()


def _git(folder: Path, *arguments: str) -> str | None:
    """Run git; return what it printed, or `None` if it refused."""
    try:
        done = subprocess.run(
            [*_GIT, *arguments],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as exc:
        raise EnvironmentFailureError(
            "git could not be run to see what changed.",
            hint="Install git, or leave --changed-since out.",
            code="no_git",
        ) from exc
    if done.returncode != 0:
        return None
    return done.stdout.decode("utf-8", "surrogateescape")

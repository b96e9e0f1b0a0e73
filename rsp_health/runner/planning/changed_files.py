"""Which files changed since a revision, by git, without writing anything.

Changed means: committed since the branch left that revision, or changed or
new in the working tree; what a pull request from here would show. What the
tree's own configuration names is never run, so neither is a filter that
takes outputs out: notebooks that have one are compared without outputs.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ...errors import (
    BadDocumentError,
    BadInputError,
    EnvironmentFailureError,
    NotFoundError,
    RSPHealthError,
    UnreadableFileError,
)
from ...files import parse_json, safe_read
from ...git.refs import find_git_folders
from ...git.runner import Git
from ...git.view import TrustedView
from ...notebooks.content import what_runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from ...git.refs import GitFolders

__all__ = ["changed_files"]

_DOING = "see what changed"
#: Bytes of notebooks that are compared without their outputs.
_MAX_BYTES = 64 * 1024 * 1024
#: Paths in one call of git.
_AT_ONCE = 200


def changed_files(
    paths: Sequence[Path], revision: str, *, scratch: Path
) -> frozenset[Path]:
    """Return the changed files of the repositories that hold these paths.

    Parameters
    ----------
    paths
        Notebooks and folders.
    revision
        A commit, a branch, a tag, or what is so many commits before one.
    scratch
        Where temporary git directories are made.

    Raises
    ------
    rsp_health.errors.BadInputError
        Raised if a path is in no repository, or the revision is not known.
    rsp_health.errors.EnvironmentFailureError
        Raised if git cannot be run, or cannot read the repository.
    """
    git = Git(allowed_protocols=())
    changed: set[Path] = set()
    for root, folders in _repositories(paths).items():
        with TrustedView(
            git, root, base=None, scratch=scratch, folders=folders
        ) as view:
            names = _Changes(view, folders).since(revision)
        changed.update((root / name).resolve() for name in names)
    return frozenset(changed)


def _repositories(paths: Iterable[Path]) -> dict[Path, GitFolders]:
    """Return the tops of the repositories that hold these paths."""
    found: dict[Path, GitFolders] = {}
    for path in paths:
        folder = path.expanduser().resolve()
        if not os.path.isdir(folder):  # noqa: PTH112 - its method may raise
            folder = folder.parent
        for place in (folder, *folder.parents):
            folders = find_git_folders(place)
            if folders is not None:
                found[place] = folders
                break
        else:
            raise BadInputError(
                f"{folder} is in no git repository, so --changed-since "
                "cannot tell what changed.",
                hint="Leave --changed-since out.",
                code="no_repository",
            )
    return found


class _Changes:
    """Asks git what changed in one repository."""

    def __init__(self, view: TrustedView, folders: GitFolders) -> None:
        self._view = view
        info = folders.common / "info"
        # They are only lines of patterns, and nothing in them is run.
        self._ignore = f"core.excludesFile={info / 'exclude'}"
        self._attributes = f"core.attributesFile={info / 'attributes'}"

    def since(self, revision: str) -> set[str]:
        """Return the paths that changed, below the top."""
        base = self._base(revision)
        changed = self._names(
            "diff",
            "--name-only",
            "-z",
            "--no-ext-diff",
            "--no-renames",
            "--ignore-submodules=all",
            base,
            "--",
        )
        changed -= self._hidden(base, changed)
        return changed | self._names(
            "ls-files", "-z", "--others", "--exclude-standard"
        )

    def _base(self, revision: str) -> str:
        commit = self._try(
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            f"{revision}^{{commit}}",
        )
        if commit is None:
            raise BadInputError(
                f"There is no revision {revision[:80]!r} in "
                f"{self._view.tree}.",
                hint="Fetch it, or name a commit, a branch or a tag with "
                "--changed-since.",
                code="no_such_revision",
            )
        return self._try("merge-base", commit, "HEAD") or commit

    def _hidden(self, base: str, changed: Iterable[str]) -> set[str]:
        """Return the notebooks that differ only in what a filter hides."""
        notebooks = sorted(x for x in changed if x.endswith(".ipynb"))
        filtered: list[str] = []
        for start in range(0, len(notebooks), _AT_ONCE):
            some = notebooks[start : start + _AT_ONCE]
            output = self._view.read(
                "check-attr",
                "-z",
                "filter",
                "--",
                *some,
                doing=_DOING,
                settings=(self._attributes,),
            )
            words = _text(output).split("\0")[2::3]
            filtered += [
                name
                for name, value in zip(some, words, strict=False)
                if value not in {"unspecified", "unset"}
            ]
        return {x for x in filtered if self._is_same(base, x)}

    def _is_same(self, base: str, name: str) -> bool:
        """Tell whether a run of a notebook would do what it did before."""
        try:
            new = safe_read(self._view.tree / name, limit=_MAX_BYTES)
            old = self._view.read(
                "cat-file", "blob", f"{base}:{name}", doing=_DOING
            )
            old, new = (parse_json(x, "the notebook") for x in (old, new))
            return bool(what_runs(old) == what_runs(new))
        except (BadDocumentError, UnreadableFileError, NotFoundError):
            return False
        except EnvironmentFailureError:
            return False  # in the tree, and not in that commit

    def _names(self, *arguments: str) -> set[str]:
        output = self._view.read(
            *arguments, doing=_DOING, settings=(self._ignore,)
        )
        return set(_text(output).split("\0")) - {""}

    def _try(self, *arguments: str) -> str | None:
        """Return a commit, or `None` if git knows none."""
        try:
            output = self._view.read(*arguments, doing=_DOING)
        except RSPHealthError as exc:
            if exc.code in {"no_git", "timeout"}:
                raise
            return None
        return output.decode("ascii", "replace").strip()


def _text(output: bytes) -> str:
    return output.decode("utf-8", "surrogateescape")

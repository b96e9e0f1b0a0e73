"""Look for what a git command left behind that keeps the next from working."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ....git.refs import find_git_folders
from ...evidence.words import counted, duration, listed
from ...models import Evidence, Fix, attention, fault, ok
from ..base import Check

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ...context import Context
    from ...models import Finding

__all__ = ["GitState"]

#: No command of git holds the index for that long.
_OLD_S = 600.0
_MOST = 50
_UNFINISHED = {
    "MERGE_HEAD": "merge",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Repository:
    tree: Path
    folder: Path

    @property
    def lock(self) -> Path:
        return self.folder / "index.lock"


class GitState(Check):
    """Reads the repositories below ``notebooks``, and runs no git."""

    id = "git"
    title = "Your git repositories"
    otherwise = "There is no git repository in ~/notebooks."

    def applies(self, context: Context) -> bool:
        """Return whether there is a repository."""
        return next(_repositories(context), None) is not None

    def aside(self, context: Context) -> dict[Path, str]:
        """Return the locks that nobody holds any more."""
        return {
            r.lock: f"git{r.tree}/index.lock"
            for r in _repositories(context)
            if (_age(r.lock) or 0.0) > _OLD_S
        }

    def look(self, context: Context) -> Finding:
        """Return what is found."""
        found = list(_repositories(context))
        for repository in found:
            problem = _problem(context, repository)
            if problem is not None:
                return problem
        return ok(
            f"No git command left anything unfinished in "
            f"{counted(len(found), 'repository', 'repositories')}.",
            Evidence(
                source=listed([context.shown(r.tree) for r in found]),
                value="no lock, no merge or rebase that was not finished",
            ),
        )


def _repositories(context: Context) -> Iterator[_Repository]:
    """Yield the notebook's repository, or those that a user works in."""
    for tree in _trees(context):
        folders = find_git_folders(tree)
        if folders is not None:
            yield _Repository(tree=tree, folder=folders.own)


def _trees(context: Context) -> Iterator[Path]:
    if context.notebook is not None:
        yield from context.notebook.parents
        return
    top = context.home / "notebooks"
    for folder in (top, top / "rsp-health"):
        with contextlib.suppress(OSError):
            yield from sorted(folder.iterdir())[:_MOST]


def _problem(context: Context, repository: _Repository) -> Finding | None:
    name = context.shown(repository.tree)
    owner = repository.folder.stat().st_uid
    if owner != os.getuid():
        return fault(
            f"git refuses to work in {name}: it belongs to somebody else.",
            Evidence(
                source=context.shown(repository.folder),
                value=f"owned by {owner}, and you are {os.getuid()}",
            ),
            whose="your_environment",
            next_step="If you trust what is in it: git config --global --add "
            f"safe.directory {repository.tree}",
        )
    age = _age(repository.lock)
    if age is not None:
        return _locked(context, repository, age)
    for mark, what in _UNFINISHED.items():
        if (repository.folder / mark).exists():
            return attention(
                f"A {what} in {name} was not finished.",
                Evidence(
                    source=context.shown(repository.folder / mark),
                    value="is there",
                ),
                whose="your_code",
                next_step=f"In {name}: git status tells how to go on, git "
                f"{what} --abort goes back.",
            )
    return None


def _locked(context: Context, repository: _Repository, age: float) -> Finding:
    name = context.shown(repository.tree)
    seen = Evidence(
        source=context.shown(repository.lock),
        value=f"made {duration(age)} ago",
    )
    if age <= _OLD_S:
        return attention(
            f"A git command works in {name}, or was interrupted just now.",
            seen,
            whose="your_environment",
            next_step="Wait until it has ended, and look again.",
        )
    return fault(
        f"A git command in {name} was interrupted: until its lock is gone, "
        "git refuses to change anything there.",
        seen,
        whose="your_environment",
        next_step="If no git works there now: rsp-health doctor fix git"
        + (f" --notebook {context.notebook}" if context.notebook else ""),
        fix=Fix(title="Move the lock aside."),
    )


def _age(path: Path) -> float | None:
    """Return the seconds since a file was written; `None` without one."""
    try:
        return max(0.0, time.time() - path.lstat().st_mtime)
    except OSError:
        return None

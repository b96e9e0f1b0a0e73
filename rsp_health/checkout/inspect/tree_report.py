"""What would be lost if a tree were replaced."""

from __future__ import annotations

import contextlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from ...errors import RSPHealthError
from ...git.refs import linked_worktrees
from ...git.view import TrustedView
from ..models import ChangeKind, FileChange, GitHistory, LocalCommit
from .changes import Changes, shown
from .expected_changes import is_unchanged
from .git_folder import strays
from .own_history import all_history, keeps_message, own_history, short_name
from .provenance import (
    CheckoutRecord,
    admin_files,
    read_record,
    store_files,
)
from .survey import Survey, survey

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ...git.refs import Refs
    from ...git.runner import Git
    from .own_history import OwnHistory

__all__ = ["TreeReport", "look"]


@dataclass(kw_only=True)
class TreeReport:
    """What stands at a checkout's place.

    Parameters
    ----------
    state
        ``foreign``: not a checkout of this repository made by us.
    record
        Its record, unless foreign.
    head
        The commit that is checked out.
    changes, omitted
        What differs, the most precious first, and how many more.
    commits, branches, stashes, objects
        What git keeps and upstream has not; see `.own_history`.
    history
        Of a git repository that is none of ours.
    ignored_files, ignored_bytes
        What ``.gitignore`` hides.
    size_bytes, files
        The tree, with its ``.git``.
    worktrees
        Linked work trees elsewhere, which would lose their repository.
    processes
        Who works in it. Not part of the fingerprint: they come and go.
    is_moving
        Somebody wrote there while it was read.
    fingerprint
        Changes whenever any of this may have changed.
    """

    state: Literal["absent", "present", "foreign"]
    record: CheckoutRecord | None = None
    head: str | None = None
    changes: list[FileChange] = field(default_factory=list)
    omitted: int = 0
    commits: list[LocalCommit] = field(default_factory=list)
    branches: list[str] = field(default_factory=list)
    stashes: int = 0
    objects: int = 0
    history: GitHistory | None = None
    ignored_files: int = 0
    ignored_bytes: int = 0
    size_bytes: int | None = None
    files: int = 0
    worktrees: list[str] = field(default_factory=list)
    processes: list[str] = field(default_factory=list)
    is_moving: bool = False
    fingerprint: str = ""

    @property
    def has_history(self) -> bool:
        """Whether git keeps what upstream is not known to have."""
        return bool(self.commits or self.branches or self.objects)

    @property
    def at_risk(self) -> bool:
        """Whether anything here exists nowhere else, or soon may."""
        return bool(
            self.changes
            or self.has_history
            or self.stashes
            or self.history is not None
            or self.worktrees
            or self.processes
            or self.is_moving
        )


def look(
    tree: Path,
    *,
    repository: str,
    git: Git,
    scratch: Path,
    thorough: bool = False,
    upstream: dict[str, str] | None = None,
) -> TreeReport:
    """Report what stands at ``tree``, running nothing that it names.

    Parameters
    ----------
    tree
        Where the checkout is or would be.
    repository
        Id of the configured repository.
    git
        Runs git.
    scratch
        Folder for the fresh git directory.
    thorough
        Read every file again instead of trusting time stamps. Needed before
        anything is deleted.
    upstream
        The references of the repository's server, if it was asked: what it
        has is not the user's.
    """
    if not os.path.lexists(tree):
        return TreeReport(state="absent", fingerprint="absent")
    record = read_record(tree)
    if record is not None and record.repository == repository:
        # Damaged: then everything is the user's.
        with contextlib.suppress(RSPHealthError):
            return _look_at_ours(
                tree,
                record,
                git,
                scratch,
                thorough=thorough,
                upstream=upstream or {},
            )
    elif _is_repository(tree):
        with contextlib.suppress(RSPHealthError):
            return _look_at_repository(tree, git, scratch)
    return _look_at_foreign(tree)


def _is_repository(tree: Path) -> bool:
    git_dir = tree / ".git"
    return (
        not tree.is_symlink()
        and not git_dir.is_symlink()
        and (git_dir / "objects").is_dir()
    )


def _look_at_ours(
    tree: Path,
    record: CheckoutRecord,
    git: Git,
    scratch: Path,
    *,
    thorough: bool,
    upstream: dict[str, str],
) -> TreeReport:
    git_dir = tree / ".git"
    collected = Changes(tree)
    with (
        ThreadPoolExecutor(1) as beside,
        TrustedView(
            git,
            tree,
            base=record.provenance.commit,
            scratch=scratch,
            use_index=not thorough,
            subset=record.subset,
        ) as view,
    ):
        # Before anything is deleted, the walk comes after git's own look.
        walk = None if thorough else beside.submit(survey, tree)
        refs = view.refs
        for entry in view.status():
            known = record.known(entry.path)
            if known is not None and entry.code == " M":
                place = tree / entry.path
                if is_unchanged(place, known, thorough=thorough):
                    continue
            collected.add(entry.path, _kind(entry.code))
        _add_submodules(view, collected)
        if view.hides_staged():
            collected.add(".git/index", "modified")
        linked = linked_worktrees(git_dir)
        collected.add_admin(record.admin, admin_files(git_dir), linked)
        for path in (
            *refs.odd,
            *strays(git_dir, record, thorough=thorough),
        ):
            collected.add(f".git/{path}", "added")
        if keeps_message(view):
            collected.add(".git/COMMIT_EDITMSG", "added")
        found = survey(tree) if walk is None else walk.result()
        collected.add_hidden(found)
        own = own_history(
            view,
            record,
            git,
            upstream=upstream,
            is_store_new=not store_files(git_dir) <= record.store,
        )
    return replace(
        _report(collected, refs, own, linked, found),
        state="present",
        record=record,
        fingerprint=collected.fingerprint(_marks(refs)),
    )


def _look_at_repository(tree: Path, git: Git, scratch: Path) -> TreeReport:
    """Report on a repository that somebody else cloned or made here.

    All of it is the user's. What differs from its own commit is listed, and
    what no server is known to have.

    Raises
    ------
    rsp_health.errors.RSPHealthError
        Raised if git cannot read it, or it has no commit.
    """
    collected = Changes(tree)
    with TrustedView(git, tree, base=None, scratch=scratch) as view:
        refs = view.refs
        for entry in view.status():
            collected.add(entry.path, _kind(entry.code))
        _add_submodules(view, collected)
        linked = linked_worktrees(tree / ".git")
        found = survey(tree)
        collected.add_hidden(found)
        own, commits = all_history(view)
    return replace(
        _report(collected, refs, own, linked, found),
        history=GitHistory(
            commits=commits,
            branch=None if refs.branch is None else short_name(refs.branch),
            shallow=bool(refs.shallow),
        ),
        fingerprint=collected.fingerprint(["foreign", *_marks(refs)]),
    )


def _report(
    collected: Changes,
    refs: Refs,
    own: OwnHistory,
    linked: Mapping[str, str],
    found: Survey,
) -> TreeReport:
    """Return what is told of every repository, whoever made it."""
    return TreeReport(
        state="foreign",
        head=refs.head,
        changes=collected.listed(),
        omitted=collected.omitted,
        commits=own.commits,
        branches=own.branches,
        stashes=own.stashes,
        objects=own.objects,
        worktrees=[shown(place) for place in sorted(linked.values())],
        ignored_files=collected.ignored_files,
        ignored_bytes=collected.ignored_bytes,
        size_bytes=found.size_bytes,
        files=found.files,
    )


def _look_at_foreign(tree: Path) -> TreeReport:
    collected = Changes(tree)
    found = Survey()
    if tree.is_dir() and not tree.is_symlink():
        found = survey(tree, lambda path: _add_foreign(collected, path))
        collected.add_hidden(found)
    else:
        collected.add("", "added")
    return TreeReport(
        state="foreign",
        size_bytes=found.size_bytes,
        files=found.files,
        changes=collected.listed(),
        omitted=collected.omitted,
        fingerprint=collected.fingerprint(["foreign"]),
    )


def _add_foreign(collected: Changes, path: str) -> None:
    name = path.removeprefix(".git/")
    if path == name or not collected.is_template(name):
        collected.add(path, "added")


def _marks(refs: Refs) -> list[str]:
    """Return what a fingerprint keeps of references."""
    stashes = len(refs.stashes) or int("refs/stash" in refs.names)
    return [repr(sorted(refs.names.items())), repr(refs.head), repr(stashes)]


def _kind(code: str) -> ChangeKind:
    if code == "!!":
        return "ignored"
    if code == "??" or code[0] == "A":
        return "added"
    return "deleted" if code[1] == "D" or code == "D " else "modified"


def _add_submodules(view: TrustedView, collected: Changes) -> None:
    for path in view.submodules():
        if _has_content(view.tree / path):
            collected.add(f"{path}/", "added")


def _has_content(path: Path) -> bool:
    try:
        return path.is_symlink() or path.is_file() or any(path.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True  # nobody knows

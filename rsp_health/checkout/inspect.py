"""What would be lost if a tree were replaced."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from ..errors import RSPHealthError
from ..git.refs import linked_worktrees
from ..git.view import BASE_REF, TrustedView
from .known import is_unchanged
from .models import Change, ChangeKind, LocalCommit
from .provenance import CheckoutRecord, admin_files, read_record
from .survey import Survey, survey

if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from pathlib import Path

    from ..git.refs import Refs
    from ..git.runner import Git

__all__ = ["TreeReport", "look", "shown"]

MAX_CHANGES = 500
"""Changes that are listed one by one; the rest is counted."""

MAX_COMMITS = 100

_ORDER: dict[ChangeKind, int] = {
    "modified": 0,
    "deleted": 1,
    "added": 2,
    "ignored": 3,
}


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
    commits, branches, stashes
        What git keeps and upstream has not.
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
    changes: list[Change] = field(default_factory=list)
    omitted: int = 0
    commits: list[LocalCommit] = field(default_factory=list)
    branches: list[str] = field(default_factory=list)
    stashes: int = 0
    ignored_files: int = 0
    ignored_bytes: int = 0
    size_bytes: int | None = None
    files: int = 0
    worktrees: list[str] = field(default_factory=list)
    processes: list[str] = field(default_factory=list)
    is_moving: bool = False
    fingerprint: str = ""

    @property
    def at_risk(self) -> bool:
        """Whether anything here exists nowhere else, or soon may."""
        return bool(
            self.changes
            or self.commits
            or self.branches
            or self.stashes
            or self.worktrees
            or self.processes
            or self.is_moving
        )


def shown(path: str) -> str:
    """Return a path that can be sent as UTF-8; odd bytes become U+FFFD."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def look(
    tree: Path,
    *,
    repository: str,
    git: Git,
    scratch: Path,
    thorough: bool = False,
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
    """
    if not os.path.lexists(tree):
        return TreeReport(state="absent", fingerprint="absent")
    record = read_record(tree)
    if record is not None and record.repository == repository:
        # Damaged: then everything is the user's.
        with contextlib.suppress(RSPHealthError):
            return _look_at_ours(tree, record, git, scratch, thorough=thorough)
    return _look_at_foreign(tree)


def _look_at_ours(
    tree: Path,
    record: CheckoutRecord,
    git: Git,
    scratch: Path,
    *,
    thorough: bool,
) -> TreeReport:
    base = record.provenance.commit
    collected = _Changes(tree)
    with TrustedView(
        git,
        tree,
        base=base,
        scratch=scratch,
        use_index=not thorough,
        subset=record.subset,
    ) as view:
        refs = view.refs
        for entry in view.status():
            known = record.known(entry.path)
            if known is not None and entry.code == " M":
                place = tree / entry.path
                if is_unchanged(place, known, thorough=thorough):
                    continue
            collected.add(entry.path, _kind(entry.code))
        for path in view.submodules():
            if _has_content(tree / path):
                collected.add(f"{path}/", "added")
        if view.hides_staged():
            collected.add(".git/index", "modified")
        linked = linked_worktrees(tree / ".git")
        collected.add_admin(record.admin, admin_files(tree / ".git"), linked)
        found = survey(tree)
        collected.add_hidden(found)
        commits = _commits(view, refs, record, git)
    branches = [
        _short(name)
        for name in sorted(refs.names)
        if _is_local(name) and name not in record.refs
    ]
    stashes = len(refs.stashes) or int("refs/stash" in refs.names)
    return TreeReport(
        state="present",
        record=record,
        head=refs.head,
        changes=collected.listed(),
        omitted=collected.omitted,
        commits=commits,
        branches=branches,
        stashes=stashes,
        worktrees=[shown(place) for place in sorted(linked.values())],
        ignored_files=collected.ignored_files,
        ignored_bytes=collected.ignored_bytes,
        size_bytes=found.size_bytes,
        files=found.files,
        fingerprint=collected.fingerprint(
            [repr(sorted(refs.names.items())), repr(refs.head), repr(stashes)]
        ),
    )


def _look_at_foreign(tree: Path) -> TreeReport:
    collected = _Changes(tree)
    found = Survey()
    if tree.is_dir() and not tree.is_symlink():
        found = survey(tree, lambda path: collected.add(path, "added"))
        for path in found.unreadable:
            collected.add(path, "added")
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


def _kind(code: str) -> ChangeKind:
    if code == "!!":
        return "ignored"
    if code == "??" or code[0] == "A":
        return "added"
    return "deleted" if code[1] == "D" or code == "D " else "modified"


def _has_content(path: Path) -> bool:
    try:
        return path.is_symlink() or path.is_file() or any(path.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True  # nobody knows


def _is_local(name: str) -> bool:
    return not name.startswith("refs/remotes/origin/") and name != "refs/stash"


def _short(name: str) -> str:
    return shown(name.removeprefix("refs/").removeprefix("heads/"))


def _commits(
    view: TrustedView, refs: Refs, record: CheckoutRecord, git: Git
) -> list[LocalCommit]:
    """List the commits that upstream has not, also amended-away ones."""
    upstream = {
        name: sha
        for name, sha in refs.names.items()
        if name.startswith("refs/remotes/origin/")
    }
    if upstream and not _origin_is_ours(view.tree, record, git):
        upstream = {}
    known = {record.provenance.commit, *upstream.values()}
    tips = {
        name: sha
        for name, sha in refs.names.items()
        if _is_local(name) and sha not in known
    }
    named = {*known, *tips.values()}
    loose = {sha for sha in {refs.head, *refs.logged} if sha} - named
    if not tips and not loose:
        return []
    found = view.commits(
        [*tips, *sorted(loose)], [BASE_REF, *upstream], limit=MAX_COMMITS
    )
    return [
        LocalCommit(
            commit=sha,
            subject=subject,
            branch=_short(source) if source.startswith("refs/") else None,
        )
        for sha, subject, source in found
    ]


def _origin_is_ours(tree: Path, record: CheckoutRecord, git: Git) -> bool:
    """Whether ``origin`` still means the URL that we cloned from."""
    config = tree / ".git/config"
    if admin_files(tree / ".git").get("config") == record.admin.get("config"):
        return True
    try:
        # `--file` reads exactly this file: no includes, nothing is run.
        urls = git.run(
            [
                "config",
                "--file",
                os.fspath(config),
                "--get-all",
                "remote.origin.url",
            ],
            doing="read the checkout's settings",
        )
    except RSPHealthError:
        return False
    return urls.decode("utf-8", "replace").split("\n") == [
        record.provenance.url,
        "",
    ]


class _Changes:
    """Collects changes: lists some, counts all, and hashes all."""

    def __init__(self, tree: Path) -> None:
        self._tree = tree
        self._all: list[Change] = []
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
        self._all.append(Change(path=shown(path), kind=kind, size_bytes=size))

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

    def add_hidden(self, found: Survey) -> None:
        """Note what git does not list at all."""
        for path in found.repositories:
            self.add(path, "added")
        for path in found.unreadable:
            # Of .git itself only what the user keeps there is looked at.
            self.add(path, "added")

    @property
    def omitted(self) -> int:
        """How many changes are not listed."""
        return max(len(self._all) - MAX_CHANGES, 0)

    def listed(self) -> list[Change]:
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

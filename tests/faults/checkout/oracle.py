"""Judges a home: is every byte still there, and the target whole?"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.checkout.homes import FILE, PLACE, git, kind_of

type Tree = dict[str, str]

#: Written by git or by us at any time; not work of the user's.
_NOT_WORK = {
    ".git/index",
    ".git/index.lock",
    ".git/FETCH_HEAD",
    ".rsp-health-backup.json",
}


def digest(path: Path) -> str:
    """Return a file's digest, or a link's target."""
    if path.is_symlink():
        return f"link:{path.readlink()}"
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_tree(folder: Path) -> Tree:
    """Return the digest of every file below a folder, by path."""
    found = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            relative = str(path.relative_to(folder))
            if relative not in _NOT_WORK:
                found[relative] = digest(path)
    return found


@dataclass
class State:
    """Every tree of a home that could hold a user's work.

    Parameters
    ----------
    target
        What stands at the checkout's place; `None` if nothing does.
    backups
        What was moved aside, by folder name.
    pending
        Complete clones that wait for their exchange.
    """

    target: Tree | None
    backups: dict[str, Tree] = field(default_factory=dict)
    pending: list[Tree] = field(default_factory=list)

    @classmethod
    def of(cls, home: Path) -> State:
        """Read a home."""
        target = home / PLACE
        backups = {}
        if target.parent.is_dir():
            for path in target.parent.glob(f"{target.name}.backup-*"):
                backups[path.name] = read_tree(path)
        return cls(
            target=read_tree(target) if target.exists() else None,
            backups=backups,
            pending=[
                read_tree(path)
                for path in target.parent.glob(".rsp-health/tmp-*/tree")
            ],
        )

    def trees(self) -> list[Tree]:
        """Return all trees."""
        present = [] if self.target is None else [self.target]
        return [*present, *self.backups.values()]


def find_lost(before: State, after: State) -> list[str]:
    """List the files that no tree holds any more at their path."""
    held = {item for tree in after.trees() for item in tree.items()}
    return [
        path
        for tree in before.trees()
        for path, value in tree.items()
        if (path, value) not in held
    ]


def whole(target: Tree, states: list[Tree]) -> bool:
    """Whether a target equals one of some trees, file by file."""
    return any(target == tree for tree in states)


def is_fresh(home: Path, upstream: Path) -> bool:
    """Whether the target is a complete, unchanged checkout of upstream."""
    tree = home / PLACE
    if not (tree / ".git/rsp-health.json").is_file():
        return False
    if git(tree, "rev-parse", "HEAD") != git(upstream, "rev-parse", "HEAD"):
        return False
    names = git(upstream, "ls-files", "-z").split("\0")[:-1]
    mine = {
        str(path.relative_to(tree))
        for path in tree.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(tree).parts[:1]
    }
    return mine == set(names) and all(
        digest(tree / name) == digest(upstream / name) for name in names
    )


def expected(name: str, before: State, home: Path, upstream: Path) -> str:
    """Return what is wrong after the change went through, or nothing."""
    after = State.of(home)
    target = after.target
    name = kind_of(name)
    if name == "remove":
        return "" if target is None else "still there"
    if target is None:
        return "missing"
    if name in ("reset", "restore one file"):
        return _expected_file(name, before, target, upstream)
    if name == "restore":
        # A second try after a late kill puts them back the other way round.
        same = whole(target, before.trees())
        return "" if same else "neither tree"
    return "" if is_fresh(home, upstream) else "partial"


def _expected_file(
    name: str, before: State, target: Tree, upstream: Path
) -> str:
    rest, wanted = dict(target), dict(before.target or {})
    value = rest.pop(FILE, None)
    wanted.pop(FILE, None)
    if rest != wanted:
        return "other files changed"
    if name == "reset":
        original = digest(upstream / FILE)
        return "" if value == original else "not the original"
    known = [tree.get(FILE) for tree in before.trees()]
    return "" if value in known else "neither version"

"""Read a git directory's references by hand, running nothing."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "SHA",
    "GitFolders",
    "Refs",
    "find_git_folders",
    "linked_worktrees",
    "read_refs",
]

SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
"""The full name of an object."""

_REF_NAME = re.compile(r"refs/[^\x00-\x20\x7f~^:?*\[\\]{1,500}")
_MAX_REFS = 10_000
_MAX_LOG_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Refs:
    """What a git directory's references say, as far as they are readable.

    Parameters
    ----------
    head
        The commit that is checked out.
    branch
        The full name of the branch that ``HEAD`` follows, or `None`.
    names
        Full name of a reference to its object.
    logged
        Every object that a log of ``HEAD`` or of a branch names: commits
        that were amended or reset away are still the user's.
    stashes
        Objects of the stash, newest last.
    """

    head: str | None = None
    branch: str | None = None
    names: dict[str, str] = field(default_factory=dict)
    logged: frozenset[str] = frozenset()
    stashes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GitFolders:
    """Where git keeps what belongs to a tree.

    Parameters
    ----------
    own
        Its ``HEAD`` and index: ``.git``, or where a file of that name leads,
        as in a linked worktree and a submodule.
    common
        Objects and references, which linked worktrees share.
    """

    own: Path
    common: Path


def find_git_folders(tree: Path) -> GitFolders | None:
    """Return the git folders of a tree, or `None` if it has none."""
    own = tree / ".git"
    if not os.path.isdir(own):  # noqa: PTH112 - its method may raise
        place = _small(own).strip().removeprefix("gitdir:").strip()
        if not place:
            return None
        own = tree / place
    if not _small(own / "HEAD"):
        return None
    return GitFolders(own, own / (_small(own / "commondir").strip() or "."))


def _small(path: Path, limit: int = 4096) -> str:
    """Read a small regular file as text; anything else is empty."""
    try:
        if path.is_symlink() or not path.is_file():
            return ""
        with path.open("rb") as stream:
            return stream.read(limit).decode("utf-8", "surrogateescape")
    except OSError:
        return ""


def read_refs(git_dir: Path, common: Path | None = None) -> Refs:
    """Read ``HEAD``, references and their logs without running git.

    Parameters
    ----------
    git_dir
        The git directory.
    common
        Where its references are, if it is that of a linked worktree.
    """
    common = common or git_dir
    names: dict[str, str] = {}
    for line in _small(common / "packed-refs", _MAX_LOG_BYTES).splitlines():
        sha, _, name = line.partition(" ")
        if SHA.fullmatch(sha) and _REF_NAME.fullmatch(name):
            names[name] = sha
    for path in _files(common / "refs"):
        name = str(path.relative_to(common))
        sha = _small(path).strip()
        if SHA.fullmatch(sha) and _REF_NAME.fullmatch(name):
            names[name] = sha
        if len(names) > _MAX_REFS:
            break
    text = _small(git_dir / "HEAD").strip()
    branch = text.removeprefix("ref:").strip() if "ref:" in text else None
    head = names.get(branch) if branch else text
    logged: set[str] = set()
    for path in (git_dir / "logs/HEAD", *_files(git_dir / "logs/refs/heads")):
        logged.update(_logged(path))
    return Refs(
        head=head if head and SHA.fullmatch(head) else None,
        branch=branch,
        names=names,
        logged=frozenset(logged),
        stashes=tuple(_logged(git_dir / "logs/refs/stash")),
    )


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            yield Path(parent, name)


def _logged(path: Path) -> list[str]:
    found = []
    for line in _small(path, _MAX_LOG_BYTES).splitlines():
        parts = line.split(" ", 2)
        if len(parts) == 3 and SHA.fullmatch(parts[1]):
            found.append(parts[1])
    return [sha for sha in found if set(sha) != {"0"}]


def linked_worktrees(git_dir: Path) -> dict[str, str]:
    """Return the folders that ``git worktree add`` made of a repository.

    They find it by its path, so they stop working when it moves.

    Returns
    -------
    dict
        The folder by its name in ``.git/worktrees``.
    """
    found = {}
    for entry in _files(git_dir / "worktrees"):
        if entry.name == "gitdir":
            place = _small(entry).rstrip("\n")
            if place and os.path.lexists(place):
                found[entry.parent.name] = str(Path(place).parent)
    return found

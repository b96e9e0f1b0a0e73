"""Read a git directory's references by hand, running nothing."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import RSPHealthError
from ..files import safe_open

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "SHA",
    "Fetched",
    "GitFolders",
    "Refs",
    "find_git_folders",
    "linked_worktrees",
    "read_refs",
]

SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
"""The full name of an object."""

_REF_NAME = re.compile(r"refs/[^\x00-\x20\x7f~^:?*\[\\]{1,500}")
_SHA = SHA.pattern
_LINK = re.compile(r"ref: (refs/\S+)")
_PACKED = re.compile(rf"# pack-refs with:[a-z -]*|\^{_SHA}|({_SHA}) (refs/.+)")
_LOGGED = re.compile(rf"({_SHA}) ({_SHA}) .*> \d+ [+-]\d{{4}}(?:\t(.*))?")
_FETCHED = re.compile(
    rf"({_SHA})\t(?:not-for-merge)?\t(?:(branch|tag) '(.*)' of )?(.*)"
)
_SERVED = re.compile(rf"{_SHA}\trefs/\S+")
#: What a push made: the server may have been told to forget it since.
_PUSHED = "update by push"
_LONGEST_LINE = 64 * 1024
_MAX_REFS = 10_000


@dataclass(frozen=True, slots=True)
class Fetched:
    """A line of ``FETCH_HEAD``: what a server had, and its full name there."""

    commit: str
    name: str | None
    url: str


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
    remote_logged
        What the logs of remote-tracking references name, by reference, but
        for what was pushed.
    stashes
        Objects of the stash, newest last.
    fetched
        What ``FETCH_HEAD`` says.
    shallow
        Commits whose parents were not fetched.
    odd
        Files, below the git directory, that hold something else than git
        writes there, or too much of it to be read.
    """

    head: str | None = None
    branch: str | None = None
    names: dict[str, str] = field(default_factory=dict)
    logged: frozenset[str] = frozenset()
    remote_logged: dict[str, frozenset[str]] = field(default_factory=dict)
    stashes: tuple[str, ...] = ()
    fetched: tuple[Fetched, ...] = ()
    shallow: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()


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


def read_refs(git_dir: Path, common: Path | None = None) -> Refs:
    """Read ``HEAD``, references and their logs without running git.

    Parameters
    ----------
    git_dir
        The git directory.
    common
        Where its references are, if it is that of a linked worktree.
    """
    return _Reader(git_dir, common or git_dir).read()


def _full_name(kind: str | None, name: str | None) -> str | None:
    folder = {"branch": "heads", "tag": "tags"}.get(kind or "")
    return f"refs/{folder}/{name}" if folder and name else None


class _Reader:
    """Reads each file of a git directory that has a known form."""

    def __init__(self, git_dir: Path, common: Path) -> None:
        self._git_dir = git_dir
        self._common = common
        self._odd: list[str] = []

    def read(self) -> Refs:
        names, links = self._names()
        head, branch = None, None
        for match in self._matches("HEAD", re.compile(rf"{_SHA}|ref: .+")):
            if link := _LINK.fullmatch(match[0]):
                branch = link[1]
                head = names.get(branch)
            elif SHA.fullmatch(match[0]):
                head = match[0]
        logged: set[str] = set()
        remote: dict[str, frozenset[str]] = {}
        stashes: list[str] = []
        for path in ("logs/HEAD", *self._files("logs/refs")):
            entries = list(self._log(path))
            if path == "logs/refs/stash":
                stashes = [new for _, new, _ in entries]
            elif path.startswith("logs/refs/remotes/"):
                remote[path.removeprefix("logs/")] = frozenset(
                    new for _, new, what in entries if what != _PUSHED
                )
            else:
                logged.update(sha for pair in entries for sha in pair[:2])
        logged = {sha for sha in logged if set(sha) != {"0"}}
        only = re.compile(_SHA)
        logged.update(m[0] for m in self._matches("ORIG_HEAD", only))
        for path in self._files("logs"):
            if path != "logs/HEAD" and not path.startswith("logs/refs/"):
                self._odd.append(path)
        for _ in self._matches("info/refs", _SERVED):
            pass  # made by `git gc`, and read by nobody here
        fetched = tuple(
            Fetched(match[1], _full_name(match[2], match[3]), match[4])
            for match in self._matches("FETCH_HEAD", _FETCHED)
        )
        shallow = tuple(m[0] for m in self._matches("shallow", only))
        return Refs(
            head=head,
            branch=branch,
            names=names,
            logged=frozenset(logged),
            remote_logged=remote,
            stashes=tuple(stashes),
            fetched=fetched,
            shallow=shallow,
            odd=tuple(sorted({*self._odd, *links})),
        )

    def _names(self) -> tuple[dict[str, str], list[str]]:
        """Return the references, and the files that are none."""
        names: dict[str, str] = {}
        odd: list[str] = []
        for match in self._matches("packed-refs", _PACKED):
            if match[2] and _REF_NAME.fullmatch(match[2]):
                names[match[2]] = match[1]
            elif match[2]:
                odd.append("packed-refs")
        for path in self._files("refs"):
            form = re.compile(rf"{_SHA}|{_LINK.pattern}")
            found = [match[0] for match in self._matches(path, form)]
            if len(found) != 1 or not _REF_NAME.fullmatch(path):
                odd.append(path)
            elif SHA.fullmatch(found[0]):
                names[path] = found[0]
        if len(names) > _MAX_REFS:
            # Nobody reads as many; so many are not a checkout of ours.
            odd.append("refs")
            names = dict(list(names.items())[:_MAX_REFS])
        return names, odd

    def _log(self, path: str) -> Iterator[tuple[str, str, str]]:
        """Return of each line what was, what came instead, and why."""
        for match in self._matches(path, _LOGGED):
            yield match[1], match[2], (match[3] or "").strip()

    def _matches(
        self, path: str, form: re.Pattern[str]
    ) -> Iterator[re.Match[str]]:
        """Match each line of a file; a line of another form makes it odd."""
        for line in self._lines(path):
            match = form.fullmatch(line)
            if match is not None:
                yield match
            elif path not in self._odd:
                self._odd.append(path)

    def _lines(self, path: str) -> Iterator[str]:
        place = self._folder(path) / path
        if not os.path.lexists(place):
            return
        if place.is_symlink():
            self._odd.append(path)
            return
        try:
            descriptor = safe_open(place, limit=None)
            with os.fdopen(descriptor, "rb") as stream:
                while line := stream.readline(_LONGEST_LINE):
                    yield line.removesuffix(b"\n").decode(
                        "utf-8", "surrogateescape"
                    )
        except (OSError, RSPHealthError):
            self._odd.append(path)

    def _files(self, folder: str) -> Iterator[str]:
        top = self._folder(folder)
        for path in _files(top / folder):
            yield str(path.relative_to(top))

    def _folder(self, path: str) -> Path:
        """Return where a file is: linked worktrees share references."""
        is_shared = path.partition("/")[0] in {"refs", "packed-refs"}
        return self._common if is_shared else self._git_dir


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders.sort()
        links = [name for name in folders if Path(parent, name).is_symlink()]
        for name in sorted([*names, *links]):
            yield Path(parent, name)


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


def _small(path: Path) -> str:
    """Read a small regular file as text; anything else is empty."""
    try:
        descriptor = safe_open(path, limit=4096)
    except RSPHealthError:
        return ""
    with os.fdopen(descriptor, "rb") as stream:
        return stream.read(4096).decode("utf-8", "surrogateescape")

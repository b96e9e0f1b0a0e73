"""Look at a tree through a git directory that we made.

A tree that stands in a home folder may hold any ``.git/config``: a plain ``git
status`` runs what it names. Here git gets a fresh directory with our own
configuration that borrows the tree's objects, which are only data, and a copy
of its index, which only saves time. Refs are read by hand.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from ..errors import RSPHealthError
from .refs import GitFolders, read_refs
from .scratch import make_view_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from .runner import Git

__all__ = ["BASE_REF", "OUR_REFS", "StatusEntry", "TrustedView"]

BASE_REF = "refs/rsp-health/base"
"""In the fresh directory: the commit that we checked out."""

OUR_REFS = "refs/rsp-health/"
"""In the fresh directory: what all names of ours begin with."""

_CONFIG = (
    "[core]\n\trepositoryformatversion = 0\n\tbare = false\n"
    "\tsymlinks = false\n"
)
_CONFIG_SHA256 = (
    "[core]\n\trepositoryformatversion = 1\n\tbare = false\n"
    "\tsymlinks = false\n[extensions]\n\tobjectFormat = sha256\n"
)


@dataclass(frozen=True, slots=True)
class StatusEntry:
    """One line of ``git status --porcelain``.

    Parameters
    ----------
    code
        The two letters.
    path
        Below the tree; bytes that are no UTF-8 are kept as surrogates.
    """

    code: str
    path: str


class TrustedView:
    """A fresh git directory that looks at an existing tree.

    Use as a context manager; the directory is removed at its end.

    Parameters
    ----------
    git
        Runs git.
    tree
        The existing tree, with a ``.git`` folder in it.
    base
        The commit that we checked out, kept as `BASE_REF`.
    scratch
        Where the fresh directory is made.
    use_index
        Whether to trust the time stamps of the tree's own index. Without,
        every file is read again.
    subset
        The only paths that were checked out; others may be missing.
    folders
        The tree's git folders, if it has no ``.git`` of its own.
    """

    def __init__(
        self,
        git: Git,
        tree: Path,
        *,
        base: str | None,
        scratch: Path,
        use_index: bool = True,
        subset: tuple[str, ...] | None = None,
        folders: GitFolders | None = None,
    ) -> None:
        self._git = git
        self.tree = tree
        self._base = base
        self._scratch = scratch
        self._use_index = use_index
        self._subset = subset
        self._folders = folders or GitFolders(tree / ".git", tree / ".git")
        self.refs = read_refs(self._folders.own, self._folders.common)
        self.git_dir = tree  # until __enter__
        self._names: dict[str, str] = {}
        self._entries: list[bytes] | None = None
        self._is_made = False
        #: What the index holds, if it is not used for what it says.
        self._unused: list[bytes] | None = None

    def __enter__(self) -> Self:
        self.git_dir = make_view_folder(self._scratch)
        try:
            self._fill()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        shutil.rmtree(self.git_dir, ignore_errors=True)

    def _fill(self) -> None:
        info = self.git_dir / "objects/info"
        info.mkdir(parents=True)
        (self.git_dir / "refs").mkdir()
        objects = os.fsencode((self._folders.common / "objects").resolve())
        (info / "alternates").write_bytes(objects + b"\n")
        head = self.refs.head or "0" * 40
        (self.git_dir / "HEAD").write_text(f"{head}\n", "ascii")
        (self.git_dir / "config").write_text(
            _CONFIG_SHA256 if len(head) == 64 else _CONFIG, "ascii"
        )
        if self.refs.shallow:
            text = "".join(f"{sha}\n" for sha in self.refs.shallow)
            (self.git_dir / "shallow").write_text(text, "ascii")
        self._names = dict(self.refs.names)
        if self._base is not None:
            self._names[BASE_REF] = self._base
        self._write_names()
        if self._use_index:
            with contextlib.suppress(OSError):
                index = self._folders.own / "index"
                if index.is_file() and not index.is_symlink():
                    # With its time: git reads files as young as the index
                    # again, and a younger copy would hide their changes.
                    shutil.copy2(index, self.git_dir / "index")

    def _write_names(self) -> None:
        names = {
            name.encode("utf-8", "surrogateescape"): sha.encode("ascii")
            for name, sha in self._names.items()
        }
        lines = [b"%s %s\n" % (names[name], name) for name in sorted(names)]
        (self.git_dir / "packed-refs").write_bytes(
            b"# pack-refs with: sorted\n" + b"".join(lines)
        )

    def set_names(self, group: str, names: dict[str, str]) -> None:
        """Give objects names of ours, below ``refs/rsp-health/<group>/``."""
        prefix = f"{OUR_REFS}{group}/"
        for name in [n for n in self._names if n.startswith(prefix)]:
            del self._names[name]
        self._names |= {prefix + name: sha for name, sha in names.items()}
        self._write_names()

    def _run(
        self,
        *arguments: str,
        doing: str,
        limit: float = 120.0,
        settings: Sequence[str] = (),
    ) -> bytes:
        return self._git.run(
            arguments,
            doing=doing,
            git_dir=self.git_dir,
            work_tree=self.tree,
            settings=(
                "core.quotePath=false",
                "core.splitIndex=false",
                *settings,
            ),
            time_limit=limit,
        )

    def read(
        self,
        *arguments: str,
        doing: str,
        limit: float = 120.0,
        settings: Sequence[str] = (),
    ) -> bytes:
        """Run a git command that only reads: the tree, its index, its commits.

        Parameters
        ----------
        arguments
            The command and its arguments.
        doing
            What this does, for "Cannot <doing>: ...".
        limit
            Seconds that it may take.
        settings
            More ``name=value`` settings.

        Raises
        ------
        rsp_health.errors.RSPHealthError
            Raised if git fails.
        """
        self._prepare_index()
        return self._run(
            *arguments, doing=doing, limit=limit, settings=settings
        )

    def _prepare_index(self) -> None:
        if self._index_entries() is None and not self._is_made:
            self._is_made = True
            self._run("read-tree", "HEAD", doing="read the checkout")

    @property
    def uses_index(self) -> bool:
        """Whether the copy of the tree's index is used."""
        return self._use_index and (self.git_dir / "index").exists()

    def status(self) -> list[StatusEntry]:
        """List what differs from the checked-out commit, ignored files too.

        Raises
        ------
        rsp_health.errors.RSPHealthError
            Raised if git cannot read the tree, for example because its
            objects are damaged.
        """
        self._prepare_index()
        output = self._run(
            "status",
            "--porcelain=v1",
            "-z",
            "--untracked-files=all",
            "--ignored=traditional",
            "--ignore-submodules=all",
            "--no-renames",
            doing="list the changes",
            limit=300.0,
        )
        text = output.decode("utf-8", "surrogateescape")
        return [
            StatusEntry(item[:2], item[3:])
            for item in text.split("\0")
            if len(item) > 3
            and not (item.startswith(" D ") and self._is_left_out(item[3:]))
        ]

    def _is_left_out(self, path: str) -> bool:
        """Whether a path was never checked out, and does not exist."""
        if self._subset is None:
            return False
        wanted = (part.strip("/") for part in self._subset)
        inside = any(
            path == part or path.startswith(f"{part}/") for part in wanted
        )
        return not inside and not os.path.lexists(self.tree / path)

    def _is_plain(self, entry: bytes) -> bool:
        if entry.startswith(b"H "):
            return True
        path = entry.partition(b"\t")[2].decode("utf-8", "surrogateescape")
        return entry.startswith(b"S ") and self._is_left_out(path)

    def submodules(self) -> list[str]:
        """List the paths that the index reserves for submodules."""
        entries = self._index_entries()
        if entries is None:
            output = self._list_index()
            entries = output.split(b"\0")
        return [
            entry.partition(b"\t")[2].decode("utf-8", "surrogateescape")
            for entry in entries
            if entry[2:].startswith(b"160000 ")
        ]

    def _list_index(self) -> bytes:
        return self._run(
            "ls-files", "-v", "-s", "-z", doing="read the checkout"
        )

    def _index_entries(self) -> list[bytes] | None:
        """Return the copied index, or `None` if it must not be used.

        It must not if one of its entries asks git to look away
        (``assume-unchanged``, ``skip-worktree``) or is in conflict.
        """
        if not self._use_index:
            return None
        if self._entries is None:
            try:
                output = self._list_index()
            except RSPHealthError:
                output = b""
            entries = output.split(b"\0")[:-1]
            if entries and all(map(self._is_plain, entries)):
                self._entries = entries
            else:
                self._use_index = False
                if (self.git_dir / "index").exists():
                    self._unused = entries
                (self.git_dir / "index").unlink(missing_ok=True)
        return self._entries

    def hides_staged(self) -> bool:
        """Whether an index that is not used stages what HEAD has not.

        To be asked after `status`, which then cannot list it.
        """
        if self._unused is None:
            return False
        if not self._unused:
            return True  # cannot even be read
        output = self._run(
            "ls-tree", "-r", "-z", "HEAD", doing="read the checkout"
        )
        committed = set()
        for entry in output.split(b"\0")[:-1]:
            about, _, path = entry.partition(b"\t")
            mode, _, sha = about.split(b" ")
            committed.add(b"%s %s 0\t%s" % (mode, sha, path))
        return any(entry[2:] not in committed for entry in self._unused)

    def count_new(
        self, url: str, ref: str, upstream: str, *, limit: float
    ) -> int:
        """Fetch a ref's commits into this directory; count the new ones.

        The fetch may take ``limit`` seconds.

        Raises
        ------
        rsp_health.errors.RSPHealthError
            Raised if the server does not answer, or not with ``upstream``.
        """
        self._run(
            "fetch",
            "--filter=tree:0",
            "--no-tags",
            "--no-recurse-submodules",
            "--",
            url,
            ref,
            doing="fetch the new commits",
            limit=limit,
        )
        output = self._run(
            "rev-list",
            "--count",
            upstream,
            f"^{BASE_REF}",
            "--",
            doing="count the new commits",
        )
        return int(output)

    def write_original(self, path: str, folder: Path) -> None:
        """Write the checked-out commit's version of a file into a folder.

        Raises
        ------
        rsp_health.errors.NotFoundError
            Raised with code ``no_such_ref`` if the commit has no such file.
        """
        self._use_index = False
        for arguments in (
            ["read-tree", BASE_REF],
            ["checkout-index", "--", path],
        ):
            self._git.run(
                arguments,
                doing=f"restore {path[:200]!r}",
                git_dir=self.git_dir,
                work_tree=folder,
            )

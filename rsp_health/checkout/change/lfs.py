"""Content of Git LFS, for repositories whose entry asks for it.

Without ``lfs`` in its entry a checkout holds the pointers, and no filter ever
runs. With it, git-lfs downloads the content once, right after the clone and
from the repository's own host, whatever the tree's ``.lfsconfig`` names.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...errors import EnvironmentFailureError, UnreadableFileError
from ...files import safe_read
from ..inspect.expected_changes import describe

if TYPE_CHECKING:
    import threading
    from pathlib import Path

    from ...git.runner import Git
    from ..inspect.provenance import KnownFile

__all__ = ["pull", "stored"]

_LIMIT = 3600.0  # Seconds that the download may take.
_LONGEST_POINTER = 1024  # bytes, as git-lfs itself has it
_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n"
    rb"(?:ext-[^\n]*\n)*oid sha256:([0-9a-f]{64})\nsize \d+\n"
)


def _endpoint(url: str) -> str:
    if url.startswith("/"):
        return f"file://{url}"
    if url.startswith("file:"):
        return url
    base = url.rstrip("/")
    return f"{base if base.endswith('.git') else base + '.git'}/info/lfs"


def _pointers(tree: Path, names: list[str]) -> dict[str, str]:
    """Return the files of a fresh clone that are pointers, and to what."""
    found = {}
    for name in names:
        path = tree / name
        try:
            # A link is none: upstream may have it lead to anything.
            if path.is_symlink():
                continue
            match = _POINTER.match(safe_read(path, limit=_LONGEST_POINTER))
        except UnreadableFileError:
            # Outside the subset, a submodule's folder, or too large for one.
            continue
        if match is not None:
            found[name] = match[1].decode("ascii")
    return found


def pull(
    tree: Path,
    url: str,
    names: list[str],
    *,
    git: Git,
    doing: str,
    cancel: threading.Event | None,
) -> dict[str, KnownFile]:
    """Replace the pointers of a fresh clone by what they point to.

    Returns
    -------
    dict
        What was downloaded, by path.

    Raises
    ------
    rsp_health.errors.EnvironmentFailureError
        Raised with code ``no_git_lfs`` if git-lfs is not installed, else by
        kind.
    """
    pointers = _pointers(tree, names)
    if not pointers:
        return {}
    try:
        git.run(
            ["lfs", "pull", "origin"],
            doing=f"{doing} with its large files",
            git_dir=tree / ".git",
            work_tree=tree,
            # Without the filters git-lfs leaves the pointers as they are.
            settings=(
                f"lfs.url={_endpoint(url)}",
                "lfs.locksverify=false",
                "filter.lfs.clean=git-lfs clean -- %f",
                "filter.lfs.smudge=git-lfs smudge -- %f",
                "filter.lfs.required=true",
            ),
            environment={"GIT_LFS_SKIP_SMUDGE": "0"},
            time_limit=_LIMIT,
            cancel=cancel,
        )
    except EnvironmentFailureError as exc:
        if exc.code != "no_command":
            raise
        raise EnvironmentFailureError(
            f"Cannot {doing}: git-lfs is not installed.",
            hint="Ask the operators of the lab image to install git-lfs, or"
            " to remove lfs from the repository's entry.",
            code="no_git_lfs",
        ) from exc
    found = {name: describe(tree / name) for name in pointers}
    if any(found[name]["sha256"] != oid for name, oid in pointers.items()):
        raise EnvironmentFailureError(
            f"Cannot {doing}: not all of its large files arrived.",
            hint="Try again; if it lasts, tell the owners of the repository.",
            code="incomplete",
        )
    return found


def stored(tree: Path, known: KnownFile) -> Path:
    """Return where git-lfs keeps the content of a file."""
    oid = known["sha256"]
    return tree / ".git/lfs/objects" / oid[:2] / oid[2:4] / oid

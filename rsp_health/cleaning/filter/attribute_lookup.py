"""Asks git which filter each notebook of a work tree has, or would have.

The lines of ``info/attributes`` are given, so that they can be tried before
they are written; nothing of the repository's own git directory is read.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ...errors import ConflictError
from .binding import FILTER, bind, kept_lines, unbind

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "NEW_NOTEBOOKS",
    "Git",
    "bind_and_check",
    "filters",
    "of_others",
    "refuse_others",
]

NEW_NOTEBOOKS = ("new-notebook.ipynb", "NEW-NOTEBOOK.IPYNB")
"""Stand for any notebook that may yet come."""


class Git(Protocol):
    """Runs git and returns its output."""

    def __call__(self, *arguments: str, stdin: str) -> str:
        """Run git with arguments and input."""


def filters(
    git: Git, tree: Path, lines: list[str], paths: Iterable[str]
) -> dict[str, str]:
    """Return the filter of each path, as ``git check-attr`` names it.

    Parameters
    ----------
    git
        Runs git.
    tree
        Top of the work tree, whose ``.gitattributes`` files count.
    lines
        Lines of ``info/attributes``, as they are or might be.
    paths
        Paths below the tree.
    """
    # Not a TemporaryDirectory, which in CPython 3.12 and 3.13 ends in a
    # RecursionError where something in it cannot be deleted.
    git_dir = Path(tempfile.mkdtemp(prefix="rsp-health-git-"))
    try:
        for folder in ("objects", "refs", "info"):
            (git_dir / folder).mkdir()
        (git_dir / "HEAD").write_text("ref: refs/heads/none\n")
        text = "".join(f"{line}\n" for line in lines)
        (git_dir / "info/attributes").write_bytes(
            text.encode("utf-8", "surrogateescape")
        )
        said = git(
            f"--git-dir={git_dir}",
            f"--work-tree={tree}",
            "check-attr",
            "-z",
            "--stdin",
            "filter",
            stdin="".join(f"{path}\0" for path in paths),
        ).split("\0")
    finally:
        shutil.rmtree(git_dir, ignore_errors=True)
    return dict(zip(said[::3], said[2::3], strict=False))


def of_others(found: dict[str, str]) -> dict[str, str]:
    """Return the filters of others, each with one of its notebooks."""
    others: dict[str, str] = {}
    for path, value in found.items():
        # "unset" is a repository's own exemption.
        if value not in ("unspecified", "unset", FILTER):
            others.setdefault(value, path)
    return others


def refuse_others(found: dict[str, str], folder: Path) -> None:
    """Refuse to bind notebooks that have another filter.

    Parameters
    ----------
    found
        The filter of each path.
    folder
        The repository or checkout.

    Raises
    ------
    rsp_health.errors.ConflictError
        Raised with code ``filter_bound`` if there is one.
    """
    for name, path in of_others(found).items():
        raise ConflictError(
            f"Notebooks in {folder} already have the git filter {name!r} "
            f"(for example {path}).",
            hint="A file can have only one. Replace it with: rsp-health "
            "filter install --replace",
            code="filter_bound",
        )


def bind_and_check(
    git: Git,
    tree: Path,
    lines: list[str],
    paths: list[str],
    *,
    kept: list[str] | None = None,
) -> list[str]:
    """Return lines that bind every notebook that nobody exempts.

    Parameters
    ----------
    git
        Runs git.
    tree
        Top of the work tree.
    lines
        Lines of ``info/attributes`` as they are.
    paths
        The notebooks below the tree.
    kept
        Those that are left alone because they came with outputs; `None` for
        those of ``lines``.

    Raises
    ------
    rsp_health.errors.ConflictError
        Raised with code ``attributes_unclear`` if git would clean an exempted
        notebook, or not clean another.
    """
    changed = bind(lines, tree, kept)
    others = [*unbind(lines), *kept_lines(changed)]
    before = filters(git, tree, others, paths)
    after = filters(git, tree, changed, paths)
    for path, value in after.items():
        exempt = before.get(path) == "unset"
        if value != ("unset" if exempt else FILTER):
            raise ConflictError(
                f"The filter was not installed in {tree}: {path} would "
                + (
                    "be cleaned, though the repository's attributes leave it "
                    "alone."
                    if exempt
                    else "not be cleaned, because of the repository's "
                    "attributes."
                ),
                hint="Simplify the lines with 'filter' in .gitattributes and "
                ".git/info/attributes, then try again.",
                code="attributes_unclear",
            )
    return changed

"""Lints files and folders: notebooks, and the repository's ``mobu.yaml``."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from ..folders import notebooks
from ..policy import repository_root
from .findings import Finding
from .identifiers import committed
from .mobu_yaml import lint_mobu_yaml
from .notebook import lint_notebook

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["lint"]


def lint(
    paths: Iterable[Path], *, applications: frozenset[str] | None = None
) -> tuple[list[Finding], int]:
    """Lint files and folders.

    Parameters
    ----------
    paths
        Notebooks, ``mobu.yaml`` files, and folders of both.
    applications
        Known applications of the platform, or `None`.

    Returns
    -------
    tuple
        The findings, in the order of files and lines, and how many files
        were looked at.
    """
    files = list(_files(paths))
    heads = _heads(files)
    findings: list[Finding] = []
    for file in files:
        shown = _shown(file)
        try:
            data = file.read_bytes()
        except OSError as exc:
            reason = os.strerror(exc.errno or 0).lower()
            findings.append(
                Finding(
                    path=shown,
                    line=1,
                    rule="broken-notebook",
                    level="error",
                    message=f"it cannot be read: {reason}",
                )
            )
            continue
        if file.name == "mobu.yaml":
            findings += lint_mobu_yaml(shown, data)
            findings += _place(file, shown)
        else:
            findings += lint_notebook(
                shown,
                data,
                head=heads.get(file),
                applications=applications,
            )
    return findings, len(files)


def _files(paths: Iterable[Path]) -> Iterable[Path]:
    seen = set()
    for named in paths:
        path = named.absolute()
        candidates = [*notebooks([path])]
        if path.is_dir() and (path / "mobu.yaml").is_file():
            candidates.append(path / "mobu.yaml")
        for file in candidates:
            if file not in seen:
                seen.add(file)
                yield file


def _heads(files: list[Path]) -> dict[Path, bytes]:
    """Return the notebooks as HEAD has them, by one git a repository."""
    by_root: defaultdict[Path, list[Path]] = defaultdict(list)
    roots: dict[Path, Path | None] = {}
    for file in files:
        if file.parent not in roots:
            roots[file.parent] = repository_root(file.parent)
        root = roots[file.parent]
        if root is not None and file.name != "mobu.yaml":
            by_root[root].append(file)
    found: dict[Path, bytes] = {}
    for root, members in by_root.items():
        found |= committed(root, members)
    return found


def _place(file: Path, shown: str) -> list[Finding]:
    root = repository_root(file.parent)
    if root is None or root == file.parent:
        return []
    return [
        Finding(
            path=shown,
            line=1,
            rule="mobu-yaml-place",
            level="warning",
            message="mobu reads mobu.yaml only at the repository's top, "
            "not here",
        )
    ]


def _shown(file: Path) -> str:
    below = file.is_relative_to(Path.cwd())
    return os.path.relpath(file) if below else str(file)

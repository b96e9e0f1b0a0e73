"""Lints files and folders: notebooks, and the repository's ``mobu.yaml``."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import BadInputError, UnreadableFileError
from ...files import safe_read
from ...notebooks.finder import notebooks
from ..policy import load_applications, repository_root
from .committed import Committed
from .findings import Finding
from .mobu_yaml import lint_mobu_yaml
from .notebook import lint_notebook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["lint"]

#: Bytes beyond which a file is not taken for a notebook, as for runs.
_MAX_BYTES = 256 * 1024**2


def lint(
    paths: Iterable[Path],
    *,
    applications: frozenset[str] | None = None,
    against: str | None = None,
    name: Callable[[Path], str] = str,
    warn: Callable[[str], None] = lambda _: None,
) -> tuple[list[Finding], int]:
    """Lint files and folders.

    Parameters
    ----------
    paths
        Notebooks, ``mobu.yaml`` files, and folders of both.
    applications
        Known applications of the platform; `None` for what each repository's
        settings say.
    against
        Commit whose cell ids should still be there; `None` for HEAD, if there
        is one.
    name
        Returns a file's name in the findings.
    warn
        Is told, in a line, what could not be looked at.

    Returns
    -------
    tuple
        The findings, in the order of files and lines, and how many files
        were looked at.

    Raises
    ------
    rsp_health.errors.BadInputError
        Raised if a repository's settings are wrong, or ``against`` is not a
        commit of it.
    """
    findings: list[Finding] = []
    files = 0
    with ExitStack() as stack:
        repositories = _Repositories(stack, against, warn)
        for file in _files(paths):
            files += 1
            findings += _lint(
                file, name(file), applications, repositories, against
            )
        if against is not None and not repositories.any:
            raise BadInputError(
                f"There is no repository, so no commit {against[:100]!r}.",
                hint="Leave --against out, or name files of a repository.",
                code="no_repository",
            )
    return findings, files


def _lint(
    file: Path,
    shown: str,
    applications: frozenset[str] | None,
    repositories: _Repositories,
    against: str | None,
) -> list[Finding]:
    try:
        data = safe_read(file, limit=_MAX_BYTES)
    except UnreadableFileError as exc:
        return [
            Finding(
                path=shown,
                line=1,
                rule="unreadable-file",
                level="error",
                message=f"it cannot be read: {exc.reason}",
            )
        ]
    repository = repositories.of(file)
    if file.name == "mobu.yaml":
        found = lint_mobu_yaml(shown, data)
        if repository is not None and repository.root != _real(file).parent:
            found.append(_misplaced(shown))
        return found
    if repository is None:
        return lint_notebook(shown, data, applications=applications)
    return lint_notebook(
        shown,
        data,
        old=repository.committed.read(_real(file)),
        against=against or "HEAD",
        applications=(
            repository.applications if applications is None else applications
        ),
    )


def _real(file: Path) -> Path:
    """Return where a file lies; its own name may be that of a link."""
    return Path(os.path.realpath(file.parent), file.name)


class _Repository:
    def __init__(self, root: Path, committed: Committed) -> None:
        self.root = root
        self.committed = committed
        self.applications = load_applications(root)


class _Repositories:
    """The repositories of files, each opened once."""

    def __init__(
        self,
        stack: ExitStack,
        against: str | None,
        warn: Callable[[str], None],
    ) -> None:
        self._stack = stack
        self._against = against
        self._warn = warn
        self._by_folder: dict[Path, _Repository | None] = {}
        self._by_root: dict[Path, _Repository] = {}

    @property
    def any(self) -> bool:
        """Whether a file was in a repository."""
        return bool(self._by_root)

    def of(self, file: Path) -> _Repository | None:
        """Return the repository of a file."""
        if file.parent not in self._by_folder:
            root = repository_root(_real(file).parent)
            self._by_folder[file.parent] = (
                None if root is None else self._open(root)
            )
        return self._by_folder[file.parent]

    def _open(self, root: Path) -> _Repository:
        if root not in self._by_root:
            committed = Committed(root, against=self._against, warn=self._warn)
            self._by_root[root] = _Repository(
                root, self._stack.enter_context(committed)
            )
        return self._by_root[root]


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    named: list[Path] = []
    for path in paths:
        here = path.absolute()
        named.append(here)
        if os.path.lexists(here / "mobu.yaml"):  # so it is a folder
            named.append(here / "mobu.yaml")
    return notebooks(named)


def _misplaced(shown: str) -> Finding:
    return Finding(
        path=shown,
        line=1,
        rule="mobu-yaml-place",
        level="warning",
        message="mobu reads mobu.yaml only at the repository's top, not here",
    )

"""The notebooks of a checkout, and which of them apply here."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from ...effects import BY_DEFAULT
from ...files.remembered import Remembered
from ...notebooks.content import content_sha256
from ...notebooks.document import InvalidNotebookError, read_notebook
from ...notebooks.mobu_yaml import read_mobu_yaml
from ...notebooks.names import to_text
from ..record.copies import folders_of_copies
from .models import NotebookEntry, NotebookList
from .selection import find_notebooks, select

if TYPE_CHECKING:
    from pathlib import Path

    from ...effects import Allowance
    from ..timings.lookup import Timings

__all__ = ["NotebookListing"]

#: Notebooks whose contents are remembered, and bytes of one that is read to
#: know whether it was changed since it was run.
_KEPT = 10_000
_BYTES = 64 * 1024**2


class NotebookListing:
    """Lists notebooks, and remembers what they say.

    Parameters
    ----------
    root
        What JupyterLab shows as ``/``.
    data_dir
        Folder of run records; executed copies are left out.
    """

    def __init__(self, *, root: Path, data_dir: Path) -> None:
        self._root = root
        self._data_dir = data_dir
        self._contents = Remembered[str | None](most=_KEPT)

    def of(
        self,
        directory: Path,
        *,
        repository: str,
        applications: frozenset[str] | None,
        timings: Timings,
        allowance: Allowance = BY_DEFAULT,
    ) -> NotebookList:
        """List the notebooks of a checkout, and which of them apply here.

        Parameters
        ----------
        directory
            The checkout.
        repository
            Its id.
        applications
            What is deployed here; `None` if not known.
        timings
            What the notebooks took before.
        allowance
            What a run takes without being asked.
        """
        rules = read_mobu_yaml(directory)
        problems = list(rules.problems)
        candidates = select(
            find_notebooks(
                directory,
                leave_out=folders_of_copies(self._data_dir, self._root),
                problems=problems,
            ),
            rules=rules,
            applications=applications,
        )
        for candidate in candidates:
            candidate.refuse(allowance)
            problems += candidate.problems
        if applications is None and any(c.required for c in candidates):
            problems.append(
                "It is not known which applications are deployed here, so no "
                "notebook is left out because one is missing."
            )
        return NotebookList(
            repository=repository,
            directory=self._relative(directory),
            problems=problems,
            notebooks=[
                NotebookEntry(
                    path=to_text(candidate.relative),
                    application=candidate.application,
                    required_applications=candidate.required,
                    selected=candidate.selected,
                    reason=candidate.reason,
                    effects=candidate.declared.effects,
                    load=candidate.declared.load,
                    modified_at=_modified_at(candidate.path),
                    content_sha256=self._contents.get(
                        (candidate.path,), partial(_content, candidate.path)
                    ),
                    usual=timings.usual_now(where),
                    recent=timings.recent(where),
                )
                for candidate in candidates
                for where in [_place(candidate.path)]
            ],
        )

    def _relative(self, path: Path) -> str:
        try:
            return path.resolve().relative_to(self._root.resolve()).as_posix()
        except ValueError:
            return str(path)


def _place(path: Path) -> str:
    """Return how records name a notebook: links of its folder resolved."""
    return to_text(path.parent.resolve() / path.name)


def _modified_at(path: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return None


def _content(path: Path) -> str | None:
    """Return the digest of what a notebook says, if it is one."""
    try:
        if path.stat().st_size > _BYTES:
            return None
        return content_sha256(read_notebook(path).content)
    except (InvalidNotebookError, OSError):
        return None

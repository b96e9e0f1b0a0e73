"""Which notebooks "the last run again" means."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import BadInputError
from ...notebooks.names import from_text
from ...states import PASSING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models import RunDocument, RunMode
    from ..record.history import History

__all__ = ["LastRun", "notebooks_of_last_run"]

#: Ends after which there is nothing to try again. A notebook that was skipped
#: had a reason that its repository or the platform gave.


@dataclass(frozen=True, slots=True, kw_only=True)
class LastRun:
    """What is run again.

    Parameters
    ----------
    notebooks
        Those that still exist, in the order of that run.
    folder
        What their paths in the record are relative to.
    mode
        How tags were taken.
    """

    notebooks: list[Path]
    folder: Path
    mode: RunMode


def notebooks_of_last_run(
    history: History, *, failed: bool, below: Sequence[Path] = ()
) -> LastRun:
    """Return the notebooks of the newest run that has ended.

    Parameters
    ----------
    history
        The runs.
    failed
        Whether to leave out what passed.
    below
        If given, only notebooks that are among these files, or in these
        folders; and the newest run is the newest that had one of them.

    Returns
    -------
    LastRun
        What is left of it.

    Raises
    ------
    rsp_health.errors.BadInputError
        Raised if there is no such run, or nothing of it is left to run.
    """
    wanted = [path.expanduser().absolute().resolve() for path in below]
    for run_id in history.ids():
        document = history.document(run_id)
        if document is None or document.finished_at is None:
            continue
        found = _notebooks(document, wanted)
        if found:
            return _choose(document, found, failed=failed)
    where = f" in {', '.join(str(path) for path in below)}" if below else ""
    raise BadInputError(
        f"There is no run{where} that could be repeated.",
        hint="Name a notebook or a folder to run.",
        code="no_last_run",
    )


def _notebooks(
    document: RunDocument, wanted: list[Path]
) -> list[tuple[Path, str]]:
    """Return the notebooks of a run that were to run, and their states."""
    base = Path(from_text(document.folder or "/"))
    found: list[tuple[Path, str]] = []
    for notebook in document.notebooks:
        path = base / from_text(notebook.path)
        inside = any(path.resolve().is_relative_to(one) for one in wanted)
        if notebook.state != "skipped" and (inside or not wanted):
            found.append((path, notebook.state))
    return found


def _choose(
    document: RunDocument, found: list[tuple[Path, str]], *, failed: bool
) -> LastRun:
    chosen = [
        path for path, state in found if not failed or state not in PASSING
    ]
    if not chosen:
        raise BadInputError(
            f"Every notebook of run {document.run_id} passed.",
            hint="Run them all again with --last.",
            code="nothing_failed",
        )
    left = [path for path in chosen if path.exists()]
    if not left:
        raise BadInputError(
            f"No notebook of run {document.run_id} exists any more.",
            hint="Name a notebook or a folder to run.",
            code="no_last_run",
        )
    return LastRun(
        notebooks=left,
        folder=Path(from_text(document.folder or "/")),
        mode=document.mode,
    )

"""The output filter of a checkout: what the cleaning feature lends us."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ...errors import RSPHealthError
from ...printable import printable
from ...wire import ErrorBody
from ..inspect.provenance import (
    accept_settings,
    has_accepted_settings,
    read_record,
)
from ..progress import error_body

if TYPE_CHECKING:
    from concurrent.futures import Future
    from pathlib import Path

__all__ = ["OutputFilter", "apply_choice", "refresh", "renew"]


_NAMED = 5
"""Notebooks that a message names at most."""


class OutputFilter(Protocol):
    """Installs a git filter into a work tree; features meet only by this."""

    def begin_trial(self) -> Future[str]:
        """Begin to try its program, in a thread."""

    def install(
        self,
        tree: Path,
        *,
        is_fresh: bool = False,
        trial: Future[str] | None = None,
    ) -> list[str]:
        """Install it; raise an `RSPHealthError` if that cannot be.

        Where all is fresh from upstream, notebooks with outputs are left
        alone; returns those. Awaits the trial, if one was begun.
        """

    def remove(self, directory: Path) -> object:
        """Remove it; fine if it is not there."""

    def is_bound(self, directory: Path) -> bool:
        """Whether notebooks of the tree are bound to it; runs nothing."""

    def is_stale(self, directory: Path) -> bool:
        """Whether what it runs is not this installation's program."""


def apply_choice(
    outputs: OutputFilter | None,
    tree: Path,
    repository: str,
    *,
    wanted: bool,
    trial: Future[str] | None = None,
) -> ErrorBody | None:
    """Turn the filter of our own, unchanged tree on or off.

    A checkout is worth having without the filter, so nothing is raised.

    Returns
    -------
    ErrorBody | None
        Why the filter is not as wanted, or which notebooks it leaves alone.
    """
    if outputs is None or outputs.is_bound(tree) == wanted:
        return None
    kept: list[str] = []
    try:
        if wanted:
            kept = outputs.install(tree, is_fresh=True, trial=trial)
        else:
            outputs.remove(tree)
        # Else the filter's lines in .git/config would count as the user's.
        accept_settings(tree, repository)
    except (RSPHealthError, OSError) as exc:
        return _failed(exc, tree, "install" if wanted else "remove")
    return _told(kept) if kept else None


def _failed(
    exc: RSPHealthError | OSError, tree: Path, command: str
) -> ErrorBody:
    told = error_body(exc) if isinstance(exc, RSPHealthError) else None
    reason = told.message if told else "The file system refused."
    verb = "turned on" if command == "install" else "turned off"
    return ErrorBody(
        error="output_filter",
        message=f"The output filter could not be {verb}: {reason}",
        hint="Outputs of notebooks may get into commits. Try by hand: "
        f"rsp-health filter {command} --repo {tree}",
    )


def _told(kept: list[str]) -> ErrorBody:
    """Name the notebooks that the filter leaves alone."""
    names = ", ".join(map(printable, kept[:_NAMED]))
    more = len(kept) - _NAMED
    if more > 0:
        names += f" and {more} more"
    what = "a notebook" if len(kept) == 1 else f"{len(kept)} notebooks"
    return ErrorBody(
        error="outputs_kept",
        message=f"The repository itself keeps {what} with outputs, which the "
        f"output filter leaves alone: {names}.",
        hint="Outputs that you make there get into your commits.",
    )


def refresh(outputs: OutputFilter | None, tree: Path, repository: str) -> None:
    """Bind a tree's filter to this installation, if another one set it up.

    The path of Python changes with the lab's image. A filter that names one
    that is gone makes every ``git add`` fail, as it must; so it is renewed
    as soon as a server starts. Where the user has changed settings of the
    tree, they stay the user's: only an untouched tree counts as untouched
    afterwards.

    Raises
    ------
    rsp_health.errors.RSPHealthError, OSError
        Raised if it could not be renewed.
    """
    record = read_record(tree)
    if (
        outputs is None
        or record is None
        or record.repository != repository
        or not outputs.is_bound(tree)
        or not outputs.is_stale(tree)
    ):
        return
    untouched = has_accepted_settings(tree, record)
    outputs.install(tree)
    if untouched:
        accept_settings(tree, repository)


def renew(
    outputs: OutputFilter | None, tree: Path, repository: str
) -> ErrorBody | None:
    """Call `refresh` where a failure is no reason to stop; return that."""
    try:
        refresh(outputs, tree, repository)
    except (RSPHealthError, OSError) as exc:
        return _failed(exc, tree, "install")
    return None

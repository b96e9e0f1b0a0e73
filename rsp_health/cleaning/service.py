"""The cleaning feature as the server uses it: paths in, report out."""

from __future__ import annotations

import hashlib
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ConflictError, NotFoundError
from ..files import resolve_inside
from ..files.reading import identity
from ..notebooks.finder import notebooks
from ..printable import printable
from .annotations import document
from .core import Cleaner
from .inplace import is_read_only
from .models import CleanPolicy, CleanReport, CleanUndoReport, UndoneFile
from .policy import DEFAULT_POLICY, PolicyFinder
from .undo import UndoStore

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .core import Outcome

__all__ = ["CleaningService"]


class CleaningService:
    """Judges and cleans notebooks below a root.

    Calls block; a server runs them in a thread. Settings are read anew with
    each call, because a user edits them while the server runs.

    Parameters
    ----------
    root
        What JupyterLab shows as ``/``. Nothing outside it is read or
        written, symlinks included.
    undo
        Keeps what is replaced. Without it nothing can be put back.
    """

    def __init__(self, *, root: Path, undo: UndoStore | None = None) -> None:
        self._root = root.resolve()
        self._undo = undo

    def clean(
        self,
        paths: list[Path],
        *,
        exclude: Iterable[Path] = (),
        dry_run: bool = False,
        fingerprint: str | None = None,
    ) -> CleanReport:
        """Clean notebooks in place.

        Parameters
        ----------
        paths
            Files or folders, relative to the root or absolute below it.
        exclude
            Files to leave out, likewise.
        dry_run
            Only tell what would go.
        fingerprint
            That of the report that the user agreed to.

        Returns
        -------
        CleanReport
            One entry for each notebook, its path relative to the root. A
            notebook that is broken or cannot be written is an entry of state
            ``error``; the rest goes on.

        Raises
        ------
        rsp_health.errors.NotFoundError
            Raised if a path does not exist; nothing was cleaned.
        rsp_health.errors.ConflictError
            Raised with code ``changed`` if the files, or what their settings
            say, are not those of ``fingerprint``; nothing was cleaned.
        rsp_health.errors.BadInputError
            Raised if a path leaves the root, or a repository's settings are
            wrong; nothing was cleaned.
        rsp_health.errors.EnvironmentFailureError
            Raised if nb-clean cannot be run.
        """
        named = self._named(paths)
        # A file may be named through a link here and found without it there.
        left_out = {os.path.realpath(self._root / path) for path in exclude}
        files = [
            path
            for path in notebooks(named)
            if not left_out or os.path.realpath(path) not in left_out
        ]
        policies = PolicyFinder()
        policy = policies(named[0]) if named else DEFAULT_POLICY
        found = _fingerprint(files, policies)
        if fingerprint is not None and fingerprint != found:
            raise ConflictError(
                "The notebooks changed since they were looked at.",
                hint="Look at them again; nothing was stripped.",
                code="changed",
            )
        keeper = None
        if self._undo is not None and not dry_run:
            self._undo.prune()
            keeper = self._undo.keeper()
        outcomes = list(
            Cleaner(policies=policies).run(
                files, write=not dry_run, keeper=keeper
            )
        )
        if keeper is not None:
            keeper.finish(outcomes)
        report = document(outcomes, policy, dry_run=dry_run)
        report["fingerprint"] = found
        report["undo"] = None if keeper is None else keeper.undo
        for outcome, entry in zip(outcomes, report["files"], strict=True):
            entry["path"] = self._relative(outcome)
            entry["read_only"] = _is_stuck(outcome)
        return CleanReport.model_validate(report)

    def undo(self, undo: str) -> CleanUndoReport:
        """Put back what one clean replaced; see `UndoStore.restore`.

        Raises
        ------
        rsp_health.errors.NotFoundError
            Raised if nothing is kept under that id.
        """
        outcomes = (self._undo or UndoStore(self._root)).restore(undo)
        return CleanUndoReport(
            files=[
                UndoneFile(
                    path=self._relative(outcome),
                    state="error" if outcome.state == "error" else "restored",
                    message=outcome.message,
                )
                for outcome in outcomes
            ]
        )

    def prune(self) -> None:
        """Delete what was kept for Undo, and is past its time."""
        if self._undo is not None:
            self._undo.prune()

    def _named(self, paths: list[Path]) -> list[Path]:
        # The link's own name is kept for the report; where it leads to is
        # what must be inside.
        named = []
        for path in paths:
            resolve_inside(self._root, path)
            named.append(self._root / path)
            if not os.path.lexists(named[-1]):
                raise NotFoundError(
                    f"There is no file or folder {str(path)!r}.",
                    hint="It may have been renamed or deleted; refresh.",
                    code="no_such_file",
                )
        return named

    def policy_for(self, path: Path) -> CleanPolicy:
        """Return the policy of a file or folder; runs nothing.

        Raises
        ------
        rsp_health.errors.NotFoundError
            Raised if it does not exist.
        rsp_health.errors.BadInputError
            Raised if it is outside the root, or its repository's settings
            are wrong.
        """
        [named] = self._named([path])
        return CleanPolicy.model_validate(asdict(PolicyFinder()(named)))

    def _relative(self, outcome: Outcome) -> str:
        path = os.path.relpath(outcome.path, self._root)
        try:
            path.encode()
        except UnicodeEncodeError:
            # No text of JSON; the lab could not ask for such a name either.
            return printable(path)
        return path


def _fingerprint(files: list[Path], policies: PolicyFinder) -> str:
    """Return a digest of the files' states, and of what is wanted of them."""
    digest = hashlib.sha256()
    for path in files:
        try:
            state: object = identity(path.stat())
        except OSError as exc:
            state = exc.errno
        wanted = policies.of_file(path)
        digest.update(f"{path}\0{state}\0{wanted}\n".encode(errors="replace"))
    return digest.hexdigest()


def _is_stuck(outcome: Outcome) -> bool:
    try:
        return outcome.state == "dirty" and is_read_only(Path(outcome.path))
    except OSError:
        return False

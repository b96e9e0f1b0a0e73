"""The cleaning feature as the server uses it: paths in, report out."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import TYPE_CHECKING

from ..errors import BadInputError, NotFoundError
from ..files import resolve_inside
from .annotations import document
from .core import Cleaner
from .document import BrokenNotebookError
from .folders import notebooks
from .models import CleanPolicy, CleanReport
from .policy import DEFAULT_POLICY, Policy, PolicyFinder

if TYPE_CHECKING:
    from pathlib import Path

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
    """

    def __init__(self, *, root: Path) -> None:
        self._root = root.resolve()

    def check(self, paths: list[Path]) -> CleanReport:
        """Judge notebooks; write nothing. As `clean` with ``dry_run``."""
        return self.clean(paths, dry_run=True)

    def clean(
        self, paths: list[Path], *, dry_run: bool = False
    ) -> CleanReport:
        """Clean notebooks in place.

        Parameters
        ----------
        paths
            Files or folders, relative to the root or absolute below it.
        dry_run
            Only tell what would go.

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
        rsp_health.errors.BadInputError
            Raised if a path leaves the root, or the repository's settings
            are wrong; in the latter case some files may be clean already.
        rsp_health.errors.EnvironmentFailureError
            Raised if nb-clean cannot be run.
        """
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
        policies = PolicyFinder()
        policy = policies(named[0]) if named else DEFAULT_POLICY
        outcomes = list(
            Cleaner(policies=policies).run(notebooks(named), write=not dry_run)
        )
        for outcome in outcomes:
            outcome.path = self._relative(outcome)
        return CleanReport.model_validate(
            document(outcomes, policy, dry_run=dry_run)
        )

    def clean_bytes(
        self, data: bytes, *, policy: CleanPolicy | None = None
    ) -> bytes:
        """Return a notebook's bytes, cleaned.

        Raises
        ------
        rsp_health.errors.BadInputError
            Raised with code ``broken_notebook`` if it cannot be judged.
        """
        chosen = DEFAULT_POLICY if policy is None else _from_model(policy)
        try:
            return Cleaner().clean_bytes(data, chosen).data
        except BrokenNotebookError as exc:
            raise BadInputError(
                f"The notebook cannot be cleaned: {exc}.",
                hint="Open it in JupyterLab and save it, then try again.",
                code="broken_notebook",
            ) from exc

    def policy_for(self, path: Path) -> CleanPolicy:
        """Return the policy of a file or folder below the root."""
        policy = PolicyFinder()(resolve_inside(self._root, path))
        return CleanPolicy.model_validate(asdict(policy))

    def _relative(self, outcome: Outcome) -> str:
        return os.path.relpath(outcome.path, self._root)


def _from_model(model: CleanPolicy) -> Policy:
    return Policy(
        keep_output_tags=tuple(model.keep_output_tags),
        keep_output_max_bytes=model.keep_output_max_bytes,
        drop_cell_metadata=tuple(model.drop_cell_metadata),
        drop_notebook_metadata=tuple(model.drop_notebook_metadata),
        drop_language_version=model.drop_language_version,
    )

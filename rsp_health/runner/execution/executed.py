"""Where executed copies are kept: never in the place of what was run."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import BadInputError
from ...notebooks.names import to_text

if TYPE_CHECKING:
    from ..planning.plan import RunPlan

__all__ = ["ExecutedCopies"]


class ExecutedCopies:
    """The folder of one run's executed copies.

    Parameters
    ----------
    folder
        The folder; it need not exist.
    root
        What the lab shows as ``/``.
    """

    def __init__(self, folder: Path, *, root: Path) -> None:
        self._folder = folder
        self._root = root

    def refuse_sources(self, plan: RunPlan) -> None:
        """Check, before the run, that no copy replaces one of its notebooks.

        Raises
        ------
        rsp_health.errors.BadInputError
            Raised if one would.
        """
        sources = {_entry(notebook.path) for notebook in plan.notebooks}
        for notebook in plan.selected:
            if _entry(self._place(notebook.relative)) in sources:
                raise BadInputError(
                    f"The executed copy of {notebook.relative} would replace "
                    "a notebook that is to be run.",
                    hint="Name another folder with --output.",
                    code="output_is_source",
                )

    def save(self, relative: str, content: bytes) -> str:
        """Save a copy; return its path for the record.

        Parameters
        ----------
        relative
            The notebook's path in the record.
        content
            The file's bytes.

        Raises
        ------
        OSError
            Raised if it cannot be written; nothing is left then.
        """
        path = self._place(relative)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Short: the notebook's name may be as long as a name can be.
        temporary = path.with_name(f".{secrets.token_hex(6)}.tmp")
        try:
            with temporary.open("wb") as file:
                file.write(content)
            temporary.replace(path)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        try:
            return to_text(path.resolve().relative_to(self._root))
        except ValueError:
            return to_text(path)

    def _place(self, relative: str) -> Path:
        parts = Path(relative).parts
        return self._folder.joinpath(
            *(part for part in parts if part not in {"/", ".."})
        )


def _entry(path: Path) -> Path:
    """Return the folder's entry itself, be it a link."""
    return path.parent.resolve() / path.name

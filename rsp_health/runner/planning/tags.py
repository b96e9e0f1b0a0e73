"""What the tags and metadata of a notebook's cells ask of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...notebooks.document import CodeCell, NotebookDocument
    from ..models import RunMode

__all__ = ["CellWishes"]


@dataclass(frozen=True, slots=True)
class CellWishes:
    """What the cells of a notebook ask for.

    Parameters
    ----------
    document
        The notebook.
    mode
        ``jupyter`` honours tags and metadata, ``mobu`` does not.
    """

    document: NotebookDocument
    mode: RunMode

    def is_skipped(self, cell: CodeCell) -> bool:
        """Whether a cell is not to be run: it is empty, or says so."""
        if not cell.source.strip():
            return True
        return self.mode == "jupyter" and "skip-execution" in cell.tags

    def to_run(self) -> list[int]:
        """Return the numbers of the cells that are to be run."""
        return [
            cell.index
            for cell in self.document.cells
            if not self.is_skipped(cell)
        ]

    def allows_errors(self, cell: CodeCell) -> bool:
        """Whether an exception in a cell is no failure."""
        if self.mode == "mobu":
            return False
        if "raises-exception" in cell.tags:
            return True
        for metadata in (cell.cell["metadata"], self.document.metadata):
            execution = metadata.get("execution")
            if (
                isinstance(execution, dict)
                and execution.get("allow_errors") is True
            ):
                return True
        return False

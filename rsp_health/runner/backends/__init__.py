"""Where the notebooks of a run execute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..execution.notebook_outcome import Outcome
    from ..planning.plan import PlannedNotebook

__all__ = ["Backend"]


class Backend(Protocol):
    """Makes attempts at the notebooks of one run, in several threads."""

    @property
    def name(self) -> Literal["local", "dask"]:
        """Its name in the record."""

    @property
    def python(self) -> str | None:
        """Version of Python that the notebooks ran in, when known."""

    def fill(self, coming: Sequence[PlannedNotebook]) -> None:
        """Prepare for the notebooks that come next."""

    def make(
        self, notebook: PlannedNotebook, number: int
    ) -> tuple[Outcome, Callable[[], bytes] | None]:
        """Make one attempt.

        Parameters
        ----------
        notebook
            The notebook.
        number
            Which attempt it is, from 1.

        Returns
        -------
        tuple
            How it ended, and what returns the executed copy, if there is one.
        """

    def close(self) -> None:
        """End everything; called once, when no attempt is under way."""

"""A conflict that says what it is in conflict with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ConflictError

if TYPE_CHECKING:
    from ..checkout.models import Inspection
    from ..effects import Allowance

__all__ = ["KnownConflictError"]


class KnownConflictError(ConflictError):
    """A 409 whose body carries more than words.

    Parameters
    ----------
    message
        What happened, and where.
    hint
        What to do next.
    code
        Stable identifier.
    inspection
        The tree as it is now, when it changed since it was inspected.
    run_id
        The run that already has the notebook.
    needed
        What the run has to be asked for.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        code: str | None = None,
        inspection: Inspection | None = None,
        run_id: str | None = None,
        needed: Allowance | None = None,
    ) -> None:
        super().__init__(message, hint=hint, code=code)
        self.inspection = inspection
        self.run_id = run_id
        self.needed = needed

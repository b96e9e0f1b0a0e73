"""Fixes: what a check offers to move aside, planned, done and undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import BadInputError
from .checks import chosen, load
from .moves import MoveJournal

if TYPE_CHECKING:
    from .context import Context
    from .models import Finding, Repair

__all__ = ["journal_of", "plan_fix"]


def journal_of(context: Context) -> MoveJournal:
    """Return the journal of this lab's fixes."""
    return MoveJournal(context.find_data_dir() / "doctor", context.home)


def plan_fix(finding: Finding, context: Context) -> Repair:
    """Return what the fix of a finding would move.

    Parameters
    ----------
    finding
        What its check finds now.
    context
        The lab.

    Raises
    ------
    rsp_health.errors.BadInputError
        Raised with code ``no_fix`` if it offers none.
    """
    chosen([finding.check])
    aside = (
        load(finding.check).aside(context) if finding.fix is not None else {}
    )
    if not aside:
        raise BadInputError(
            f"There is nothing to fix for {finding.check}: {finding.sentence}",
            hint=finding.next_step
            or f"See `rsp-health doctor {finding.check}`.",
            code="no_fix",
        )
    return journal_of(context).plan(finding.check, aside)

"""Refuses what a run was not asked for, where somebody can be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import ConflictError
from .plan import make_plan
from .selection import required_applications

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from ...effects import Allowance
    from .call import RunCall

__all__ = ["MustAskError", "refuse_unasked"]

#: Names in one sentence.
_NAMED = 5


class MustAskError(ConflictError):
    """Notebooks were named that do more than the run was asked for.

    Parameters
    ----------
    message
        Which, and what they do.
    needed
        What the run has to be asked for.
    """

    code = "must_ask"

    def __init__(self, message: str, needed: Allowance) -> None:
        super().__init__(
            message,
            hint="To run them, allow it for this run; see *What a notebook "
            "may do* in the guide.",
        )
        self.needed = needed


def refuse_unasked(call: RunCall, *, leave_out: Collection[Path] = ()) -> None:
    """Look for notebooks named in a call that do more than it says.

    What is in a folder is left out of the run, and told: for that nobody is
    asked. But whoever says that a named one may do more lets the others do
    so, too: then these are in the question.

    Parameters
    ----------
    call
        What is to be run; its paths are absolute.
    leave_out
        Folders that the run does not search.

    Raises
    ------
    MustAskError
        Raised if there is one.
    """
    given = call.options.allowance
    needed = given
    for path in call.paths:
        if path.is_file():
            needed = needed.with_(required_applications(path).declared)
    if needed == given:
        return
    plan = make_plan(
        call.paths,
        folder=call.folder,
        everything=call.everything,
        applications=call.applications,
        leave_out=leave_out,
        allowance=needed,
    )
    found: dict[str, list[str]] = {}
    for notebook in plan.selected:
        does = given.beyond(notebook.declared)
        if does:
            found.setdefault(does, []).append(notebook.relative)
    if found:
        sentences = [
            f"{does[0].upper()}{does[1:]}: {_list(names)}."
            for does, names in found.items()
        ]
        raise MustAskError(" ".join(sentences), needed)


def _list(names: list[str]) -> str:
    more = len(names) - _NAMED
    text = ", ".join(names[:_NAMED])
    return f"{text} and {more} more" if more > 0 else text

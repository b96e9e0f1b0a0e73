"""Refuses what a run was not asked for, where somebody can be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import ConflictError
from ...notebooks.names import to_text
from .selection import required_applications

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ...effects import Allowance

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
            hint="Run it again, and say that they may; see "
            "*What a notebook may do* in the guide.",
        )
        self.needed = needed


def refuse_unasked(paths: Sequence[Path], allowance: Allowance) -> None:
    """Look for notebooks among some paths that do more than a run may.

    Folders are not looked into: what is in one is left out, and told.

    Parameters
    ----------
    paths
        Notebooks and folders, absolute.
    allowance
        The most that they may do.

    Raises
    ------
    MustAskError
        Raised if there is one.
    """
    needed = allowance
    reasons: dict[str, list[str]] = {}
    for path in paths:
        if not path.is_file():
            continue
        declared = required_applications(path).declared
        reason = allowance.refusal(declared)
        if reason is not None:
            needed = needed.with_(declared)
            reasons.setdefault(reason, []).append(to_text(path.name))
    if reasons:
        sentences = [
            f"{_list(names)}: {reason}" for reason, names in reasons.items()
        ]
        raise MustAskError(" ".join(sentences), needed)


def _list(names: list[str]) -> str:
    more = len(names) - _NAMED
    text = ", ".join(names[:_NAMED])
    return f"{text} and {more} more" if more > 0 else text

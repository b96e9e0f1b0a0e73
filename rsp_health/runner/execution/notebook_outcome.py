"""How a notebook ended: a state of the contracts and the reason for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..models import NotebookState

__all__ = ["Outcome"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a notebook ended.

    Parameters
    ----------
    state
        A state of the contracts.
    reason
        Why.
    attempt
        The attempt that it comes of, if that is not the last one.
    """

    state: NotebookState
    reason: str | None = None
    attempt: int | None = None

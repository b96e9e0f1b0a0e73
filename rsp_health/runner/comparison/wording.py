"""Differences in sentences, each with its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...states import RUN_STATES
from ..timings.usual import ENOUGH
from .shift import FEW

if TYPE_CHECKING:
    from .models import Difference, DifferenceKind, SideFigures

__all__ = [
    "KINDS",
    "ended_otherwise",
    "present_once",
    "title_of",
    "too_few",
    "too_noisy",
    "took_otherwise",
]

#: What each kind is called, in the order in which they are told.
KINDS: dict[DifferenceKind, str] = {
    "newly_failing": "newly failing",
    "still_failing": "still failing",
    "unsteady": "failing now and then",
    "gone": "gone",
    "slower": "slower",
    "more_memory": "more memory",
    "new": "new",
    "fixed": "fixed",
    "faster": "faster",
}


def title_of(difference: Difference) -> str:
    """Return what a difference is about: a notebook, or a cell of it."""
    if difference.cell_index is None:
        return difference.notebook
    return f"{difference.notebook} [{difference.cell_index}]"


def present_once(kind: DifferenceKind, side: SideFigures | None) -> str:
    """Say that a notebook is on one side only."""
    state = RUN_STATES[side.state].word if side and side.state else "not run"
    if kind == "gone":
        return f"It is no longer there; before: {state}."
    return f"It was not there before; now: {state}."


def ended_otherwise(
    kind: DifferenceKind, before: SideFigures, after: SideFigures
) -> str:
    """Say how a notebook ended on both sides."""
    error = before.error if kind == "fixed" else after.error
    text = (
        f"It passed {_of(after.passed, after.n)}; before: "
        f"{_of(before.passed, before.n)}."
    )
    return f"{text} {error}" if error else text


def _of(number: int, whole: int) -> str:
    return f"{number} of {whole} {'time' if whole == 1 else 'times'}"


def took_otherwise(before: SideFigures, after: SideFigures) -> str:
    """Say what was needed on both sides."""
    number = f"n = {before.times} and {after.times}"
    if before.memory_bytes is not None and after.memory_bytes is not None:
        mib = 1 << 20
        return (
            f"{after.memory_bytes / mib:.0f} MiB at most; before: "
            f"{before.memory_bytes / mib:.0f} MiB (medians, {number})."
        )
    first, second = before.median_s or 0.0, after.median_s or 0.0
    times = f", {second / first:.1f} times as long" if first > 0 else ""
    return (
        f"{second:.2f} s \N{PLUS-MINUS SIGN} {after.mad_s or 0:.2f}; before: "
        f"{first:.2f} s \N{PLUS-MINUS SIGN} {before.mad_s or 0:.2f}{times} "
        f"(medians, {number})."
    )


def too_few(before: int, after: int) -> str:
    """Say that there are too few passes to compare times."""
    return (
        f"Too few passes to compare times: {before} and {after}. At least "
        f"{FEW} on each side are needed, or {ENOUGH} before."
    )


def too_noisy(factor: float) -> str:
    """Say that the times scatter too much to compare them."""
    return (
        f"Its times scatter too much: up to {factor:.1f} times as long could "
        "hide in them. Run it again when the machine is quieter."
    )

"""Rows from the worst to the best, as the panel and the terminal show them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ..states import SERVICE_STATES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .models import ServiceStatus

__all__ = ["is_trouble", "is_unasked", "worst_first"]

_RANKS = {state: rank for rank, state in enumerate(SERVICE_STATES)}


def is_unasked(row: ServiceStatus) -> bool:
    """Return whether nothing is known of a row because nobody asked."""
    unasked = row.age_s is None or row.stale
    return row.state == "unknown" and row.spends_quota and unasked


def is_trouble(row: ServiceStatus) -> bool:
    """Return whether a row says that something is wrong."""
    return _RANKS[row.state] < _RANKS["unknown"]


def worst_first(rows: Iterable[ServiceStatus]) -> list[ServiceStatus]:
    """Return rows from the worst to the best.

    Of those that are equally bad, what most others of them need comes first:
    it may be the cause. What nobody asked for is no trouble.

    Parameters
    ----------
    rows
        In the order of importance.
    """
    rows = list(rows)
    needed = Counter(
        name
        for row in rows
        if _rank(row) <= _RANKS["unknown"]
        for name in row.depends_on
    )

    def key(row: ServiceStatus) -> tuple[float, int]:
        rank = _rank(row)
        well = rank >= _RANKS["up"]
        return rank, 0 if well else -needed[row.application]

    return sorted(rows, key=key)


def _rank(row: ServiceStatus) -> float:
    return _RANKS["up"] + 0.5 if is_unasked(row) else _RANKS[row.state]

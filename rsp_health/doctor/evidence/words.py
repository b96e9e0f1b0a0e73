"""Quantities and lists in words, as all findings tell them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["counted", "duration", "listed", "size"]

_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")


def size(count: float) -> str:
    """Return a number of bytes, such as ``1.2 GB``."""
    unit = 0
    while count >= 999.5 and unit < len(_UNITS) - 1:
        count /= 1000
        unit += 1
    text = f"{count:.0f}" if unit == 0 or count >= 9.95 else f"{count:.1f}"
    return f"{text} {_UNITS[unit]}"


def duration(seconds: float) -> str:
    """Return a time span, such as ``3 min``."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    if seconds < 172_800:
        return f"{seconds / 3600:.0f} h"
    return f"{seconds / 86_400:.0f} days"


def counted(number: int, word: str, plural: str = "") -> str:
    """Return ``1 file`` or ``3 files``."""
    return f"{number} {word if number == 1 else plural or f'{word}s'}"


def listed(names: Sequence[str], most: int = 4) -> str:
    """Return names with commas; those beyond ``most`` are counted."""
    more = len(names) - most
    text = ", ".join(names[:most])
    return f"{text} and {more} more" if more > 0 else text

"""Times in words, wherever a person reads them."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["moment"]


def moment(at: datetime) -> str:
    """Return a day and a time, such as "2026-11-22 14:05 UTC".

    Parameters
    ----------
    at
        The time, with its zone.
    """
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"

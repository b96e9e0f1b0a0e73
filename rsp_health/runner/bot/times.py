"""How often, and until when, in a user's words."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

__all__ = ["next_time", "parse_duration", "parse_until"]

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*([smhd])")
_MOST_S = 366 * 86400.0


def parse_duration(text: str) -> float:
    """Return the seconds of ``90s``, ``10m``, ``1.5h`` or ``2d``.

    Raises
    ------
    ValueError
        Raised if it is none of these, or is nothing or more than a year.
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError("it must be a number with s, m, h or d, such as 10m")
    seconds = float(match[1]) * _UNITS[match[2]]
    if not 0 < seconds <= _MOST_S:
        raise ValueError("it must be more than 0, and at most a year")
    return seconds


def parse_until(text: str, now: datetime) -> datetime:
    """Return the moment of a duration from now, or of an ISO time.

    A time without a zone is in UTC.

    Raises
    ------
    ValueError
        Raised if it is neither, or past.
    """
    try:
        moment = now + timedelta(seconds=parse_duration(text))
    except ValueError:
        try:
            moment = datetime.fromisoformat(text.strip())
        except ValueError:
            raise ValueError(
                "it must be a duration such as 8h, or a time such as "
                "2026-11-22T18:00"
            ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if moment <= now:
        raise ValueError("it is in the past")
    return moment


def next_time(last: datetime, every_s: float, now: datetime) -> datetime:
    """Return the next of the times that a cycle began, or was to begin.

    Parameters
    ----------
    last
        When the last cycle was to begin.
    every_s
        Seconds from one to the next.
    now
        Times before this one are gone: a cycle that took longer than that
        is not made up for.
    """
    steps = max(1, -int(-(now - last).total_seconds() // every_s))
    return last + timedelta(seconds=steps * every_s)

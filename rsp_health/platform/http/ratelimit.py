"""Gafaelfawr's rate-limit headers.

Source: gafaelfawr ``docs/user-guide/headers.rst``. ``Retry-After`` is an HTTP
date there, not a number of seconds. No remote clock is trusted: a date counts
only as the distance from the answer's own ``Date``.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "RateLimit",
    "count_of",
    "rate_limit",
    "retry_after",
    "seconds_of",
]

_DEFAULT_WAIT_S = 60.0
_MAX_WAIT_S = 3600.0
_MAX_COUNT = 10**11


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """What an answer says about the user's quota for one service."""

    service: str
    limit: int
    remaining: int | None
    resets_in_s: float | None


def count_of(text: str | None) -> int | None:
    """Return a header's number, or `None` if it is none or too large."""
    if text is None or not text.isascii() or not text.isdigit():
        return None
    number = int(text[:12])
    return number if number <= _MAX_COUNT else None


def seconds_of(text: str | None) -> float | None:
    """Return a header's date in seconds since the epoch, if it is one."""
    if text is None:
        return None
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError, TypeError):
        return None


def _now(headers: Mapping[str, str]) -> float:
    theirs = seconds_of(headers.get("date"))
    return time.time() if theirs is None else theirs


def retry_after(headers: Mapping[str, str]) -> float:
    """Return the seconds to wait after a 429, from 1 s to an hour."""
    text = headers.get("retry-after", "").strip()
    number = count_of(text)
    if number is not None:
        wait = float(number)
    else:
        until = seconds_of(text) if text else None
        wait = _DEFAULT_WAIT_S if until is None else until - _now(headers)
    return min(max(wait, 1.0), _MAX_WAIT_S)


def rate_limit(headers: Mapping[str, str]) -> RateLimit | None:
    """Read the quota headers, or return `None` if there are none."""
    service = headers.get("x-ratelimit-resource", "").strip()
    limit = count_of(headers.get("x-ratelimit-limit"))
    if limit is None or not 0 < len(service) <= 100:
        return None
    if not service.isprintable():
        return None
    reset = count_of(headers.get("x-ratelimit-reset"))
    wait = None if reset is None else reset - _now(headers)
    return RateLimit(
        service=service,
        limit=limit,
        remaining=count_of(headers.get("x-ratelimit-remaining")),
        resets_in_s=(
            None if wait is None else min(max(wait, 0.0), _MAX_WAIT_S)
        ),
    )

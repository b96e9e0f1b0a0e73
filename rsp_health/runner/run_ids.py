"""The id of a run: made where a run begins, looked at where one is named.

A run's call names one, and the call is made before models are loaded: this
module imports nothing that is slow.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

__all__ = ["new_run_id", "valid_run_id"]

_NAME = re.compile(r"^\d{8}T\d{6}Z-[0-9a-f]{4,16}$")


def new_run_id() -> str:
    """Return a run id that sorts by time, such as 20261120T213341Z-3f9c.

    Its end is the fraction of the second, in 65536ths: small notebooks are
    run twice in a second, and the last run must be known all the same.
    """
    now = _now()
    fraction = now.microsecond * 65536 // 1_000_000
    return f"{now:%Y%m%dT%H%M%SZ}-{fraction:04x}"


def valid_run_id(run_id: str) -> bool:
    """Whether this can be a run's id, and so the name of its folder."""
    return _NAME.fullmatch(run_id) is not None


def _now() -> datetime:
    return datetime.now(tz=UTC)

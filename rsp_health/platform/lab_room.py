"""When a lab has little room left: the same for the panel and the doctor."""

from __future__ import annotations

__all__ = ["HOME_NONE_BYTES", "MEMORY_LITTLE", "MEMORY_NONE", "home_little"]

MEMORY_LITTLE = 0.85
"""Share of the memory in use from which a large notebook may not fit."""

MEMORY_NONE = 0.95
"""Share of the memory in use from which hardly anything fits."""

HOME_NONE_BYTES = 50_000_000
"""Room in the home below which a lab and its notebooks cannot write."""

_HOME_SHARE = 0.05
#: A share of a file server of everybody's says little.
_HOME_AT_MOST = 2 * 1024**3


def home_little(total_bytes: int) -> float:
    """Return below how many free bytes a home has little room.

    Parameters
    ----------
    total_bytes
        The size of its file system, in bytes.
    """
    share = min(_HOME_SHARE * total_bytes, _HOME_AT_MOST)
    return max(HOME_NONE_BYTES, share)

"""What to do where memory was lacking: which lab would be large enough.

The platform tells a lab its own size, and the user's quota; not which sizes
its spawner offers. So no size is named that nobody knows to exist.
"""

from __future__ import annotations

from .words import size

__all__ = ["against_lack"]

_LESS = "Let it work on less data at once"
_SHUT = "shut down kernels that you do not need"


def against_lack(
    limit: int | None, *, name: str | None = None, largest: int | None = None
) -> str:
    """Return the next step of who has too little memory.

    Parameters
    ----------
    limit
        Bytes of memory of this lab.
    name
        Its size, in the platform's words.
    largest
        Bytes of memory that the user's quota allows.
    """
    if limit and largest is not None and largest <= limit:
        return (
            f"{_LESS}, or {_SHUT}: this lab has all the memory that your "
            f"quota allows ({size(largest)})."
        )
    than = f" than {name}" if name else f" than {size(limit)}" if limit else ""
    allowed = (
        f": your quota allows up to {size(largest)} of memory"
        if largest is not None
        else ""
    )
    return f"{_LESS}, {_SHUT}, or start a larger lab{than}{allowed}."

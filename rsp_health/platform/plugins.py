"""Keeps the lab's plugins out of a process of our own.

Standard library only, and little of it: each command begins with it.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["set_by_us", "without_plugins"]

#: pydantic's own switch: its documentation, "Plugins".
_PLUGINS = "PYDANTIC_DISABLE_PLUGINS"
#: Names that this process has set for itself: nothing that it starts gets them.
_our_own: set[str] = set()


@contextlib.contextmanager
def without_plugins() -> Iterator[None]:
    """Load none of the plugins for pydantic that are installed in the lab.

    For a process of our own only: they would see our models, and to look for
    them reads the metadata of every installed package, a tenth of a second
    and more in the RSP's image. What the user has set is left as it is.
    """
    if _PLUGINS in os.environ:
        yield
        return
    os.environ[_PLUGINS] = "__all__"
    _our_own.add(_PLUGINS)
    try:
        yield
    finally:
        os.environ.pop(_PLUGINS, None)
        _our_own.discard(_PLUGINS)


def set_by_us() -> frozenset[str]:
    """Return the variables that this process has set for itself alone."""
    return frozenset(_our_own)

"""What the words of a cell name, where the error itself names nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .services import needed

if TYPE_CHECKING:
    from .failure import Failure

__all__ = ["hosts_of"]

_MOST = 10
_HOST = re.compile(r"\bhttps?://([\w-][\w.-]{0,252})")


def hosts_of(failure: Failure) -> tuple[str, ...]:
    """Return the hosts that a call went to, as far as can be told.

    Parameters
    ----------
    failure
        What failed. Some libraries' errors name no host. The addresses in
        the cell tell it then, unless the cell speaks to the platform in
        other words, too.
    """
    if failure.hosts or not failure.is_remote or needed(failure):
        return failure.hosts
    found = (name.lower() for name in _HOST.findall(failure.source))
    return tuple(dict.fromkeys(found))[:_MOST]

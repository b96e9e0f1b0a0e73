"""What a cell names, where its error itself names nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["files_in", "files_of_error", "hosts_in"]

_MOST = 10
_PLACES = 4
_HOST = re.compile(r"\bhttps?://([\w-][\w.-]{0,252})")
#: The file of an error, as Python tells it behind the system's words.
_OF_ERROR = re.compile(
    r"(?:No space left on device|Disk quota exceeded|Permission denied"
    r"|Read-only file system|Operation not permitted)[^'\"\n]{0,20}"
    r"(?:'([^'\n]{1,1000})'|\"([^\"\n]{1,1000})\")",
    re.IGNORECASE,
)
_LITERAL = re.compile(
    r"'((?:/|~/)[^'\n]{1,500})'|\"((?:/|~/)[^\"\n]{1,500})\""
)


def hosts_in(source: str) -> tuple[str, ...]:
    """Return the hosts of the addresses in a cell.

    Parameters
    ----------
    source
        What the cell holds.
    """
    found = (name.lower() for name in _HOST.findall(source))
    return tuple(dict.fromkeys(found))[:_MOST]


def files_of_error(said: str, folder: str | None = None) -> tuple[str, ...]:
    """Return the files that an error says could not be used.

    Parameters
    ----------
    said
        The words of the error.
    folder
        The notebook's folder.
    """
    found = _either(_OF_ERROR.findall(said))
    return _few(
        name
        if folder is None or name.startswith(("/", "~/"))
        else f"{folder.rstrip('/')}/{name}"
        for name in found
    )


def files_in(source: str) -> tuple[str, ...]:
    """Return the files that a cell names, by their whole path.

    Parameters
    ----------
    source
        What the cell holds.
    """
    return _few(_either(_LITERAL.findall(source)))


def _few(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))[:_PLACES]


def _either(found: Sequence[tuple[str, str]]) -> list[str]:
    return [first or second for first, second in found]

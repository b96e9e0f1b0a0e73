"""pathlib's globs, as Python 3.13 and newer understand them.

mobu runs on Python 3.14, where ``dir/**`` matches every file below ``dir``;
before 3.13 it matched folders only, and an exclusion excluded nothing. This
matcher gives the newer answer everywhere, on paths alone.
"""

from __future__ import annotations

import fnmatch
import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import PurePosixPath

__all__ = ["InvalidPatternError", "matches"]


class InvalidPatternError(ValueError):
    """The pattern is one that pathlib refuses; the text says why."""


def matches(path: PurePosixPath, pattern: str) -> bool:
    """Tell whether ``root.glob(pattern)`` would yield a file.

    Parameters
    ----------
    path
        The file, relative to the root that the pattern is for.
    pattern
        The pattern.

    Raises
    ------
    InvalidPatternError
        Raised for an empty or absolute pattern.
    """
    segments, folders_only = _parse(pattern)
    return not folders_only and _match(path.parts, segments)


@lru_cache(maxsize=1024)
def _parse(pattern: str) -> tuple[tuple[re.Pattern[str] | None, ...], bool]:
    """Return one expression a segment, `None` for ``**``."""
    if not pattern:
        raise InvalidPatternError("it is empty")
    if pattern.startswith("/"):
        raise InvalidPatternError("it is absolute")
    parts = [part for part in pattern.split("/") if part not in {"", "."}]
    if not parts:
        raise InvalidPatternError("it names nothing")
    segments = tuple(
        None if part == "**" else re.compile(fnmatch.translate(part))
        for part in parts
    )
    return segments, pattern.endswith("/")


def _match(
    parts: tuple[str, ...], segments: tuple[re.Pattern[str] | None, ...]
) -> bool:
    if not segments:
        return not parts
    head, rest = segments[0], segments[1:]
    if head is None:
        return any(_match(parts[n:], rest) for n in range(len(parts) + 1))
    return bool(parts and head.match(parts[0])) and _match(parts[1:], rest)

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

__all__ = ["Glob", "InvalidPatternError", "parse_glob"]

#: Characters of the longest path that a system takes.
_LONGEST = 4096
_WILD = re.compile(r"[*?[]")

#: A name as it is written, a pattern for one, or `None` for ``**``.
type _Segment = str | re.Pattern[str] | None


class InvalidPatternError(ValueError):
    """The pattern is one that pathlib refuses; the text says why."""


@lru_cache(maxsize=8192)
def parse_glob(pattern: str) -> Glob:
    """Return a pattern, ready to be matched.

    Raises
    ------
    InvalidPatternError
        Raised for an empty or absolute pattern, and one that no path can
        match because it is too long or holds a NUL.
    """
    if not pattern:
        raise InvalidPatternError("it is empty")
    if pattern.startswith("/"):
        raise InvalidPatternError("it is absolute")
    if len(pattern) > _LONGEST:
        raise InvalidPatternError("it is longer than a path can be")
    if "\0" in pattern:
        raise InvalidPatternError("it holds a NUL")
    parts = [part for part in pattern.split("/") if part not in {"", "."}]
    if not parts:
        raise InvalidPatternError("it names nothing")
    return Glob(parts, folders_only=pattern.endswith("/"))


class Glob:
    """A pattern for the paths of files.

    Parameters
    ----------
    parts
        Its parts between slashes.
    folders_only
        Whether it ends with a slash, and so matches no file.
    """

    def __init__(self, parts: list[str], *, folders_only: bool) -> None:
        self._segments: list[_Segment] = []
        for part in parts:
            if part != "**":
                self._segments.append(_segment(part))
            elif not self._segments or self._segments[-1] is not None:
                self._segments.append(None)
        # What stands before a last "**" must be a folder, and a file is
        # none: the "**" stands for one name or more.
        self._open_end = self._segments[-1] is None
        self._names = sum(x is not None for x in self._segments)
        self._names += self._open_end
        self._folders_only = folders_only

    @property
    def name(self) -> str | None:
        """The file that it names, if it has no wildcards."""
        if self._folders_only:
            return None
        names = [part for part in self._segments if isinstance(part, str)]
        return None if len(names) < len(self._segments) else "/".join(names)

    def matches(self, path: PurePosixPath) -> bool:
        """Tell whether ``root.glob(pattern)`` would yield a file.

        Parameters
        ----------
        path
            The file, relative to the root that the pattern is for.
        """
        names = path.parts
        if self._folders_only or len(names) < self._names:
            return False
        if self._open_end:
            # The last name is the one that the "**" has to stand for.
            names = names[:-1]
        return self._match(names)

    def _match(self, names: tuple[str, ...]) -> bool:
        """Match names in time that grows with names times segments."""
        # How many names the segments so far can stand for.
        lengths = {0}
        for segment in self._segments:
            if segment is None:
                lengths = set(range(min(lengths), len(names) + 1))
            else:
                lengths = {
                    length + 1
                    for length in lengths
                    if length < len(names) and _fits(segment, names[length])
                }
            if not lengths:
                return False
        return len(names) in lengths


def _segment(part: str) -> _Segment:
    if _WILD.search(part) is None:
        return part
    return re.compile(fnmatch.translate(part))


def _fits(segment: str | re.Pattern[str], name: str) -> bool:
    if isinstance(segment, str):
        return segment == name
    return segment.match(name) is not None

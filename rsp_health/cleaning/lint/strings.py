r"""What the strings of a notebook say, and where each of them stands.

A credential is looked for in what a reader would see, not in JSON's spelling
of it: behind ``\n`` or a colour's escape sequence a word begins, though in the
file a letter stands before it.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from dataclasses import dataclass

__all__ = ["Reading", "read"]

_string = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL).finditer
_decode = json.JSONDecoder().raw_decode
_is_comma = re.compile(r"\s*,\s*").fullmatch

#: Colours of a terminal, escapes within a string of JSON or of Python that is
#: itself in a string, and quotes and markup as HTML has them. Whatever stands there, the
#: time grows with its length only: no repetition is tried twice.
_noise = re.compile(
    r"\x1b\[[0-?]*+[ -/]*+[@-~]"
    r"|(?<!\\)\\++(?:u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[0-7]{3}|[abefnrtv0])"
    r"(?:\[[0-9;]*+m)?"
    r"|&(?:quot|apos|nbsp|\#0?3[49]|\#[xX]2[27]);"
    r"|</?(?:b|br|code|div|em|i|li|p|pre|span|strong|td|th|tr)\b[^<>]{0,300}>"
).sub


@dataclass(frozen=True, slots=True)
class Reading:
    """The strings, one after the other.

    Parameters
    ----------
    text
        What they say; between two of them what JSON has there, and within
        spaces for what no reader sees.
    starts
        Where each begins in ``text``.
    positions
        Where each begins in the file. A string of JSON is on one line, so
        that is the line of all it holds.
    """

    text: str
    starts: list[int]
    positions: list[int]

    def position(self, offset: int) -> int:
        """Return where in the file an offset of the text stands."""
        index = bisect_right(self.starts, offset) - 1
        return self.positions[max(index, 0)]


def read(text: str) -> Reading:
    """Read the strings of a JSON document, which must be valid."""
    pieces: list[str] = []
    starts: list[int] = []
    positions: list[int] = []
    length = end = 0
    before = ""
    for match in _string(text):
        token = match[0]
        said = _decode(token)[0] if "\\" in token else token[1:-1]
        between = text[end : match.start()]
        # A list of lines is one text.
        if not (before.endswith("\n") and _is_comma(between)):
            between = f'"{between}"'
            pieces.append(between)
            length += len(between)
        starts.append(length)
        positions.append(match.start())
        pieces.append(said)
        length += len(said)
        before, end = said, match.end()
    pieces.append('"')
    whole = _noise(lambda match: " " * len(match[0]), "".join(pieces))
    return Reading(whole, starts, positions)

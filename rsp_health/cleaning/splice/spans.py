"""Reads JSON with the place of every member, and edits the text in place.

The standard library's decoder (in C) reads the values; only the levels of a
notebook that cleaning may touch are walked here. So text that is not removed
is never re-encoded: order, escapes, numbers, indents and line ends stay.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "Edit",
    "Member",
    "ObjectSpan",
    "apply_edits",
    "decode",
    "element_spans",
    "removals",
    "scan_array",
    "scan_object",
    "scan_value",
    "skip_space",
]

_space = re.compile(r"[ \t\n\r]*").match
# A key without escapes and its colon, a separator and the space around it:
# one match each, where the general way takes four. Half the time of a clean.
_plain_key = re.compile(r'"([^"\\\x00-\x1f]*)"[ \t\n\r]*:[ \t\n\r]*').match
_separator = re.compile(r"[ \t\n\r]*([,}\]])[ \t\n\r]*").match


class Member(NamedTuple):
    """One member of an object, and where it stands in the text."""

    key: str
    key_start: int
    start: int
    end: int
    value: Any


@dataclass(slots=True)
class ObjectSpan:
    """An object in the text; duplicate keys are all there, in order."""

    start: int
    end: int
    members: list[Member]

    def get(self, key: str) -> Any:
        """Return the value of a key; of several the last, as JSON does."""
        for member in reversed(self.members):
            if member.key == key:
                return member.value
        return None

    def all(self, key: str) -> list[Member]:
        """Return every member of that name."""
        return [member for member in self.members if member.key == key]


class Edit(NamedTuple):
    """Replace ``text[start:end]``."""

    start: int
    end: int
    replacement: str


type Scanner = Callable[[str, int], tuple[Any, int]]

# Numbers are only ever compared, never written: `float` has no limit on
# digits, and `1.0` equals `1`. NaN becomes its name, which equals itself.
_decoder = json.JSONDecoder(parse_int=float, parse_constant=str)


#: Reads the value that starts at a position; returns it and its end. Raises
#: `ValueError` if none starts there.
scan_value: Scanner = _decoder.raw_decode


def decode(text: str) -> Any:
    """Read a whole document, as `scan_value` reads it.

    Raises
    ------
    ValueError
        Raised if it is not exactly one JSON value.
    """
    value, end = scan_value(text, skip_space(text, 0))
    if skip_space(text, end) != len(text):
        raise json.JSONDecodeError("Extra data", text, end)
    return value


def skip_space(text: str, position: int) -> int:
    """Return the position of the next character that is not white space."""
    match = _space(text, position)
    return match.end() if match else position


def scan_object(
    text: str, start: int, inner: dict[str, Scanner] | None = None
) -> tuple[ObjectSpan, int]:
    """Read the object that starts here, member by member.

    Parameters
    ----------
    text
        The document.
    start
        Position of the opening brace.
    inner
        Scanner for the value of a key, where `scan_value` is not enough.

    Raises
    ------
    ValueError
        Raised if the text is not JSON.
    """
    scanners = inner or {}
    members: list[Member] = []
    position = skip_space(text, start + 1)
    if text[position : position + 1] == "}":
        return ObjectSpan(start, position + 1, members), position + 1
    while True:
        key_start = position
        match = _plain_key(text, position)
        if match is None:
            key, value_start = _key(text, position)
        else:
            key, value_start = match[1], match.end()
        value, end = scanners.get(key, scan_value)(text, value_start)
        members.append(Member(key, key_start, value_start, end, value))
        match = _separator(text, end)
        if match is None or match[1] == "]":
            raise json.JSONDecodeError("Expecting ',' or '}'", text, end)
        if match[1] == "}":
            stop = match.end(1)
            return ObjectSpan(start, stop, members), stop
        position = match.end()


def _key(text: str, position: int) -> tuple[str, int]:
    """Read any key, and find its value, or tell what is wrong."""
    if text[position : position + 1] != '"':
        raise json.JSONDecodeError(
            "Expecting property name enclosed in double quotes", text, position
        )
    key, position = scan_value(text, position)
    position = skip_space(text, position)
    if text[position : position + 1] != ":":
        raise json.JSONDecodeError("Expecting ':'", text, position)
    return str(key), skip_space(text, position + 1)


def scan_array(
    text: str, start: int, scan: Scanner = scan_value
) -> tuple[list[Any], int]:
    """Read the array that starts here with one scanner for its elements.

    Raises
    ------
    ValueError
        Raised if the text is not JSON.
    """
    values: list[Any] = []
    position = skip_space(text, start + 1)
    if text[position : position + 1] == "]":
        return values, position + 1
    while True:
        value, end = scan(text, position)
        values.append(value)
        match = _separator(text, end)
        if match is None or match[1] == "}":
            raise json.JSONDecodeError("Expecting ',' or ']'", text, end)
        if match[1] == "]":
            return values, match.end(1)
        position = match.end()


def element_spans(text: str, start: int) -> list[tuple[int, int]]:
    """Return where the elements of the array that starts here stand."""
    spans: list[tuple[int, int]] = []

    def scan(text: str, position: int) -> tuple[Any, int]:
        value, end = scan_value(text, position)
        spans.append((position, end))
        return value, end

    scan_array(text, start, scan)
    return spans


def removals(span: ObjectSpan, gone: set[int]) -> list[Edit]:
    """Return the edits that take members out of an object.

    Parameters
    ----------
    span
        The object.
    gone
        Indices of the members to remove. What stays keeps its own white
        space; an object that loses all becomes ``{}``.
    """
    members = span.members
    if not gone:
        return []
    if len(gone) == len(members):
        return [Edit(span.start, span.end, "{}")]
    edits: list[Edit] = []
    last = max(set(range(len(members))) - gone)
    for index in sorted(gone):
        if index < last:
            following = members[index + 1].key_start
            edits.append(Edit(members[index].key_start, following, ""))
        else:
            edits.append(Edit(members[index - 1].end, members[index].end, ""))
    return edits


def apply_edits(text: str, edits: list[Edit]) -> str:
    """Return the text with edits applied, which must not overlap.

    Raises
    ------
    ValueError
        Raised if two edits overlap.
    """
    pieces: list[str] = []
    position = 0
    for edit in sorted(edits):
        if edit.start < position:
            raise ValueError("Edits overlap")
        pieces += (text[position : edit.start], edit.replacement)
        position = edit.end
    pieces.append(text[position:])
    return "".join(pieces)

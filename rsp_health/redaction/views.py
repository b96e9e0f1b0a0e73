"""A text as it reads once codes, escapes and markup are undone."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from .terminal import INVISIBLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["View", "views"]

#: Escapes of JSON and Python, of URLs, and of HTML, each for itself: a
#: password may hold what another one means.
_BACKSLASH = re.compile(
    r"(?<!\\)\\++(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})"
    r"|([0-3][0-7]{0,2}|[4-7][0-7]?)|([enrtbfva])|(?=\W))"
)
_PERCENT = re.compile(r"%([0-9a-fA-F]{2})")
_ENTITY = re.compile(r"&(#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[a-z]{2,8};)")
_SIMPLE = {
    "e": "\x1b",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "a": "\a",
}
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,1000}>")


def _unescape(match: re.Match[str]) -> str:
    """Return the character that an escape of Python or JSON stands for."""
    digits = match[1] or match[2] or match[3]
    if digits:
        return _character(digits, 16)
    if match[4]:
        return _character(match[4], 8)
    return _SIMPLE[match[5]] if match[5] else ""


def _unquote(match: re.Match[str]) -> str:
    return _character(match[1], 16)


def _entity(match: re.Match[str]) -> str:
    return html.unescape(f"&{match[1]}")


def _character(digits: str, base: int) -> str:
    try:
        return chr(int(digits, base))
    except (ValueError, OverflowError):
        return "\N{REPLACEMENT CHARACTER}"


def _nothing(match: re.Match[str]) -> str:
    del match
    return ""


type _Step = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]
_SEEN: _Step = (INVISIBLE, _nothing)
_BACKSLASHES: _Step = (_BACKSLASH, _unescape)
_PERCENTS: _Step = (_PERCENT, _unquote)
_ENTITIES: _Step = (_ENTITY, _entity)
_TAGS: _Step = (_TAG, _nothing)
#: Without its mark there is nothing to undo; a look for it is quick.
_MARKS = {_BACKSLASH: "\\", _PERCENT: "%", _ENTITY: "&", _TAG: "<"}
#: What is undone, one after the other, with a look after each; each way
#: begins with the text.
_WAYS: tuple[tuple[_Step, ...], ...] = (
    (_SEEN, _TAGS, _ENTITIES, _ENTITIES, _SEEN, _PERCENTS),
    (_BACKSLASHES, _SEEN, _ENTITIES, _PERCENTS, _BACKSLASHES, _SEEN),
    (_PERCENTS, _PERCENTS, _SEEN, _BACKSLASHES, _ENTITIES, _SEEN),
    (_ENTITIES, _BACKSLASHES, _SEEN, _TAGS),
)
#: What is seen, though it is not printable.
_SPACES = str.maketrans("\n\r\t", "   ")


class View:
    """A text in which something was undone.

    Parameters
    ----------
    text
        The text as it reads.
    original
        The text as it is.
    steps
        What was undone.
    """

    def __init__(
        self, text: str, original: str, steps: Sequence[_Step]
    ) -> None:
        self.text = text
        self._original = original
        self._steps = steps
        self._places: Sequence[int] | None = None

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return where a part of it is in the original, from and to."""
        if self._places is None:
            self._places = self._find_places()
        return self._places[start], self._places[end]

    def _find_places(self) -> Sequence[int]:
        """Return where each character was; done only when one is asked for."""
        text = self._original
        places: Sequence[int] = range(len(text) + 1)
        for pattern, by in self._steps:
            pieces: list[str] = []
            moved: list[int] = []
            last = 0
            for match in pattern.finditer(text):
                start, end = match.span()
                new = by(match)
                pieces += (text[last:start], new)
                moved += places[last:start]
                moved += [places[start]] * len(new)
                last = end
            pieces.append(text[last:])
            moved += places[last:]
            text, places = "".join(pieces), moved
        return places


def views(text: str) -> Iterator[View]:
    """Yield a text as it is, and then each other way in which it reads."""
    seen = {text}
    yield View(text, text, ())
    if text.translate(_SPACES).isprintable() and not any(
        mark in text for mark in _MARKS.values()
    ):
        return
    for way in _WAYS:
        found = text
        steps: list[_Step] = []
        for pattern, by in way:
            if _MARKS.get(pattern, "") not in found:
                continue
            changed = pattern.sub(by, found)
            if changed != found:
                found = changed
                steps.append((pattern, by))
                if found not in seen:
                    seen.add(found)
                    yield View(found, text, tuple(steps))

"""The secrets of this lab themselves, in every encoding.

Only letters and digits are compared, in lower case: so a secret is found
whatever stands between them (a line end where something was wrapped, quotes,
commas of a list), and base64 in both alphabets. Of a long secret the first
or the last characters suffice: a column of a table or a limit may have cut
it anywhere.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

from .judges import looks_drawn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Literals", "squeeze"]

#: Shorter ones are too much like other things.
_SHORTEST = 6
#: Letters and digits that a part of a secret needs to be known for one.
_PART = 12
#: The same where a text was cut, which explains why it is short.
_CUT_PART = 4
_LOWER = bytes(range(256)).lower()
_NEITHER = bytes(
    code for code in range(256) if code > 127 or not chr(code).isalnum()
)


def squeeze(text: str) -> str:
    """Return the letters and digits of ASCII in a text, in lower case."""
    data = text.encode("utf-8", "replace")
    return data.translate(_LOWER, _NEITHER).decode("ascii")


def squeezed_with_places(text: str) -> tuple[str, list[int]]:
    """Return the same, and where each of its characters is in the text."""
    places = [
        place
        for place, char in enumerate(text)
        if char.isascii() and char.isalnum()
    ]
    return squeeze(text), places


class Literals:
    """Finds known secrets in texts.

    Parameters
    ----------
    secrets
        The values. One that is too short, or a single word, is left out:
        it would take ordinary words with it.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        #: Needle in squeezed form -> all of what it is the end of.
        self._wholes: dict[str, str] = {}
        exact: set[str] = set()
        #: Squeezed forms of long secrets, for what cuts have left of them.
        self._long: set[str] = set()
        for secret in secrets:
            value = secret.strip()
            if not _is_secret(value):
                continue
            for form in _encoded(value):
                squeezed = squeeze(form)
                if len(squeezed) < _PART or not _has_digit_and_letter(form):
                    exact.add(form)
                elif (
                    looks_drawn(value)
                    and len(squeezed) >= 2 * _PART
                    and _is_varied(squeezed[:_PART])
                    and _is_varied(squeezed[-_PART:])
                ):
                    self._long.add(squeezed)
                else:
                    self._wholes[squeezed] = squeezed
        self._exact = sorted(exact, key=len, reverse=True)
        heads = {form[:_PART] for form in self._long}
        tails = {form[-_PART:] for form in self._long}
        self._heads = sorted(heads)
        self._tails = sorted(tails - heads)
        self._needles = [*self._wholes, *self._heads, *self._tails]

    def __bool__(self) -> bool:
        return bool(self._needles or self._exact)

    def are_in(self, text: str) -> bool:
        """Tell whether a text holds one, or the first or last part of one."""
        if any(form in text for form in self._exact):
            return True
        if not self._needles:
            return False
        squeezed = squeeze(text)
        return any(needle in squeezed for needle in self._needles)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where they are, from and to."""
        for form in self._exact:
            for match in re.finditer(re.escape(form), text):
                yield match.span()
        squeezed, places = squeezed_with_places(text)
        for start, end in self._squeezed_spans(squeezed):
            yield places[start], places[end - 1] + 1

    def _squeezed_spans(self, text: str) -> Iterator[tuple[int, int]]:
        for needle in self._wholes:
            for start in _places(needle, text):
                yield start, start + len(needle)
        for head in self._heads:
            forms = [form for form in self._long if form.startswith(head)]
            for start in _places(head, text):
                yield (
                    start,
                    start
                    + max(
                        _common(form, text[start : start + len(form)])
                        for form in forms
                    ),
                )
        for tail in self._tails:
            forms = [form[::-1] for form in self._long if form.endswith(tail)]
            for start in _places(tail, text):
                end = start + len(tail)
                yield (
                    end
                    - max(
                        _common(
                            form, text[max(0, end - len(form)) : end][::-1]
                        )
                        for form in forms
                    ),
                    end,
                )

    def at_end(self, text: str) -> int:
        """Return where a secret begins that the end of the text cuts off.

        That is the text's length if there is none.
        """
        squeezed, places = squeezed_with_places(text)
        for length in range(min(_PART, len(squeezed)), _CUT_PART - 1, -1):
            if any(
                form.startswith(squeezed[-length:])
                for form in (*self._long, *self._wholes)
            ):
                return places[-length]
        return len(text)

    def at_start(self, text: str) -> int:
        """Return where a secret ends that was cut off before the text."""
        squeezed, places = squeezed_with_places(text)
        for length in range(min(_PART, len(squeezed)), _CUT_PART - 1, -1):
            if any(
                form.endswith(squeezed[:length])
                for form in (*self._long, *self._wholes)
            ):
                return places[length - 1] + 1
        return 0


def _places(needle: str, text: str) -> Iterator[int]:
    place = text.find(needle)
    while place >= 0:
        yield place
        place = text.find(needle, place + len(needle))


def _common(one: str, other: str) -> int:
    """Return how many characters two texts begin with together."""
    for number, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return number
    return min(len(one), len(other))


def _is_secret(value: str) -> bool:
    """Whether a value can be told from ordinary words."""
    if len(value) < _SHORTEST or value.isdecimal():
        return False
    return not (value.isalpha() and len(value) < 2 * _SHORTEST)


def _is_varied(part: str) -> bool:
    """Whether a part of a secret is like nothing else: no row of zeros."""
    return len(set(part)) >= _PART // 2


def _has_digit_and_letter(form: str) -> bool:
    return any(map(str.isdigit, form)) and any(map(str.isalpha, form))


def _encoded(value: str) -> Iterator[str]:
    """Yield a secret as it is, in hexadecimal, and in base64.

    Other encodings (URLs, HTML, JSON, ``repr``) are undone in the text
    instead, as they may leave any character as it is.
    """
    yield value
    data = value.encode()
    yield data.hex()
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + data).decode()
        # Only what depends on nothing before and nothing behind.
        start = -(-8 * before // 6)
        end = 8 * (before + len(data)) // 6
        yield encoded[start:end]

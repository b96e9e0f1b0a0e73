"""Credentials in a notebook's sources and outputs.

A finding says where, never what: it is shown in logs that others read.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from .strings import read

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["find_secrets", "without_tokens"]

#: A Gafaelfawr token: ``gt-``, a key and a secret of 22 characters each
#: (base64url of 128 bits). Whole it is like nothing else. Cut ones are found
#: too, because the key names a session, but not within a longer word.
_TOKEN = re.compile(
    r"gt-[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{22}"
    r"|(?<![A-Za-z0-9-])gt-[A-Za-z0-9_-]{22}"
    r"(?:\.[A-Za-z0-9_-]{1,21})?(?![A-Za-z0-9_-])"
)

_QUOTE = r"(?:\\*+[\"'`])"
#: A header with its value written out: in a mapping, a call, an assignment,
#: a command line, a table; the value as one literal or as two.
_HEADER = re.compile(
    r"authorization(?:[ _-]?[a-z]{1,12})?"
    rf"(?:{_QUOTE}|[\s\])]){{0,50}}+(?:[:=,]>?|(?<=\s\s))"
    rf"(?:{_QUOTE}|[\s(\[{{,]){{0,200}}+"
    rf"(?:[a-z_.]{{1,30}}\(\s*+)?(?:[bfru]{{1,2}}(?={_QUOTE}))?{_QUOTE}{{0,3}}+"
    r"\s{0,200}+(?:bearer|basic|token)"
    rf"(?:\s++|\s*+{_QUOTE}{{1,3}}+\s*+\+?[\s(]*+[bfru]{{0,2}}{_QUOTE}{{1,3}}+\s*+)"
    r"([a-z0-9_~+/=.-]{8,}+)",
    re.IGNORECASE,
)

#: What stands where a credential would: one word, a number of a list, or a
#: row of crosses.
_WORD = re.compile(
    r"[A-Z]?[a-z]{1,19}|[A-Z]{1,19}|\d{1,4}|[xX*0]+"
    r"|[a-z]+(?:[A-Z][a-z]{2,})+|(?:[A-Z][a-z]{2,})+"
    r"|[A-Za-z]*(?i:token|secret|password|example)[A-Za-z]*\d{0,6}"
)
_SEPARATOR = re.compile(r"[-_~+/=.]+")
#: Fewer characters that are no words make no credential.
_LEAST = 8
#: So many characters of it are judged.
_MOST = 500


def find_secrets(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield the position, rule and name of each credential in a notebook.

    Parameters
    ----------
    text
        The file's text, which must be valid JSON. The position is that of the
        string that holds the credential.
    """
    # Most notebooks have neither; an escape may hide any letter of them.
    if not (
        "gt-" in text
        or "authorization" in text.lower()
        or re.search(r"\\u00[2-7]", text)
    ):
        return
    reading = read(text)
    tokens = [
        match.start()
        for match in _TOKEN.finditer(reading.text)
        if not _stands_in(match[0].removeprefix("gt-"))
    ]
    for start in tokens:
        yield reading.position(start), "secret-token", "a Gafaelfawr token"
    for match in _HEADER.finditer(reading.text):
        start, end = match.span()
        index = bisect_left(tokens, start)
        held = index < len(tokens) and tokens[index] < end
        if not held and not _stands_in(match[1]):
            yield (
                reading.position(start),
                "secret-header",
                "an Authorization header",
            )


def without_tokens(message: str) -> str:
    """Return a message in which a name that is a token is none."""
    return _TOKEN.sub("gt-…", message)


def _stands_in(value: str) -> bool:
    """Tell whether words stand where the credential would.

    ``YOUR_TOKEN_HERE``, ``xxxxxxxx`` and prose (``authentication``) are made
    of words; what a machine drew at random is not.
    """
    parts = _SEPARATOR.split(value[:_MOST])
    rest = sum(len(part) for part in parts if not _WORD.fullmatch(part))
    return rest < _LEAST

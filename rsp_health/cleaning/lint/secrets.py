"""Credentials in a notebook's sources and outputs.

A finding says where, never what: it is shown in logs that others read. What
they look like is said in `rsp_health.redaction.shapes`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from ...redaction.shapes import (
    CUT_GAFAELFAWR,
    GAFAELFAWR,
    HEADER,
    stands_in,
)
from .strings import read

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["find_secrets", "without_tokens"]

_TOKEN = re.compile(rf"{GAFAELFAWR}|{CUT_GAFAELFAWR}")


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
        any(hint in text for hint in ("gt-", "gs-", "gi-", "go-"))
        or "authorization" in text.lower()
        or re.search(r"\\u00[2-7]", text)
    ):
        return
    reading = read(text)
    tokens = [
        match.start()
        for match in _TOKEN.finditer(reading.text)
        if not stands_in(match[0][3:])
    ]
    for start in tokens:
        yield reading.position(start), "secret-token", "a Gafaelfawr token"
    for match in HEADER.finditer(reading.text):
        start, end = match.span()
        index = bisect_left(tokens, start)
        held = index < len(tokens) and tokens[index] < end
        if not held and not stands_in(match["secret"]):
            yield (
                reading.position(start),
                "secret-header",
                "an Authorization header",
            )


def without_tokens(message: str) -> str:
    """Return a message in which a name that is a token is none."""
    return _TOKEN.sub("gt-…", message)

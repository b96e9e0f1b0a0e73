"""Credentials in a notebook's sources and outputs.

A finding says where, never what: it is shown in logs that others read. What
they look like is said in `rsp_health.redaction.shapes`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from ...redaction.judges import is_token, stands_in
from ...redaction.shapes import CUT_GAFAELFAWR, GAFAELFAWR, HEADER
from .strings import read

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["find_secrets", "without_tokens"]

_TOKEN = re.compile(rf"{GAFAELFAWR}|{CUT_GAFAELFAWR}")

#: What each of them begins with, whole or cut.
_BEGINNING = re.compile(r"g[tsio]-[A-Za-z0-9_-]{22}")
_ASCII_ESCAPE = re.compile(r"\\u00([2-7][0-9a-fA-F])")


def find_secrets(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield the position, rule and name of each credential in a notebook.

    Parameters
    ----------
    text
        The file's text, which must be valid JSON. The position is that of the
        string that holds the credential.
    """
    if not _may_hold_any(text):
        return
    reading = read(text)
    tokens = [
        match.start()
        for match in _TOKEN.finditer(reading.text)
        if is_token(match[0])
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


def _may_hold_any(text: str) -> bool:
    """Whether the text is worth reading string by string: hardly any is.

    A token has no character but letters, digits and ``-_.``, so it stands in
    the file as it is, unless somebody wrote letters of it as escapes. Those
    are taken back, and perhaps some that are none: that makes it no rarer.
    """
    if "\\u00" in text:
        text = _ASCII_ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    if _BEGINNING.search(text):
        return True
    lower = text.lower()
    return "authorization" in lower and any(
        scheme in lower for scheme in ("bearer", "basic", "token")
    )


def without_tokens(message: str) -> str:
    """Return a message in which a name that is a token is none."""
    return _TOKEN.sub("gt-…", message)

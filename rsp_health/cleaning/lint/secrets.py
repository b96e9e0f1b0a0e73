"""Credentials in a notebook's sources and outputs.

A finding says where, never what: it is shown in logs that others read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["find_secrets"]

#: A Gafaelfawr token: ``gt-``, a key and a secret of 22 characters each
#: (base64url of 128 bits). Cut ones are found too: the key names a session.
_TOKEN = re.compile(
    r"(?<![\w-])gt-[A-Za-z0-9_-]{22}(?:\.[A-Za-z0-9_-]{1,22})?"
)

#: A header with its value written out. In a notebook's JSON the quotes of a
#: source are escaped. A placeholder (``{token}``, ``<token>``, ``$TOKEN``,
#: ``...``) is no credential.
_HEADER = re.compile(
    r"authorization(?:\\?[\"'])?\]?\s*[:=,]\s*(?:\\?[\"'])?"
    r"(?:bearer|basic|token)\s+"
    r"(?![xX*.]{3})[A-Za-z0-9_~+/=.-]{8,}",
    re.IGNORECASE,
)


def find_secrets(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield the position, rule and name of each credential in a text."""
    tokens = [match.span() for match in _TOKEN.finditer(text)]
    for start, _ in tokens:
        yield start, "secret-token", "a Gafaelfawr token"
    for match in _HEADER.finditer(text):
        start, end = match.span()
        if not any(start <= token < end for token, _ in tokens):
            yield start, "secret-header", "an Authorization header"

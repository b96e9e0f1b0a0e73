"""The second look: whether a secret stands in bytes that are finished.

It decides about what the redactor made, so it does not trust it: the lab's own
secrets are searched in each form that programs write them in, apart from the
redactor, which is then asked once more.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
from typing import TYPE_CHECKING
from urllib.parse import quote

from ...redaction import Redactor
from ...redaction.terminal import without_ansi

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["leak_in"]

#: Shorter values stand in many texts by chance.
_LEAST = 6


def leak_in(data: bytes, secrets: Iterable[str]) -> str:
    """Return why bytes must not be given away; empty if they may.

    Parameters
    ----------
    data
        A finished file.
    secrets
        The literal secrets of this lab.
    """
    known = sorted({s for s in secrets if len(s) >= _LEAST})
    text = data.decode("utf-8", "replace")
    plain = without_ansi(text)
    folded = "".join(plain.split())
    for secret in known:
        for form in _forms(secret):
            if form in text or form in plain or form in folded:
                return "a secret of this lab is still in it"
    if Redactor(known).text(text) != text:
        return "something in it still looks like a credential"
    return ""


def _forms(secret: str) -> Iterator[str]:
    yield secret
    yield json.dumps(secret)[1:-1]
    yield json.dumps(json.dumps(secret)[1:-1])[1:-1]
    yield quote(secret, safe="")
    yield html.escape(secret)
    raw = secret.encode()
    hexadecimal = binascii.hexlify(raw).decode()
    yield hexadecimal
    yield hexadecimal.upper()
    for before in range(3):
        # The first and last digits depend on what stands beside it.
        digits = base64.b64encode(b"\0" * before + raw).decode()
        inner = digits[(0, 2, 3)[before] :].rstrip("=")[:-1]
        yield inner
        yield inner.translate(str.maketrans("+/", "-_"))

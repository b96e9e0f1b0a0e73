r"""Names of files as text that every program can hold.

On Linux a name is bytes. One that is not UTF-8 cannot be in JSON, and what
replaces the odd bytes by one sign makes one name of many. In records, on the
wire and in reports such a byte is written as ``\xff``, and a name that holds
such text itself gets its backslash as ``\x5c``: no two names are one, and
each leads back to its file. All other names are written as they are.
"""

from __future__ import annotations

import os
import re

__all__ = ["from_text", "to_text"]

_BYTE = r"x(?:5c|[89a-f][0-9a-f])"
_LITERAL = re.compile(rf"\\(?={_BYTE})")
_UNDECODED = re.compile("[\udc80-\udcff]")
_ESCAPE = re.compile(rf"\\({_BYTE})")


def to_text(path: str | os.PathLike[str]) -> str:
    """Return the text that stands for a path."""
    name = os.fspath(path)
    if "\\" in name:
        name = _LITERAL.sub(r"\\x5c", name)
    if name.isascii():
        return name
    return _UNDECODED.sub(lambda x: f"\\x{ord(x[0]) - 0xDC00:02x}", name)


def from_text(text: str) -> str:
    """Return the path that a text stands for, as ``os.fsdecode`` gives it."""
    if "\\" not in text:
        return text
    data = _ESCAPE.sub(lambda x: chr(_byte(x[1])), text)
    return os.fsdecode(data.encode("utf-8", "surrogateescape"))


def _byte(escape: str) -> int:
    number = int(escape[1:], 16)
    return number if number < 0x80 else 0xDC00 + number

"""Terminal codes, and other characters that a reader does not see."""

from __future__ import annotations

import re

__all__ = ["INVISIBLE", "one_line", "without_ansi"]

#: What follows an escape character.
_CODE = (
    r"(?:\[[0-?]*[ -/]*[@-~]"
    # A title or a link: it ends with a bell or a string terminator.
    r"|[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"
    r"|[ -/]+[0-~]|[0-Z\\a-~])"
)
_ANSI = re.compile(rf"\x1b{_CODE}")
_UNSEEN = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u180e"
    "\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff"
)
#: Terminal codes, and what stands between two letters without being seen.
INVISIBLE = re.compile(f"[{_UNSEEN}](?:(?<=\x1b){_CODE})?")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def without_ansi(text: str) -> str:
    """Remove terminal codes."""
    if "\x1b" not in text:
        return text
    return _ANSI.sub("", text)


def one_line(text: str) -> str:
    """Return a text on one line, with nothing that steers a terminal."""
    return _CONTROLS.sub(" ", without_ansi(text)).strip()

"""Takes secrets and terminal codes out of what is stored or shown."""

from __future__ import annotations

import re

__all__ = ["one_line", "redact", "without_ansi"]

_ANSI = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])"
)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
#: Gafaelfawr's tokens (``gt-<key>.<secret>``, ``gw-``, ``gi-``...), bearer
#: and basic credentials, and passwords in URLs.
_SECRETS = (
    (
        re.compile(r"\bg[a-z]-[A-Za-z0-9_\-]{16,}(?:\.[A-Za-z0-9_\-]{8,})?"),
        "[token]",
    ),
    (
        re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9+/_.=\-]{16,}"),
        r"\1 [token]",
    ),
    (
        re.compile(
            r"\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]*"
        ),
        "[token]",
    ),
    (
        re.compile(r"(?<=://)([^/\s:@]{1,256}):[^/\s@]{1,256}@"),
        r"\1:[secret]@",
    ),
)
_HINTS = ("-", "eyJ", "://", "earer", "EARER", "asic", "ASIC")


def redact(text: str) -> str:
    """Replace what looks like a credential."""
    if not any(hint in text for hint in _HINTS):
        return text
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def without_ansi(text: str) -> str:
    """Remove terminal codes."""
    return _ANSI.sub("", text) if "\x1b" in text else text


def one_line(text: str) -> str:
    """Return a reason as it may be shown anywhere, a terminal included."""
    return _CONTROLS.sub(" ", without_ansi(redact(text))).strip()

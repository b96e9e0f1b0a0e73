"""Foreign markdown as the text that a reader would see.

Semaphore gives markdown and HTML. Neither is shown as such: the panel gets
text, and nothing in it can become markup.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any

__all__ = ["plain_text", "text_of"]

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    # Terminal control: CSI and OSC sequences, whole.
    (re.compile("\x1b\\[[0-?]*[ -/]*[@-~]"), ""),
    (re.compile("\x1b\\][^\x07\x1b]{0,500}(?:\x07|\x1b\\\\)"), ""),
    (
        re.compile(
            r"<(script|style)\b.{0,2000}?(</\1\s*>|\Z)",
            re.DOTALL | re.IGNORECASE,
        ),
        "",
    ),
    (re.compile(r"</?[a-zA-Z][^<>]{0,1000}>"), ""),
    (re.compile(r"!\[([^\]\[]{0,300})\]\([^()]{0,1000}\)"), r"\1"),
    (
        re.compile(
            r"\[([^\]\[]{1,300})\]\((https://[^()\s]{1,1000})[^()]{0,300}\)"
        ),
        r"\1 (\2)",
    ),
    (re.compile(r"\[([^\]\[]{1,300})\]\([^()]{0,1000}\)"), r"\1"),
    (re.compile(r"^#{1,6}\s+", re.MULTILINE), ""),
    (re.compile(r"(\*\*|__)(?=\S)(.{1,300}?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]{1,300}?)(?<=\S)\*(?!\w)"), r"\1"),
    (re.compile(r"`([^`\n]{1,300})`"), r"\1"),
)
#: Characters that reorder or hide text.
_HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def plain_text(markdown: str, limit: int) -> str:
    """Return markdown as the text that a reader would see.

    Parameters
    ----------
    markdown
        GitHub-flavoured markdown.
    limit
        Most characters to keep.
    """
    text = _without_comments(markdown[: limit * 4].replace("\r\n", "\n"))
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    # Last: what an entity stands for is text, never markup.
    text = unescape(text)
    text = _HIDDEN.sub("", text)
    text = "".join(c for c in text if c in "\n\t" or c.isprintable())
    text = re.sub(r"\n{3,}", "\n\n", text).strip()
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


def _without_comments(text: str) -> str:
    """Drop HTML comments, in one pass however many begin and never end."""
    kept: list[str] = []
    position = 0
    while (start := text.find("<!--", position)) >= 0:
        end = text.find("-->", start + 4)
        if end < 0:
            break
        kept.append(text[position:start])
        position = end + 3
    return "".join([*kept, text[position:]])


def text_of(value: Any, limit: int) -> str:
    """Return the text of Semaphore's ``{"gfm", "html"}``.

    Parameters
    ----------
    value
        What came; anything.
    limit
        Most characters to keep.
    """
    if not isinstance(value, dict):
        return ""
    gfm = value.get("gfm")
    return plain_text(gfm, limit) if isinstance(gfm, str) else ""

"""What all HTML reports share: one file, no script, no network."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from ...printable import printable
from ...states import RUN_STATES
from .html_style import STYLE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...states import Look

__all__ = [
    "html_look",
    "html_name",
    "html_page",
    "html_state",
    "html_text",
]

#: Where a path may go on in the next line.
_JOINTS = re.compile(r"(?<=[/_])(?=[^/_])")
#: So many characters stand together: they fit into the narrowest column, and
#: a break is longer than most words.
_TOGETHER = 12


def html_page(title: str, body: Iterable[str]) -> bytes:
    """Return a page.

    Parameters
    ----------
    title
        Its title, as text.
    body
        Its parts, as HTML.
    """
    text = (
        "<!DOCTYPE html>\n"
        '<html lang="en"><head><meta charset="utf-8"/>'
        f"<title>{escape(title)}</title>"
        '<meta name="viewport" content="width=device-width, '
        'initial-scale=1"/>'
        # Nothing is fetched, and outputs cannot become scripts.
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\"/>"
        f"<style>{STYLE}</style></head>\n<body><main>\n"
        + "\n".join(body)
        + "\n</main></body></html>\n"
    )
    return text.encode("utf-8", "replace")


def html_state(state: str) -> str:
    """Return the state of a run, notebook or cell with its sign."""
    return html_look(RUN_STATES[state])


def html_look(look: Look) -> str:
    """Return a state's word with its sign, in the colour of its tone."""
    return (
        f'<span class="{look.tone}">{look.sign} '
        f"<span>{escape(look.word)}</span></span>"
    )


def html_name(path: str) -> str:
    """Return a path that is broken between its words, where it must be."""
    return html_text(printable(path))


def html_text(text: str) -> str:
    """Return a text whose paths and names are broken as a path is."""
    first, *rest = _JOINTS.split(text)
    parts = [first]
    for part in rest:
        if len(parts[-1]) + len(part) <= _TOGETHER:
            parts[-1] += part
        else:
            parts.append(part)
    return "<wbr/>".join(map(escape, parts))

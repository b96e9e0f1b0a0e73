"""What all HTML reports share: one file, no script, no network."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from ...states import RUN_STATES

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["html_bytes", "html_page", "html_state"]

_STYLE = """
:root{color-scheme:light dark;--line:#8884;--good:#1a7f37;--bad:#c62828;
--mild:#6a737d;--bar:#4c78a8}
@media(prefers-color-scheme:dark){:root{--good:#57ab5a;--bad:#ff7b72;
--mild:#9aa4af;--bar:#79a9d9}}
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;
padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.25rem .6rem;border-bottom:1px solid var(--line);
vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
.good{color:var(--good)}.bad,.warn{color:var(--bad)}
.muted,.busy{color:var(--mild)}
pre{overflow:auto;max-height:24rem;border:1px solid var(--line);padding:.6rem;
font-size:.85rem}
svg{max-width:100%;height:auto}svg text{fill:currentColor;font-size:11px}
svg .bar{fill:var(--bar)}svg .bar.bad{fill:var(--bad)}
summary{cursor:pointer}
"""


def html_page(title: str, body: Iterable[str]) -> bytes:
    """Return a page.

    Parameters
    ----------
    title
        Its title, as text.
    body
        Its parts, as HTML.
    """
    return (
        "<!DOCTYPE html>\n"
        f'<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title>"
        '<meta name="viewport" content="width=device-width">'
        # Nothing is fetched, and outputs cannot become scripts.
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<style>{_STYLE}</style></head><body><main>"
        + "\n".join(body)
        + "</main></body></html>\n"
    ).encode("utf-8", "replace")


def html_state(state: str) -> str:
    """Return the state of a run, notebook or cell with its sign."""
    look = RUN_STATES[state]
    return f'<span class="{look.tone}">{look.sign} {escape(look.word)}</span>'


def html_bytes(value: float) -> str:
    """Return a number of bytes for people."""
    if value >= 1 << 30:
        return f"{value / (1 << 30):.1f} GiB"
    if value >= 1 << 20:
        return f"{value / (1 << 20):.0f} MiB"
    return f"{value / 1024:.0f} KiB"

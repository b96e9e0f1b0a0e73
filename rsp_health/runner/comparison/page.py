"""A comparison as one HTML file."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from ...printable import printable
from ..reports.html_page import html_name, html_page, html_state
from .wording import KINDS

if TYPE_CHECKING:
    from .models import ComparisonDocument, Difference, NotJudged

__all__ = ["comparison_parts", "render"]

#: How a kind of difference is to be taken: only what fails is red.
_TONES = {"newly_failing": "bad", "still_failing": "bad", "fixed": "good"}


def render(document: ComparisonDocument) -> bytes:
    """Return the page."""
    before, after = document.before.run_id, document.after.run_id
    return html_page(
        f"rsp-health: {after} compared with {before}",
        [
            f"<h1>Run {escape(after)} compared with {escape(before)}</h1>",
            *comparison_parts(document),
        ],
    )


def comparison_parts(document: ComparisonDocument) -> list[str]:
    """Return the parts of a page that tell of a comparison."""
    return [
        _sides(document),
        "<h2>Differences</h2>",
        _differences(document.differences),
        *_not_judged(document.not_judged),
    ]


def _sides(document: ComparisonDocument) -> str:
    sides = (document.before, document.after)
    places = [side.environment for side in sides]
    rows: dict[str, list[object]] = {
        "Run": [side.run_id for side in sides],
        "Started": [
            side.started_at.isoformat(timespec="seconds") for side in sides
        ],
        "Image": [x.image_description or x.image for x in places],
        "Kernel": [x.kernel for x in places],
        "Python": [x.python for x in places],
        "CPU limit": [x.cpu_limit for x in places],
        "Folder": [side.folder for side in sides],
        "Commit": [side.commit for side in sides],
        "Runs used for times": [side.runs for side in sides],
    }
    ended = "".join(f"<td>{html_state(side.state)}</td>" for side in sides)
    body = "".join(
        f"<tr><th scope=row>{name}</th>"
        + "".join(
            f"<td>{escape(printable('' if x is None else str(x)))}</td>"
            for x in found
        )
        + "</tr>"
        for name, found in rows.items()
        if any(x is not None for x in found)
    )
    return (
        "<table><tr><td></td><th scope=col>Before</th><th scope=col>After"
        f"</th></tr><tr><th scope=row>Result</th>{ended}</tr>{body}</table>"
    )


def _differences(differences: list[Difference]) -> str:
    if not differences:
        return "<p>None beyond noise.</p>"
    head = "".join(
        f"<th scope=col>{name}</th>"
        for name in ("What", "Notebook", "Cell", "Now and before")
    )
    rows = "".join(_row(one) for one in differences)
    return f"<table><tr>{head}</tr>{rows}</table>"


def _row(one: Difference) -> str:
    tone = _TONES.get(one.kind, "")
    cell = "" if one.cell_index is None else str(one.cell_index)
    source = (
        f"<br><code>{escape(printable(one.source))}</code>"
        if one.source
        else ""
    )
    return (
        f'<tr><td class="{tone}">{escape(KINDS[one.kind])}</td>'
        f"<td>{html_name(one.notebook)}{source}</td><td>{cell}</td>"
        f"<td>{escape(printable(one.text))}</td></tr>"
    )


def _not_judged(silent: list[NotJudged]) -> list[str]:
    if not silent:
        return []
    rows = "".join(
        f"<tr><td>{html_name(one.notebook)}</td>"
        f"<td>{escape(printable(one.reason))}</td></tr>"
        for one in silent
    )
    head = "<tr><th scope=col>Notebook</th><th scope=col>Why</th></tr>"
    return ["<h2>Could not be judged</h2>", f"<table>{head}{rows}</table>"]

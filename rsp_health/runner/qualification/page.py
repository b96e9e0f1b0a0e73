"""A qualification as one HTML file that a release manager decides from."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from ...printable import printable
from ..comparison.page import comparison_parts
from ..reports.html_page import html_page

if TYPE_CHECKING:
    from .models import QualificationDocument

__all__ = ["render"]

_TONES = {"fit": "good", "not_fit": "bad", "not_judged": "muted"}
_SIGNS = {"fit": "\u2713", "not_fit": "\u2715", "not_judged": "?"}


def render(document: QualificationDocument) -> bytes:
    """Return the page."""
    before = document.comparison.before.environment
    after = document.comparison.after.environment
    name = after.image_description or after.image or "this environment"
    if before.image == after.image and before.kernel != after.kernel:
        name = f"the kernel {after.kernel}"
    name = printable(name)
    verdict = document.verdict
    return html_page(
        f"rsp-health: is {name} fit?",
        [
            f"<h1>Is {escape(name)} fit?</h1>",
            (
                f'<p class="{_TONES[verdict]}"><strong>{_SIGNS[verdict]} '
                f"{escape(document.sentence)}</strong></p>"
            ),
            *comparison_parts(document.comparison),
            "<h2>Versions that changed</h2>",
            _versions(document),
            f"<p>Runs: {escape(', '.join(document.runs))}</p>",
        ],
    )


def _versions(document: QualificationDocument) -> str:
    if document.versions_problem is not None:
        return f"<p>{escape(document.versions_problem)}</p>"
    if not document.versions:
        return "<p>None of the kernel's Python packages.</p>"
    rows = "".join(
        f"<tr><td>{escape(printable(one.package))}</td>"
        f"<td>{escape(printable(one.before or 'not there'))}</td>"
        f"<td>{escape(printable(one.after or 'not there'))}</td></tr>"
        for one in document.versions
    )
    return (
        "<table><tr><th scope=col>Package</th><th scope=col>Before</th>"
        f"<th scope=col>After</th></tr>{rows}</table>"
    )

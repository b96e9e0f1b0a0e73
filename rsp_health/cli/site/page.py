"""The report of a site as one HTML file."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from ...printable import printable
from ...runner.reports.html_page import (
    html_look,
    html_name,
    html_page,
    html_state,
)
from ...states import SERVICE_STATES
from ...status.order import worst_first

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .models import SiteDocument

__all__ = ["render"]

#: Columns that are not broken, see `html_style`: states and numbers.
_KINDS = {"State": " class=s", "Time": " class=n"}


def render(document: SiteDocument) -> bytes:
    """Return the page."""
    site = printable(document.status.instance or "this site")
    sign, tone = ("\u2713", "good") if document.well else ("\u2715", "bad")
    return html_page(
        f"rsp-health: {site}",
        [
            f"<h1>{escape(site)}</h1>",
            (
                f'<p class="{tone}"><strong>{sign} '
                f"{escape(printable(document.sentence))}</strong></p>"
            ),
            f"<p>{escape(printable(document.status.verdict.advice))}</p>",
            "<h2>Services</h2>",
            _services(document),
            "<h2>Checks</h2>",
            _checks(document),
            "<h2>Deployed without a check</h2>",
            _unchecked(document),
            "<h2>Looked at from</h2>",
            _environment(document),
        ],
    )


def _table(
    titles: Sequence[str], rows: Iterable[Sequence[str]], nothing: str
) -> str:
    """Return a table of cells that are HTML already."""
    kinds = [_KINDS.get(name, "") for name in titles]
    found = [
        "<tr>"
        + "".join(
            f"<td{kind}>{cell}</td>"
            for kind, cell in zip(kinds, row, strict=True)
        )
        + "</tr>"
        for row in rows
    ]
    if not found:
        return f"<p>{escape(nothing)}</p>"
    head = "".join(
        f"<th scope=col{kind}>{escape(name)}</th>"
        for kind, name in zip(kinds, titles, strict=True)
    )
    return f"<table><tr>{head}</tr>{''.join(found)}</table>"


def _text(value: object) -> str:
    return escape(printable("" if value is None else str(value)))


def _service_state(state: str) -> str:
    return html_look(SERVICE_STATES[state])


def _services(document: SiteDocument) -> str:
    return _table(
        ("Service", "State", "Evidence"),
        (
            (_text(row.title), _service_state(row.state), _text(row.evidence))
            for row in worst_first(document.status.services)
        ),
        "No service is known.",
    )


def _checks(document: SiteDocument) -> str:
    problems = "".join(f"<li>{_text(one)}</li>" for one in document.problems)
    rows = (
        (
            html_state(one.state),
            html_name(one.notebook),
            _text(one.application),
            "" if one.duration_s is None else f"{one.duration_s:.1f} s",
            _text(one.why),
        )
        for one in document.checks
    )
    return _table(
        ("State", "Notebook", "Application", "Time", "Why"),
        rows,
        "No checks were run. Name notebooks or a folder to run them.",
    ) + (f"<ul>{problems}</ul>" if problems else "")


def _unchecked(document: SiteDocument) -> str:
    if document.unchecked is None:
        return "<p>It is not known what is deployed here.</p>"
    return _table(
        ("Application", "Seen from here"),
        (
            (
                _text(one.application),
                _service_state(one.probed)
                if one.probed
                else "nothing looks at it",
            )
            for one in document.unchecked
        ),
        "Every application that is deployed has a check that was run.",
    )


def _environment(document: SiteDocument) -> str:
    place = document.environment
    limit = place.memory_limit_bytes
    facts = {
        "Image": place.image_description or place.image,
        "Kernel": place.kernel,
        "Python": place.python,
        "CPU limit": place.cpu_limit,
        "Memory limit": limit and f"{limit / (1 << 30):.1f} GiB",
        "Service discovery": document.status.discovery.state,
        "rsp-health": document.version,
        "Run": document.run_id,
        "Made at": document.made_at.isoformat(timespec="seconds"),
    }
    return _table(
        ("", ""),
        (
            (_text(name), _text(value))
            for name, value in facts.items()
            if value
        ),
        "",
    )

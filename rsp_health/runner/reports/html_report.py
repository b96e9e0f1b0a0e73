"""One HTML file with everything about a run; no script, no network."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from ...printable import printable
from ...states import PASSING, RUN_STATES
from .html_page import html_bytes, html_page, html_state

if TYPE_CHECKING:
    from ..models import CellResult, NotebookResult, RunDocument

__all__ = ["render"]

_BARS = 40


def render(document: RunDocument) -> bytes:
    """Return the report."""
    body = [
        f"<h1>Run {escape(document.run_id)}: {html_state(document.state)}</h1>",
        _facts(document),
        "<h2>Notebooks</h2>",
        _notebooks(document),
        _plot(document),
        *(_details(notebook) for notebook in document.notebooks),
    ]
    word = RUN_STATES[document.state].word
    return html_page(f"rsp-health run {document.run_id}: {word}", body)


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _facts(document: RunDocument) -> str:
    environment = document.environment
    repository = document.repository
    limit = environment.memory_limit_bytes
    facts = {
        "Started": document.started_at.isoformat(timespec="seconds"),
        "Seconds": _seconds(document.duration_s),
        "Reason": document.reason,
        "Mode": document.mode,
        "Folder": document.folder,
        "Repository": repository and repository.url,
        "Ref": repository and repository.ref,
        "Commit": repository and repository.commit,
        "Instance": environment.instance,
        "Image": environment.image_description or environment.image,
        "Python": environment.python,
        "Memory limit": None if limit is None else html_bytes(limit),
    }
    rows = "".join(
        f"<tr><th scope=row>{name}</th><td>{escape(str(value))}</td></tr>"
        for name, value in facts.items()
        if value
    )
    return f"<table>{rows}</table>"


def _notebooks(document: RunDocument) -> str:
    head = (
        "<tr><th scope=col>State</th><th scope=col>Notebook</th>"
        "<th scope=col>Application</th><th scope=col class=n>Seconds</th>"
        "<th scope=col>Reason</th></tr>"
    )
    rows = [head]
    for notebook in document.notebooks:
        remarks = " ".join(filter(None, [notebook.reason, *notebook.notes]))
        rows.append(
            f"<tr><td>{html_state(notebook.state)}</td>"
            f"<td>{escape(printable(notebook.path))}</td>"
            f"<td>{escape(notebook.application or '')}</td>"
            f"<td class=n>{_seconds(notebook.duration_s)}</td>"
            f"<td>{escape(remarks)}</td></tr>"
        )
    return f"<table>{''.join(rows)}</table>"


def _plot(document: RunDocument) -> str:
    """Draw the slowest cells as bars; the tables below hold the numbers."""
    cells = sorted(
        (
            (
                cell.duration_s,
                f"{printable(notebook.path)} [{cell.index}]",
                cell,
            )
            for notebook in document.notebooks
            for cell in notebook.cells
            if cell.duration_s is not None
        ),
        key=lambda entry: -entry[0],
    )[:_BARS]
    if not cells:
        return ""
    longest = cells[0][0] or 1.0
    height = 18 * len(cells) + 4
    rows = []
    for number, (seconds, name, cell) in enumerate(cells):
        top = 18 * number
        width = max(1.0, 420 * seconds / longest)
        style = "bar" if cell.state in PASSING else "bar bad"
        label = escape(name if len(name) <= 44 else "\u2026" + name[-43:])
        rows.append(
            f'<text x="0" y="{top + 13}">{label}</text>'
            f'<rect class="{style}" x="300" y="{top + 3}" '
            f'width="{width:.1f}" height="12"/>'
            f'<text x="{306 + width:.1f}" y="{top + 13}">{seconds:.3f} s'
            "</text>"
        )
    return (
        f"<h2>Slowest cells</h2>"
        f'<svg viewBox="0 0 800 {height}" role="img" '
        f'aria-label="Bars: seconds of the {len(cells)} slowest cells">'
        f"{''.join(rows)}</svg>"
    )


def _details(notebook: NotebookResult) -> str:
    if not notebook.cells:
        return ""
    opened = "" if notebook.state in PASSING else " open"
    rows = "".join(_cell(cell) for cell in notebook.cells)
    return (
        f"<details{opened}><summary>{html_state(notebook.state)} "
        f"{escape(printable(notebook.path))}</summary>"
        "<table><tr><th scope=col class=n>Cell</th><th scope=col>State</th>"
        "<th scope=col>Source</th><th scope=col class=n>Seconds</th>"
        "<th scope=col class=n>Peak memory</th>"
        f"<th scope=col class=n>Output</th></tr>{rows}</table></details>"
    )


def _cell(cell: CellResult) -> str:
    peak = cell.peak_memory_bytes
    row = (
        f"<tr><td class=n>{cell.index}</td><td>{html_state(cell.state)}</td>"
        f"<td><code>{escape(cell.source)}</code></td>"
        f"<td class=n>{_seconds(cell.duration_s)}</td>"
        f"<td class=n>{'' if peak is None else html_bytes(peak)}</td>"
        f"<td class=n>{html_bytes(cell.output_bytes)}"
        f"{' (cut)' if cell.output_truncated else ''}</td></tr>"
    )
    if cell.error is not None:
        row += f"<tr><td colspan=6><pre>{escape(cell.error.traceback)}</pre></td></tr>"
    return row

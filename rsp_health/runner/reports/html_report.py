"""One HTML file with everything about a run; no script, no network."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from ...printable import printable
from ...states import PASSING, RUN_STATES

if TYPE_CHECKING:
    from ..models import CellResult, NotebookResult, RunDocument

__all__ = ["render"]

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
_BARS = 40


def render(document: RunDocument) -> bytes:
    """Return the report."""
    body = [
        f"<h1>Run {escape(document.run_id)}: {_state(document.state)}</h1>",
        _facts(document),
        "<h2>Notebooks</h2>",
        _notebooks(document),
        _plot(document),
        *(_details(notebook) for notebook in document.notebooks),
    ]
    word = RUN_STATES[document.state].word
    title = escape(f"rsp-health run {document.run_id}: {word}")
    return (
        "<!DOCTYPE html>\n"
        f'<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width">'
        # Nothing is fetched, and outputs cannot become scripts.
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<style>{_STYLE}</style></head><body><main>"
        + "\n".join(body)
        + "</main></body></html>\n"
    ).encode("utf-8", "replace")


def _state(state: str) -> str:
    look = RUN_STATES[state]
    return f'<span class="{look.tone}">{look.sign} {escape(look.word)}</span>'


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
        "Memory limit": None if limit is None else _bytes(limit),
    }
    rows = "".join(
        f"<tr><th scope=row>{name}</th><td>{escape(str(value))}</td></tr>"
        for name, value in facts.items()
        if value
    )
    return f"<table>{rows}</table>"


def _bytes(value: int) -> str:
    if value >= 1 << 30:
        return f"{value / (1 << 30):.1f} GiB"
    if value >= 1 << 20:
        return f"{value / (1 << 20):.0f} MiB"
    return f"{value / 1024:.0f} KiB"


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
            f"<tr><td>{_state(notebook.state)}</td>"
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
        f"<details{opened}><summary>{_state(notebook.state)} "
        f"{escape(printable(notebook.path))}</summary>"
        "<table><tr><th scope=col class=n>Cell</th><th scope=col>State</th>"
        "<th scope=col>Source</th><th scope=col class=n>Seconds</th>"
        "<th scope=col class=n>Peak memory</th>"
        f"<th scope=col class=n>Output</th></tr>{rows}</table></details>"
    )


def _cell(cell: CellResult) -> str:
    peak = cell.peak_memory_bytes
    row = (
        f"<tr><td class=n>{cell.index}</td><td>{_state(cell.state)}</td>"
        f"<td><code>{escape(cell.source)}</code></td>"
        f"<td class=n>{_seconds(cell.duration_s)}</td>"
        f"<td class=n>{'' if peak is None else _bytes(peak)}</td>"
        f"<td class=n>{_bytes(cell.output_bytes)}"
        f"{' (cut)' if cell.output_truncated else ''}</td></tr>"
    )
    if cell.error is not None:
        row += f"<tr><td colspan=6><pre>{escape(cell.error.traceback)}</pre></td></tr>"
    return row

"""One HTML file that a person would forward; no script, no network.

First how the run ended and the numbers, then what failed with its error and
its cell, then the rest. Cells that passed are only in the other reports.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from ...sizes import memory_size
from ...states import PASSING, RUN_STATES, is_problem
from ..models import RunRepository
from .html_faults import faults
from .html_page import html_name, html_page, html_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..models import RunDocument

__all__ = ["render"]

#: Cells that are drawn as bars.
_SLOWEST = 20
#: Bytes that the parts may have, tracebacks too: the report is to go into a
#: mail.
_MOST = 95_000


def render(document: RunDocument) -> bytes:
    """Return the report."""
    head = _head(document)
    rest = [
        _notebooks(document),
        _slowest(document),
        _skipped(document),
        _facts(document),
    ]
    room = _MOST - sum(len(part.encode()) for part in (head, *rest))
    body = [head, faults(document, room), *rest]
    instance = document.environment.instance
    where = f" ({instance})" if instance else ""
    return html_page(f"{_verdict(document)}{where}", filter(None, body))


def _verdict(document: RunDocument) -> str:
    """Say in one sentence how the run ended."""
    ran = [one for one in document.notebooks if one.state != "skipped"]
    bad = sum(is_problem(one.state) for one in ran)
    if document.state == "skipped" or not ran:
        return "Nothing was run"
    if bad:
        return f"{bad} of {_counted(len(ran), 'notebook')} failed"
    if document.state == "passed":
        number = _counted(len(ran), "notebook")
        return f"All {number} passed" if len(ran) > 1 else f"{number} passed"
    return f"The run is {RUN_STATES[document.state].word}"


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _head(document: RunDocument) -> str:
    look = RUN_STATES[document.state]
    counts: dict[str, int] = {}
    for one in document.notebooks:
        counts[one.state] = counts.get(one.state, 0) + 1
    order = [state for state in RUN_STATES if state in counts]
    words = ", ".join(f"{counts[s]} {RUN_STATES[s].word}" for s in order)
    shares = "".join(
        f'<span class="{RUN_STATES[state].tone}" '
        f'style="flex-grow:{counts[state]}"></span>'
        for state in order
    )
    facts = [
        document.environment.instance or "",
        f"{document.started_at:%d %B %Y, %H:%M} UTC".lstrip("0"),
        _duration(document.duration_s),
    ]
    reason = document.reason
    return "".join(
        [
            f'<h1><span class="{look.tone}" aria-hidden="true">{look.sign}',
            f"</span> {escape(_verdict(document))}</h1>",
            f'<p class="lead">{escape(words)}</p>' if words else "",
            f'<div class="shares" aria-hidden="true">{shares}</div>'
            if shares
            else "",
            f"<p>{escape(' · '.join(filter(None, facts)))}</p>",
            f"<p>{escape(reason)}</p>" if reason else "",
            *(f"<p>{escape(text)}</p>" for text in document.problems),
        ]
    )


def _notebooks(document: RunDocument) -> str:
    """List what was run, what failed first, with its time as a bar."""
    order = {state: rank for rank, state in enumerate(RUN_STATES)}
    ran = sorted(
        (one for one in document.notebooks if one.state != "skipped"),
        key=lambda one: order[one.state],
    )
    if not ran:
        return ""
    longest = max((one.duration_s or 0.0 for one in ran), default=0.0)
    rows = []
    for one in ran:
        remarks = [] if one.state in PASSING else [one.reason]
        rows.append(
            f"<tr><td>{html_state(one.state)}</td>"
            f"<td>{html_name(one.path)}"
            f"{_bar(one.duration_s, longest)}{_small([*remarks, *one.notes])}"
            f"</td><td>{_duration(one.duration_s)}</td></tr>"
        )
    return _table("Notebooks", ("State", "Notebook", "Time"), rows)


def _table(title: str, columns: tuple[str, str, str], rows: list[str]) -> str:
    state, *others = columns
    # A narrow page shows the signs of the states only, and no word above.
    head = f'<th scope="col"><span>{state}</span></th>' + "".join(
        f'<th scope="col">{name}</th>' for name in others
    )
    return (
        f'<h2>{title}</h2><table class="run"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _small(texts: Iterable[str | None]) -> str:
    return "".join(
        f'<div class="small">{escape(text)}</div>' for text in texts if text
    )


def _bar(seconds: float | None, longest: float) -> str:
    if not seconds or not longest:
        return ""
    share = max(0.5, 100 * seconds / longest)
    return f'<span style="width:{share:.1f}%"></span>'


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def _slowest(document: RunDocument) -> str:
    """Draw the slowest cells as bars, each beside its figure."""
    cells = sorted(
        (
            (cell.duration_s, notebook, cell)
            for notebook in document.notebooks
            for cell in notebook.cells
            if cell.duration_s is not None
        ),
        key=lambda entry: -entry[0],
    )[:_SLOWEST]
    if not cells:
        return ""
    rows = []
    for seconds, notebook, cell in cells:
        peak = cell.peak_memory_bytes
        name = f"{html_name(notebook.path)} [{cell.index}]"
        memory = f"{memory_size(peak)} of memory" if peak else None
        rows.append(
            f"<tr><td>{html_state(cell.state)}</td>"
            f"<td>{name} <code>{escape(cell.source)}</code>"
            f"{_bar(seconds, cells[0][0])}{_small([memory])}</td>"
            f"<td>{_duration(seconds)}</td></tr>"
        )
    return _table("Slowest cells", ("State", "Cell", "Time"), rows)


def _skipped(document: RunDocument) -> str:
    """List what was not run, once for each reason."""
    reasons: dict[str, list[str]] = {}
    for one in document.notebooks:
        if one.state == "skipped":
            name = html_name(one.path)
            reasons.setdefault(one.reason or "", []).append(name)
    if not reasons:
        return ""
    lines = "".join(
        f"<li>{', '.join(names)}{_small([reason])}</li>"
        for reason, names in reasons.items()
    )
    return f"<h2>Skipped</h2><ul>{lines}</ul>"


def _facts(document: RunDocument) -> str:
    environment = document.environment
    repository = document.repository or RunRepository()
    limit = environment.memory_limit_bytes
    facts: Sequence[tuple[str, str | None]] = [
        ("Folder", document.folder),
        ("Repository", repository.url),
        ("Ref", repository.ref),
        ("Commit", repository.commit),
        ("Image", environment.image_description or environment.image),
        ("Kernel", environment.kernel),
        ("Python", environment.python),
        ("Memory limit", None if limit is None else memory_size(limit)),
        ("Mode", document.mode),
        ("Run", document.run_id),
    ]
    lines = "".join(
        f"<dt>{name}</dt><dd>{escape(value)}</dd>"
        for name, value in facts
        if value
    )
    return f"<h2>Where and how</h2><dl>{lines}</dl>"

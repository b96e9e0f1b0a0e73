"""What was found as a text that fits into a forum's post or an issue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import __version__
from ...states import FINDING_STATES, is_problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ...runner.models import RunDocument
    from ..context import Context
    from ..models import Report

__all__ = ["MOST", "summary"]

MOST = 8000
"""Characters of a post."""

_PROBLEMS = 8
_EVIDENCE = 4


def summary(
    report: Report, context: Context, runs: Sequence[RunDocument]
) -> str:
    """Return the text, in Markdown.

    Parameters
    ----------
    report
        What the doctor found.
    context
        The lab.
    runs
        The run that is asked about, if there is one.
    """
    lines = [
        *_head(report),
        *_problems(report),
        *_failures(runs),
        *_others(report),
        *_versions(report, context, runs),
    ]
    text = "\n".join(lines).rstrip() + "\n"
    if len(text) > MOST:
        text = text[: MOST - 40].rpartition("\n")[0] + "\n\n(Cut: too long.)\n"
    return text


def _head(report: Report) -> Iterator[str]:
    yield "## What is wrong"
    yield ""
    yield _plain(report.verdict.sentence)
    if report.verdict.next_step:
        yield ""
        yield f"Advised: {_plain(report.verdict.next_step)}"
    yield ""
    yield f"Looked at {report.observed_at:%Y-%m-%d %H:%M} UTC."


def _problems(report: Report) -> Iterator[str]:
    found = [f for f in report.findings if f.whose is not None]
    if not found:
        return
    yield ""
    yield "## Found"
    for finding in found[:_PROBLEMS]:
        yield ""
        whose = (finding.whose or "unknown").replace("_", " ")
        yield f"**{_plain(finding.sentence)}** ({finding.check}; {whose})"
        for seen in finding.evidence[:_EVIDENCE]:
            age = f" ({seen.age_s:.0f} s ago)" if seen.age_s >= 1 else ""
            yield f"- {_plain(seen.source)}: {_plain(seen.value)[:300]}{age}"
    if len(found) > _PROBLEMS:
        yield ""
        yield f"And {len(found) - _PROBLEMS} more, in findings.json."


def _failures(runs: Sequence[RunDocument]) -> Iterator[str]:
    for run in runs:
        failed = [n for n in run.notebooks if is_problem(n.state)]
        if not failed:
            continue
        yield ""
        yield f"## Failed notebooks ({run.started_at:%Y-%m-%d %H:%M} UTC)"
        yield ""
        for notebook in failed[:_PROBLEMS]:
            cell = next((c for c in notebook.cells if c.error), None)
            says = ""
            if cell is not None and cell.error is not None:
                said = f"{cell.error.ename}: {cell.error.evalue}"
                says = f", cell {cell.index}: {_plain(said)[:300]}"
            yield f"- {_plain(notebook.path)}: {notebook.state}{says}"


def _others(report: Report) -> Iterator[str]:
    for state, title in (
        ("ok", "Ruled out"),
        ("cannot_tell", "Not known"),
    ):
        found = [f for f in report.findings if f.state == state]
        if not found:
            continue
        yield ""
        yield f"## {title}"
        yield ""
        for finding in found:
            sign = FINDING_STATES[state].sign
            yield f"- {sign} {finding.check}: {_plain(finding.sentence)}"


def _versions(
    report: Report, context: Context, runs: Sequence[RunDocument]
) -> Iterator[str]:
    environment = context.environment
    notebook, cell = _first_failure(runs)
    tags = {
        "instance": report.instance,
        "notebook": notebook,
        "cell": cell,
        "node": environment.get("KUBERNETES_NODE_NAME"),
        "image_description": environment.image_description,
        "image_reference": environment.image,
        "phase": "execution" if notebook else None,
        "size": environment.container_size,
        "rsp-health": __version__,
    }
    yield ""
    yield "## Versions"
    yield ""
    for name, value in tags.items():
        if value:
            yield f"- {name}: {_plain(str(value))}"


def _first_failure(runs: Sequence[RunDocument]) -> tuple[str, str]:
    for run in runs:
        for notebook in run.notebooks:
            for cell in notebook.cells:
                if cell.error is not None:
                    return notebook.path, cell.id or str(cell.index)
    return "", ""


def _plain(text: str) -> str:
    """Return a text that Markdown shows as it is."""
    for sign in "\\`*_<>[]":
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())

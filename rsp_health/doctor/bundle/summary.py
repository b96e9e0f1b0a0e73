"""What was found as a text that fits into a forum's post or an issue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import __version__
from ...states import FINDING_STATES, is_problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ...runner.models import RunDocument
    from ..context import Context
    from ..explain.models import ExplanationReport
    from ..models import Report

__all__ = ["MOST", "summary"]

MOST = 8000
"""Characters of a post."""

_PROBLEMS = 8
_EVIDENCE = 4


def summary(
    report: Report,
    context: Context,
    runs: Sequence[RunDocument],
    why: ExplanationReport | None = None,
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
    why
        Why it failed, if it did.
    """
    lines = [
        *_head(report, why),
        *_problems(report),
        *_failures(runs),
        *_causes(why),
        *_others(report),
        *_versions(report, context, runs),
    ]
    text = "\n".join(lines).rstrip() + "\n"
    if len(text) > MOST:
        text = text[: MOST - 40].rpartition("\n")[0] + "\n\n(Cut: too long.)\n"
    return text


def _head(report: Report, why: ExplanationReport | None) -> Iterator[str]:
    told = [(report.verdict.sentence, report.verdict.next_step)]
    if why is not None:
        causes = [c for c in why.explanations[0].causes[:1] if c.next_step]
        failed = f"Notebooks failed. {why.sentence}"
        told.append((failed, causes[0].next_step if causes else ""))
        if report.verdict.state != "fault":
            told.reverse()  # Nothing in the lab is broken; a notebook is.
    yield "## What is wrong"
    for sentence, step in told:
        yield ""
        yield _plain(sentence)
        if step:
            yield ""
            yield f"Advised: {_plain(step)}"
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
            says = f": {_plain(notebook.reason or '')[:300]}"
            if cell is not None and cell.error is not None:
                said = f"{cell.error.ename}: {cell.error.evalue}"
                says = f", cell {cell.index}: {_plain(said)[:300]}"
            kernel = _plain(notebook.kernel or "no kernel")
            yield f"- {_plain(notebook.path)} ({kernel}): {notebook.state}{says}"


def _causes(why: ExplanationReport | None) -> Iterator[str]:
    if why is None:
        return
    yield ""
    yield "## Why they failed"
    for explanation in why.explanations[:_PROBLEMS]:
        count = len(explanation.failures)
        yield ""
        yield f"{count}: {_plain(explanation.failures[0].error)[:300]}"
        if explanation.history:
            yield f"- {_plain(explanation.history)}"
        for cause in explanation.causes[:_EVIDENCE]:
            whose = cause.whose.replace("_", " ")
            yield f"- {cause.certainty}: {_plain(cause.sentence)} ({whose})"
            for seen in cause.evidence[:_EVIDENCE]:
                yield f"  - {_plain(seen.source)}: {_plain(seen.value)[:300]}"


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

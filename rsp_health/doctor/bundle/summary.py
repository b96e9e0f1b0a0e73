"""What was found as a text that fits into a forum's post or an issue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import __version__
from ...moments import moment
from ...states import FINDING_STATES, is_problem
from ..checks import ON_REQUEST

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ...runner.models import RunDocument
    from ..context import Context
    from ..explain.models import ExplanationReport
    from ..models import Finding, Report, Whose

__all__ = ["MOST", "summary"]

MOST = 8000
"""Characters of a post."""

_PROBLEMS = 8
_EVIDENCE = 4
#: Without those that look at what an error names: the bundle does so itself.
_ON_REQUEST = sorted(ON_REQUEST - {"file.place"})
#: Who can do something about it.
_WHO: dict[Whose, str] = {
    "your_code": "you can change it: your code",
    "your_environment": "you can change it: your files and packages",
    "your_lab": "you can change it: this lab",
    "application": "for the owner of the service",
    "platform": "for the staff of the site",
    "network": "for whoever runs the network",
    "announced": "announced: nobody needs to act",
    "unknown": "who can change it is not known",
}
_CERTAINTIES = (
    "Stated: something of that time confirms it. Possible: nothing of "
    "that time confirms it or speaks against it. Refuted: something does."
)


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
    in_notebook = _is_in_notebook(report, why)
    found = [*_problems(report, why, beside=in_notebook)]
    failed = [*_failures(runs), *_causes(why)]
    lines = [
        *_head(report, why),
        *([*failed, *found] if in_notebook else [*found, *failed]),
        *_others(report),
        *_versions(report, context, runs),
    ]
    text = "\n".join(lines).rstrip() + "\n"
    if len(text) > MOST:
        text = text[: MOST - 40].rpartition("\n")[0] + "\n\n(Cut: too long.)\n"
    return text


def _is_in_notebook(report: Report, why: ExplanationReport | None) -> bool:
    """Whether a notebook is what is wrong: nothing in the lab is broken."""
    return why is not None and report.verdict.state != "fault"


def _head(report: Report, why: ExplanationReport | None) -> Iterator[str]:
    told = [(report.verdict.sentence, report.verdict.next_step)]
    if why is not None:
        causes = [c for c in why.explanations[0].causes[:1] if c.next_step]
        failed = f"Notebooks failed. {why.sentence}"
        told.append((failed, causes[0].next_step if causes else ""))
    if _is_in_notebook(report, why):
        said = report.verdict.sentence
        if report.verdict.check in _shown(why):
            said = f"Seen with it: {said}"
        elif report.verdict.state == "attention":
            said = f"Seen beside it, and not known to be its cause: {said}"
        told = [told[1], (said, "")]
    yield "## What is wrong"
    for sentence, step in told:
        yield ""
        yield _plain(sentence)
        if step:
            yield ""
            yield f"Advised: {_plain(step)}"
    yield ""
    yield f"Looked at {moment(report.observed_at)}."


def _shown(why: ExplanationReport | None) -> set[str]:
    """Return the checks whose findings are told as evidence of a cause."""
    return {
        seen.source
        for explanation in (why.explanations if why else [])
        for cause in explanation.causes
        if cause.certainty == "stated"
        for seen in cause.evidence
    }


def _problems(
    report: Report, why: ExplanationReport | None, *, beside: bool
) -> Iterator[str]:
    found = [f for f in report.findings if f.whose is not None]
    shown = _shown(why) if beside else {f.check for f in found}
    for title, some in (
        ("Found", [f for f in found if f.check in shown]),
        ("Seen beside it", [f for f in found if f.check not in shown]),
    ):
        if some:
            yield ""
            yield f"## {title}"
            yield from _each(some)


def _each(found: Sequence[Finding]) -> Iterator[str]:
    for finding in found[:_PROBLEMS]:
        yield ""
        who = _WHO[finding.whose or "unknown"]
        yield f"**{_plain(finding.sentence)}** ({finding.check}; {who})"
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
        yield f"## Failed notebooks ({moment(run.started_at)})"
        yield ""
        for notebook in failed[:_PROBLEMS]:
            cell = next((c for c in notebook.cells if c.error), None)
            says = f": {_plain(notebook.reason or '')[:300]}"
            error = None if cell is None else cell.error
            # What was thrown at the end of its time is how it was ended.
            if cell and error and notebook.state != "timed_out":
                said = ": ".join(filter(None, [error.ename, error.evalue]))
                says = f", cell {cell.index}: {_plain(said)[:300]}"
            kernel = _plain(notebook.kernel or "no kernel")
            yield f"- {_plain(notebook.path)} ({kernel}): {notebook.state}{says}"


def _causes(why: ExplanationReport | None) -> Iterator[str]:
    if why is None:
        return
    yield ""
    yield "## Why they failed"
    yield ""
    yield _CERTAINTIES
    for explanation in why.explanations[:_PROBLEMS]:
        count = len(explanation.failures)
        yield ""
        yield f"{count}: {_plain(explanation.failures[0].error)[:300]}"
        if explanation.history:
            yield f"- {_plain(explanation.history)}"
        for cause in explanation.causes[:_EVIDENCE]:
            who = _WHO[cause.whose]
            yield f"- {cause.certainty}: {_plain(cause.sentence)} ({who})"
            for seen in cause.evidence[:_EVIDENCE]:
                yield f"  - {_plain(seen.source)}: {_plain(seen.value)[:300]}"


def _others(report: Report) -> Iterator[str]:
    for state, title in (
        ("ok", "Well, as far as each line says"),
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
    yield from _not_looked_at(report)


def _not_looked_at(report: Report) -> Iterator[str]:
    """Yield what the other lines say nothing of, once for each reason."""
    reasons: dict[str, list[str]] = {}
    for finding in report.findings:
        if finding.state == "not_applicable":
            reasons.setdefault(finding.sentence, []).append(finding.check)
    looked_at = {finding.check for finding in report.findings}
    asked = [id for id in _ON_REQUEST if id not in looked_at]
    if not reasons and not asked:
        return
    yield ""
    yield "## Not looked at"
    yield ""
    for reason, ids in reasons.items():
        yield f"- {', '.join(ids)}: {_plain(reason)}"
    for id in asked:
        yield f"- {id}: only if you ask: rsp-health doctor {id}"


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

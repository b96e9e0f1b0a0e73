"""What the doctor found and moved, as a terminal shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ...printable import printable
from ...states import FINDING_STATES

if TYPE_CHECKING:
    from rich.text import Text

    from ...doctor.models import Finding, PlaybookResult, Repair, Report
    from ..context import CliContext

__all__ = ["WHOSE", "show_repair", "show_report"]

#: Whose problem it is, as one says it.
WHOSE = {
    "your_code": "your code",
    "your_environment": "your environment",
    "your_lab": "your lab",
    "application": "the application",
    "platform": "the platform",
    "network": "the network",
    "announced": "announced",
    "unknown": "not known",
}


#: What a step of a playbook came to.
_OUTCOMES = {
    "cause": "A cause",
    "ruled_out": "Ruled out",
    "not_known": "Not known",
    "not_here": "Not here",
    "follows": "Perhaps with the same cause",
}


def show_report(context: CliContext, report: Report) -> None:
    """Print the findings, the worst first, and the verdict last."""
    from rich.text import Text

    for finding in report.findings:
        context.out.print(_lines(finding))
    if report.playbook is not None:
        _show_playbook(context, report.playbook)
    look = FINDING_STATES[report.verdict.state]
    sentence = f"{look.sign} {report.verdict.sentence}"
    line = Text(sentence, style=f"bold {look.style}")
    if report.verdict.next_step:
        line.append(f"\nNow: {report.verdict.next_step}", style="none")
    if report.playbook is not None and report.playbook.then:
        line.append(f"\nThen: {report.playbook.then}", style="none")
    context.out.print()
    context.out.print(line)
    if report.playbook is not None and report.verdict.state != "ok":
        context.out.print(
            Text("Not solved? rsp-health doctor bundle --preview", style="dim")
        )


def _show_playbook(context: CliContext, result: PlaybookResult) -> None:
    """Print what was looked at for a symptom, and what it comes to."""
    from rich.text import Text

    context.out.print()
    context.out.print(Text(f"{result.title}:", style="bold"))
    for step in result.steps:
        context.out.print(
            Text(f"  {_OUTCOMES[step.outcome]}: {step.says}", style="none")
        )


def _lines(finding: Finding) -> Text:
    """Return a finding: one line, and below it what a problem needs."""
    from rich.text import Text

    look = FINDING_STATES[finding.state]
    text = Text(f"{look.sign} ", style=look.style)
    text.append(f"{finding.check}: ", style="bold")
    text.append(finding.sentence, style="none")
    if finding.whose is not None:
        text.append(f" [{WHOSE[finding.whose]}]", style="dim")
        for seen in finding.evidence:
            text.append(f"\n    {seen.source}: {seen.value}", style="dim")
    if finding.next_step:
        text.append(f"\n  → {finding.next_step}", style="none")
    return text


def show_repair(context: CliContext, repair: Repair) -> None:
    """Print what a fix moves, or moved."""
    if context.as_json:
        click.echo(repair.model_dump_json(indent=2))
        return
    word = "Would move" if repair.state == "planned" else "Moved"
    for step in repair.moves:
        names = f"{printable(step.source)} to {printable(step.target)}"
        if step.problem:
            click.echo(f"Not moved: {names}. {printable(step.problem)}")
        else:
            click.echo(f"{word} {names}")
    if repair.state == "done":
        click.echo(f"To undo it: rsp-health doctor undo {repair.id}")

"""``rsp-health doctor``: whose problem is it, and what to do now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ...errors import RSPHealthError
from ...states import FINDING_STATES
from ..context import CliContext, NamedPath, pass_context

if TYPE_CHECKING:
    from pathlib import Path

    from rich.text import Text

    from ...doctor.models import Finding, Report

__all__ = ["command"]

#: Whose problem it is, as one says it.
_WHOSE = {
    "your_code": "your code",
    "your_environment": "your environment",
    "your_lab": "your lab",
    "application": "the application",
    "platform": "the platform",
    "network": "the network",
    "announced": "announced",
    "unknown": "not known",
}


@click.command()
@click.argument("checks", nargs=-1, metavar="[CHECK]...")
@click.option(
    "--notebook",
    type=NamedPath(),
    help="The notebook that you have trouble with.",
)
@pass_context
def command(
    context: CliContext, *, checks: tuple[str, ...], notebook: Path | None
) -> int:
    """Find out what is wrong in this lab, whose it is, and what to do.

    CHECK is an id, such as home.space, or a group, such as kernel. Without
    one, all are run: each takes two seconds at most, all of them five.
    Nothing is changed and no quota is spent.

    \b
    Examples:
      rsp-health doctor
      rsp-health doctor home.space kernel --json
      rsp-health doctor --notebook analysis.ipynb

    The last line is the verdict: the first cause, and what to do now.

    Exit code: 0 no fault was found; 1 one was; 3 something could not be
    looked at, so nobody knows.
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    from ...doctor.checks import chosen
    from ...doctor.context import Context
    from ...doctor.processes import look
    from ...doctor.report import make_report

    lab = Context(
        environment=context.environment,
        find_data_dir=lambda: _data_dir(context),
        notebook=None if notebook is None else _absolute(notebook),
    )
    # The forks come before anything that may start a thread.
    findings = list(look(chosen(checks), lab))
    report = make_report(findings, context.environment.instance)
    if context.as_json:
        click.echo(report.model_dump_json(indent=2))
    else:
        _show(context, report)
    return _exit_code(report)


def _data_dir(context: CliContext) -> Path:
    """Return our folder, also where the settings cannot be read."""
    try:
        return context.data_dir
    except RSPHealthError:
        return context.environment.home / ".rsp-health"


def _absolute(path: Path) -> Path:
    try:
        return path.absolute()
    except OSError:  # The current folder is gone.
        return path


def _exit_code(report: Report) -> int:
    if report.summary.fault:
        return 1
    return 3 if report.summary.cannot_tell or not report.summary.ok else 0


def _show(context: CliContext, report: Report) -> None:
    from rich.text import Text

    for finding in report.findings:
        context.out.print(_lines(finding))
    look = FINDING_STATES[report.verdict.state]
    sentence = f"{look.sign} {report.verdict.sentence}"
    line = Text(sentence, style=f"bold {look.style}")
    if report.verdict.next_step:
        line.append(f"\nNow: {report.verdict.next_step}", style="none")
    context.out.print()
    context.out.print(line)


def _lines(finding: Finding) -> Text:
    """Return a finding: one line, and below it what a problem needs."""
    from rich.text import Text

    look = FINDING_STATES[finding.state]
    text = Text(f"{look.sign} ", style=look.style)
    text.append(f"{finding.check}: ", style="bold")
    text.append(finding.sentence, style="none")
    if finding.whose is not None:
        text.append(f" [{_WHOSE[finding.whose]}]", style="dim")
        for seen in finding.evidence:
            text.append(f"\n    {seen.source}: {seen.value}", style="dim")
    if finding.next_step:
        text.append(f"\n  → {finding.next_step}", style="none")
    return text

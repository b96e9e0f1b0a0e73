"""``rsp-health doctor``: whose problem is it, and what to do now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ...errors import RSPHealthError
from ..context import CliContext, NamedPath, pass_context
from ..output.findings import show_repair, show_report

if TYPE_CHECKING:
    from pathlib import Path

    from ...doctor.context import Context
    from ...doctor.models import Report
    from ...doctor.processes import Limits

__all__ = ["command"]


@click.command()
@click.argument("checks", nargs=-1, metavar="[CHECK]...")
@click.option(
    "--notebook",
    type=NamedPath(),
    help="The notebook that you have trouble with.",
)
@click.option(
    "--run",
    "run_id",
    metavar="ID",
    help="Say why the notebooks of a run failed; 'last' is the newest run.",
)
@click.option("--explain-stdin", is_flag=True, hidden=True)
@click.option(
    "--dry-run",
    is_flag=True,
    help="With fix: tell what would be moved, and move nothing.",
)
@click.option(
    "--check-timeout",
    type=click.FloatRange(min=0.1),
    default=2.0,
    show_default=True,
    metavar="S",
    help="Seconds that one check may take; all of them, 2.5 times that.",
)
@pass_context
def command(
    context: CliContext,
    *,
    checks: tuple[str, ...],
    notebook: Path | None,
    run_id: str | None,
    explain_stdin: bool,
    dry_run: bool,
    check_timeout: float,
) -> int:
    """Find out what is wrong in this lab, whose it is, and what to do.

    CHECK is an id, such as home.space, or a group, such as kernel. Without
    one, all are run: each takes two seconds at most, all of them five.
    Nothing is changed and no quota is spent.

    Where a check offers a fix, "fix CHECK" makes it: it moves what is in
    the way to a folder ~/.user_env.*, and deletes nothing. "undo" puts it
    back, the last fix first.

    \b
    Examples:
      rsp-health doctor
      rsp-health doctor home.space kernel --json
      rsp-health doctor --notebook analysis.ipynb
      rsp-health doctor --run last
      rsp-health doctor fix python.shadow --dry-run
      rsp-health doctor undo

    The last line is the verdict: the first cause, and what to do now.

    With --run, the failures of a run are told with their causes: one for
    many, where they are one. A cause is stated only if something that was
    seen at that time confirms it. --notebook then chooses one of its
    notebooks.

    Exit code: 0 no fault was found; 1 one was; 3 something could not be
    looked at, so nobody knows.
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    from ...doctor.context import Context as Lab
    from ...doctor.processes import Limits

    lab = Lab(
        environment=context.environment,
        find_data_dir=lambda: _data_dir(context),
        notebook=None if notebook is None else _absolute(notebook),
    )
    limits = Limits(check_s=check_timeout, total_s=2.5 * check_timeout)
    if explain_stdin or run_id is not None:
        if checks:
            raise click.UsageError("--run goes without checks.")
        from ..explain import ExplainCall

        call = ExplainCall(context, lab, limits)
        if run_id is None:
            return call.request()
        return call.run(run_id, notebook)
    if checks[:1] == ("fix",):
        return _fix(context, lab, limits, checks[1:], dry_run=dry_run)
    if dry_run:
        raise click.UsageError("--dry-run goes with fix.")
    if checks[:1] == ("undo",):
        return _undo(context, lab, checks[1:])
    return _look(context, lab, limits, checks)


def _look(
    context: CliContext,
    lab: Context,
    limits: Limits,
    checks: tuple[str, ...],
) -> int:
    from ...doctor.checks import chosen
    from ...doctor.processes import look
    from ...doctor.report import make_report

    # The forks come before anything that may start a thread.
    findings = list(look(chosen(checks), lab, limits))
    report = make_report(findings, context.environment.instance)
    if context.as_json:
        click.echo(report.model_dump_json(indent=2))
    else:
        show_report(context, report)
    return _exit_code(report)


def _fix(
    context: CliContext,
    lab: Context,
    limits: Limits,
    checks: tuple[str, ...],
    *,
    dry_run: bool,
) -> int:
    from ...doctor.checks import chosen
    from ...doctor.fixes import journal_of, plan_fix
    from ...doctor.processes import look

    if len(checks) != 1:
        raise click.UsageError("fix goes with the id of one check.")
    ids = chosen(checks)
    if ids != list(checks):
        raise click.UsageError(f"fix goes with one of: {', '.join(ids)}.")
    (finding,) = look(ids, lab, limits)
    repair = plan_fix(finding, lab)
    if not dry_run:
        repair = journal_of(lab).move(repair)
    show_repair(context, repair)
    return 0


def _undo(context: CliContext, lab: Context, ids: tuple[str, ...]) -> int:
    from ...doctor.fixes import journal_of

    if len(ids) > 1:
        raise click.UsageError("undo goes with the id of one fix.")
    journal = journal_of(lab)
    repair = journal.undo(ids[0] if ids else journal.latest())
    show_repair(context, repair)
    return 0 if repair.state == "undone" else 1


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

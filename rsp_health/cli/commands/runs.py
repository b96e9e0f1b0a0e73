"""``rsp-health runs``: the history of runs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from ...errors import EnvironmentFailureError
from ..context import CliContext, NamedPath, pass_context
from . import runs_compared, runs_platform

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["command"]


@click.group(invoke_without_command=True)
@pass_context
def command(context: CliContext) -> int | None:
    """List, show, compare, report, stop and prune runs.

    \b
    Examples:
      rsp-health runs
      rsp-health runs show 20261120T213341Z-3f9c
      rsp-health runs report 20261120T213341Z-3f9c --format html -o run.html
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    click_context = click.get_current_context()
    click_context.obj = context
    if click_context.invoked_subcommand is None:
        return _list(context, 20)
    return None


command.add_command(runs_compared.compare)
command.add_command(runs_compared.trend)
command.add_command(runs_platform.platform)


@command.command("list")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="How many, newest first.",
)
@pass_context
def list_runs(context: CliContext, *, limit: int) -> int:
    """List the newest runs.

    \b
    Example:
      rsp-health runs list --limit 5
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    return _list(context, limit)


def _list(context: CliContext, limit: int) -> int:
    runs = context.runner.list(limit=limit)
    if context.as_json:
        click.echo(runs.model_dump_json(indent=1))
    else:
        from ..output.runs_view import show_runs

        show_runs(context.out, runs)
    return 0


@command.command("show")
@click.argument("run_id")
@pass_context
def show(context: CliContext, *, run_id: str) -> int:
    """Show one run: its notebooks, and what went wrong.

    \b
    Example:
      rsp-health runs show 20261120T213341Z-3f9c
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    document = context.runner.get(run_id)
    if context.as_json:
        click.echo(document.model_dump_json(indent=1))
    else:
        from ..output.runs_view import show_run

        show_run(context.out, document, context.root)
    return 0


@command.command("report")
@click.argument("run_id")
@click.option(
    "--format",
    "fmt",
    type=click.Choice(["json", "junit", "html", "metrics"]),
    help="Format of the report.  [default: html; with --json, json]",
)
@click.option(
    "-o",
    "--output",
    type=NamedPath(dir_okay=False),
    help="File to write.  [default: stdout]",
)
@pass_context
def report(
    context: CliContext, *, run_id: str, fmt: str | None, output: Path | None
) -> int:
    """Write a report of a run.

    \b
    Example:
      rsp-health runs report 20261120T213341Z-3f9c --format junit -o junit.xml
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    if context.as_json and fmt not in (None, "json"):
        raise click.UsageError(
            f"--json and --format {fmt} do not go together."
        )
    chosen = fmt or ("json" if context.as_json else "html")
    _, data = context.runner.report(run_id, chosen)
    if output is None:
        sys.stdout.buffer.write(data)
        return 0
    try:
        output.write_bytes(data)
    except OSError as exc:
        raise EnvironmentFailureError(
            f"The report {output} cannot be written: {exc.strerror}.",
            hint="Name another file with -o.",
            code="report_not_written",
        ) from exc
    return 0


@command.command("stop")
@click.argument("run_id")
@pass_context
def stop(context: CliContext, *, run_id: str) -> int:
    """Stop a run, and wait for its end.

    \b
    Example:
      rsp-health runs stop 20261120T213341Z-3f9c
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    document = context.runner.stop(run_id, wait_s=15.0)
    if context.as_json:
        click.echo(document.model_dump_json(indent=1))
    else:
        from ..output.runs_view import show_run

        show_run(context.out, document, context.root)
    return 0 if document.finished_at is not None else 1


@command.command("prune")
@click.option(
    "--keep",
    type=click.IntRange(min=0),
    default=10_000,
    show_default=True,
    help="Runs to keep at most.",
)
@click.option(
    "--max-bytes",
    type=click.IntRange(min=0),
    default=5 * 1024**3,
    help="Bytes to keep at most.  [default: 5 GiB]",
)
@pass_context
def prune(context: CliContext, *, keep: int, max_bytes: int) -> int:
    """Remove the oldest runs beyond a count and a size.

    \b
    Example:
      rsp-health runs prune --keep 100
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    import json

    removed = context.runner.prune(keep=keep, max_bytes=max_bytes)
    if context.as_json:
        click.echo(json.dumps({"removed": removed}))
    else:
        runs = "run" if len(removed) == 1 else "runs"
        context.out.print(f"{len(removed)} {runs} removed.")
    return 0

"""``rsp-health runs``: the history of runs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from ...errors import EnvironmentFailureError
from ...notebooks.names import from_text
from ...printable import printable
from ..context import CliContext, NamedPath, pass_context
from . import runs_compared, runs_platform

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console
    from rich.padding import Padding

    from ...runner.models import NotebookResult, RunDocument, RunList

__all__ = ["command"]

#: Lines of a traceback, from its end.
_LINES = 12


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
        _show_list(context, runs)
    return 0


def _show_list(context: CliContext, runs: RunList) -> None:
    from rich.text import Text

    from ..output.run_display import styled_state
    from ..output.tables import FittingTable

    if not runs.runs:
        context.out.print("No runs yet. Start one: rsp-health run PATH")
        return
    table = FittingTable(
        "run", "state", ">passed", ">of", ">seconds", "folder"
    )
    for run in runs.runs:
        text, style = styled_state(run.state)
        seconds = "" if run.duration_s is None else f"{run.duration_s:.1f}"
        table.add_row(
            run.run_id,
            Text(text, style=style),
            str(run.totals.passed),
            str(run.notebooks),
            seconds,
            Text(printable(run.folder or "")),
        )
    context.out.print(table)


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
        _show_run(context, document)
    return 0


def _show_run(context: CliContext, document: RunDocument) -> None:
    from rich.text import Text

    from ..output.run_display import styled_state

    out = context.out
    text, style = styled_state(document.state)
    out.print(Text.assemble(f"{document.run_id}  ", (text, style)))
    if document.state == "unreadable" and document.reason:
        out.print(_indented(document.reason))
    for notebook in document.notebooks:
        text, style = styled_state(notebook.state)
        seconds = notebook.duration_s
        line = Text.assemble(
            "  ", (text, style), f"  {printable(notebook.path)}"
        )
        if seconds is not None:
            line.append(f"  {seconds:.1f} s", style="dim")
        out.print(line)
        if notebook.reason:
            out.print(_indented(notebook.reason))
        for note in notebook.notes:
            out.print(_indented(note))
        _show_problem(out, notebook, context.root)
    slow = sorted(
        (
            (cell.duration_s, notebook.path, cell)
            for notebook in document.notebooks
            for cell in notebook.cells
            if cell.duration_s is not None
        ),
        key=lambda entry: -entry[0],
    )[:5]
    if slow:
        out.print("  Slowest cells:")
    for seconds, path, cell in slow:
        where = printable(f"{path} [{cell.index}] {cell.source}")
        out.print(
            Text(f"    {seconds:8.2f} s  {where}"),
            no_wrap=True,
            overflow="ellipsis",
        )


def _indented(text: str) -> Padding:
    from rich.padding import Padding
    from rich.text import Text

    shown = Text(printable(text), style="dim")
    return Padding(shown, (0, 0, 0, 6), expand=False)


def _show_problem(out: Console, notebook: NotebookResult, root: Path) -> None:
    """Show the end of a traceback or of what was cut off, and the copy."""
    from rich.text import Text

    for cell in notebook.cells:
        if cell.error is not None and cell.state == "failed":
            text = cell.error.traceback
        elif cell.output_tail:
            text = f"Cell {cell.index} said last:\n{cell.output_tail}"
        else:
            continue
        for line in text.rstrip().splitlines()[-_LINES:]:
            out.print(Text(f"        {printable(line)}"))
    if notebook.executed_path and notebook.state != "passed":
        copy = root / from_text(notebook.executed_path)
        out.print(_indented(f"Executed copy: {copy}"))


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
        raise click.UsageError(f"--json and --format {fmt} contradict.")
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
        _show_run(context, document)
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

"""``rsp-health run``: this process is the supervisor of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ...effects import EFFECTS, LOADS
from ...errors import RSPHealthError
from ...states import FAILED
from ..announcement import Announcement
from ..context import CliContext, NamedPath, pass_context
from ..output.run_reports import REPORTS, tell_github, write_reports
from ..run_plan import plan_run, tell_plan, tell_unasked
from .run_options import Seconds, call_of, early_factory, sent_call
from .sinks import hand_over

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ...runner.kernels.factory import KernelFactory
    from ...runner.models import RunDocument
    from ...runner.planning.call import RunCall

__all__ = ["command", "exit_code", "run_once"]


@click.command()
@click.argument(
    "paths",
    nargs=-1,
    metavar="[PATH]...",
    type=NamedPath(),
)
@click.option("--last", is_flag=True, help="What was run last, again.")
@click.option(
    "--last-failed",
    is_flag=True,
    help="What of the last run did not pass, again.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 16),
    default=1,
    show_default=True,
    help="Notebooks at once.",
)
@click.option(
    "--cell-timeout",
    type=Seconds(min=0, min_open=True),
    help="Seconds that a cell may run.  [default: the site's, else 1000]",
)
@click.option(
    "--timeout",
    type=Seconds(min=0, min_open=True),
    help="Seconds that a notebook may run.  [default: no limit]",
)
@click.option("--kernel", help="Kernel for all notebooks, not their own.")
@click.option(
    "--mode",
    type=click.Choice(["jupyter", "mobu"]),
    help="Honour cell tags as Jupyter, or ignore them as mobu does."
    "  [default: jupyter, or that of --last]",
)
@click.option("--all", "everything", is_flag=True, help="Ignore all rules.")
@click.option(
    "--effects",
    type=click.Choice(EFFECTS),
    help="The most that notebooks may do, as they say it."
    "  [default: writes, or what the site sets]",
)
@click.option(
    "--load",
    type=click.Choice(LOADS),
    help="The heaviest notebooks to run, as they say it."
    "  [default: moderate, or what the site sets]",
)
@click.option(
    "--applications",
    help="What is deployed, as a,b,c, instead of asking discovery.",
)
@click.option(
    "--changed-since", metavar="REV", help="Only what changed since REV."
)
@click.option(
    "--retries",
    type=click.IntRange(0, 10),
    default=0,
    show_default=True,
    help="Further attempts at a notebook that does not pass.",
)
@click.option(
    "--confirm-slower",
    is_flag=True,
    help="Run what was slower than usual once more, to be sure.",
)
@click.option(
    "--output",
    type=NamedPath(file_okay=False),
    help="Folder for executed copies.  [default: in the run's folder]",
)
@click.option(
    "--junit",
    type=NamedPath(dir_okay=False),
    help="Write a JUnit XML report.",
)
@click.option(
    "--html",
    type=NamedPath(dir_okay=False),
    help="Write a report as one HTML file.",
)
@click.option(
    "--metrics",
    type=NamedPath(dir_okay=False),
    help="Write a Prometheus text file.",
)
@click.option(
    "--backend",
    type=click.Choice(["local", "dask"]),
    default="local",
    show_default=True,
    help="Where the notebooks run: here, or on the workers of a cluster.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Dask's scheduler, such as tcp://localhost:8786."
    "  [default: DASK_SCHEDULER_ADDRESS]",
)
@click.option(
    "--max-output",
    type=click.IntRange(min=0),
    help="Bytes of output kept for each cell.  [default: 2 MiB]",
)
@click.option(
    "--scratch",
    is_flag=True,
    help="Run in a copy of the folder, removed afterwards.",
)
@click.option("--no-warm", is_flag=True, help="Fork no kernel.")
@click.option(
    "--every",
    metavar="TIME",
    help="Run again and again: every 10m, 90s, 1h or 1d. See rsp-health bot.",
)
@click.option(
    "--until",
    metavar="TIME",
    help="End --every after 8h, or at 2026-11-22T18:00 (UTC).",
)
@click.option(
    "--plan",
    is_flag=True,
    help="Tell what would be run, what not and why; run nothing.",
)
@click.option("--ready-fd", type=int, hidden=True)
@click.option("--no-discovery", is_flag=True, hidden=True)
@pass_context
def command(
    context: CliContext,
    *,
    paths: tuple[Path, ...],
    ready_fd: int | None,
    **options: Any,
) -> int:
    """Run notebooks, each in a fresh kernel, and say how each ended.

    PATH is a notebook or a folder. In a folder, the rules of its repository
    (mobu.yaml, required applications) decide what is run.

    \b
    Examples:
      rsp-health run tap.ipynb
      rsp-health run ~/notebooks/rsp-health/system-test --jobs 2
      rsp-health run . --plan
      rsp-health run . --changed-since origin/main --junit report.xml
      rsp-health run --last-failed
      rsp-health run . --every 10m --until 8h

    Exit code: 0 all that was run passed; 1 one did not, or nothing was run;
    2 the call is wrong; 3 it could not be run; 130 stopped. With
    --changed-since it is well that nothing was run.
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    if ready_fd is not None:
        return _run_for_server(context, ready_fd)
    again = options["last"] or options["last_failed"]
    if not paths and not again:
        raise click.UsageError(
            "Name notebooks or folders to run, or give --last."
        )
    if options["scratch"] and options["backend"] == "dask":
        raise click.UsageError("--scratch is for the local backend.")
    if options["scheduler"] and options["backend"] != "dask":
        raise click.UsageError("--scheduler goes with --backend dask.")
    if options["plan"]:
        call = call_of(context, paths, options)
        tell_plan(context, plan_run(context, call), call.options.mode)
        return 0
    if options["every"] or options["until"]:
        from .bot import run_every

        return run_every(context, paths, options)
    document = run_once(context, call_of(context, paths, options))
    if context.as_json:
        click.echo(document.model_dump_json(indent=1))
    write_reports(context, document, {name: options[name] for name in REPORTS})
    tell_github(context, document)
    hand_over(context, document)
    return exit_code(
        document, changes_only=options["changed_since"] is not None
    )


def _run_for_server(context: CliContext, ready_fd: int) -> int:
    """Run what a server sent, and tell it that the run has started."""
    announce = Announcement(ready_fd)
    try:
        document = run_once(context, sent_call(), announce.ready)
    except RSPHealthError as exc:
        announce.refuse(exc)
        raise
    hand_over(context, document)
    return exit_code(document)


def run_once(
    context: CliContext,
    call: RunCall,
    on_announced: Callable[[], None] | None = None,
) -> RunDocument:
    """Run notebooks in this process, and show how they do.

    Parameters
    ----------
    context
        Where they are run.
    call
        What is run, and how.
    on_announced
        Called when the record exists.
    """
    factory = early_factory(context, call.options)
    try:
        return _run_with(context, call, on_announced, factory)
    finally:
        factory.close()


def _run_with(
    context: CliContext,
    call: RunCall,
    on_announced: Callable[[], None] | None,
    factory: KernelFactory,
) -> RunDocument:
    from ...runner.run_here import run_here
    from ..output.run_display import make_display
    from ..witness import services_look

    plan = plan_run(context, call)
    tell_unasked(context, plan)
    with make_display(context.console, plan) as display:
        return run_here(
            plan,
            call,
            data_dir=context.data_dir,
            root=context.root,
            environment=context.environment,
            listener=display.take,
            on_announced=on_announced,
            factory=factory,
            look_at_services=services_look(context),
        )


def exit_code(document: RunDocument, *, changes_only: bool = False) -> int:
    """Return the exit code that the contracts give a run.

    Parameters
    ----------
    document
        The run.
    changes_only
        Whether only what changed was asked for: then it is well that nothing
        was run.
    """
    states = {notebook.state for notebook in document.notebooks}
    if states & {"stopped", "interrupted"} or document.state == "interrupted":
        return 130
    if states & (FAILED - {"error"}):
        return 1
    if "error" in states:
        return 3
    return 1 if document.state == "skipped" and not changes_only else 0

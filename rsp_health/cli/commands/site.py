"""``rsp-health site``: a whole site on one page."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from ..context import CliContext, NamedPath, pass_context
from .run import exit_code, run_once
from .run_options import call_of

if TYPE_CHECKING:
    from pathlib import Path

    from ...runner.models import RunDocument
    from ...status.models import StatusDocument
    from ..site.models import SiteDocument

__all__ = ["command"]


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=NamedPath())
@click.option(
    "--html",
    type=NamedPath(dir_okay=False),
    help="Write the page here.",
)
@pass_context
def command(
    context: CliContext, *, paths: tuple[Path, ...], html: Path | None
) -> int:
    """Report on services and checks of a whole site, on one page.

    For the first start of a site, and for sites without test bots: what is
    up, which checks pass, what is deployed without any check, what was not
    run and why, and where this was looked from. Without a PATH no checks are
    run.

    \b
    Examples:
      rsp-health site notebooks/phalanx-test --html site.html
      rsp-health site --json

    Exit code: 0 all is well; 1 a service is down or a check did not pass; 2
    the call is wrong; 3 no platform is known; 130 stopped.
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    from ...errors import EnvironmentFailureError

    run = run_once(context, call_of(context, paths)) if paths else None
    if run is not None and exit_code(run) == 130:
        return 130
    applications = context.discovery.applications()
    status = asyncio.run(_settled(context))
    if status.instance is None and not status.services:
        raise EnvironmentFailureError(
            "No platform is known: neither REPERTOIRE_BASE_URL nor "
            "EXTERNAL_INSTANCE_URL is set.",
            hint="Run this in a lab.",
            code="no_platform",
        )
    document = _document(context, status, run, applications)
    if html is not None:
        from ..output.comparison_view import write_page
        from ..site.page import render

        write_page(html, render(document))
    if context.as_json:
        click.echo(document.model_dump_json(indent=1))
    else:
        _show(context, document)
    return 0 if document.well else 1


async def _settled(context: CliContext) -> StatusDocument:
    try:
        with context.console.status("Asking the platform…"):
            return await context.status.settle(None)
    finally:
        await context.status.aclose()
        await context.discovery.aclose()


def _document(
    context: CliContext,
    status: StatusDocument,
    run: RunDocument | None,
    applications: frozenset[str] | None,
) -> SiteDocument:
    from ...runner.models import RunEnvironment
    from ..site.report import site_document

    lab = context.environment
    return site_document(
        status,
        run,
        environment=RunEnvironment(
            instance=lab.instance,
            image=lab.image,
            image_description=lab.image_description,
            cpu_limit=lab.cpu_limit,
            memory_limit_bytes=lab.memory_limit_bytes,
        ),
        applications=applications,
    )


def _show(context: CliContext, document: SiteDocument) -> None:
    from rich.text import Text

    from ...printable import printable
    from ...states import RUN_STATES, SERVICE_STATES
    from ...status.order import worst_first
    from ..output.tables import FittingTable

    out = context.out
    out.print(Text(printable(document.status.instance or ""), style="bold"))
    table = FittingTable("service", "state", "evidence")
    for row in worst_first(document.status.services):
        look = SERVICE_STATES[row.state]
        state = Text(f"{look.sign} {look.word}", style=look.style)
        table.add_row(printable(row.title), state, printable(row.evidence))
    out.print(table)
    if document.checks:
        checks = FittingTable("check", "state", "why")
        for one in document.checks:
            look = RUN_STATES[one.state]
            state = Text(f"{look.sign} {look.word}", style=look.style)
            checks.add_row(printable(one.notebook), state, printable(one.why))
        out.print(checks)
    if document.unchecked:
        names = ", ".join(one.application for one in document.unchecked)
        out.print(Text(f"Deployed without a check: {printable(names)}"))
    if document.unchecked is None:
        out.print("It is not known what is deployed here.")
    sign, style = ("✓", "green") if document.well else ("✕", "red")
    out.print(Text(f"{sign} {printable(document.sentence)}", style=style))

"""``rsp-health runs platform``: a run beside the platform's test bots."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ...errors import BadInputError
from ...printable import printable
from ..context import CliContext, pass_context

if TYPE_CHECKING:
    from ...runner.models import RunDocument
    from ...runner.platform_times.models import (
        CellBeside,
        PlatformTimesDocument,
    )

__all__ = ["platform"]

#: Seconds that one question may take.
_REQUEST_S = 20.0


@click.command()
@click.argument("run_id", required=False)
@click.option(
    "--database",
    metavar="LABEL",
    help="As discovery names it.  [default: the one with mobu's events]",
)
@pass_context
def platform(
    context: CliContext, *, run_id: str | None, database: str | None
) -> int:
    """Show what cells of a run take the platform's own test bots (mobu).

    Without a RUN_ID: the newest run. It needs the scope read:sasquatch, and
    a site that lets labs read its metrics. Nothing is sent but the names of
    the notebooks.

    \b
    Example:
      rsp-health runs platform

    Exit code: 0; 2 the call is wrong; 3 the timings cannot be read.
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    import asyncio

    document = asyncio.run(_look(context, _run(context, run_id), database))
    if context.as_json:
        click.echo(document.model_dump_json(indent=1))
    else:
        _show(context, document)
    return 0


def _run(context: CliContext, run_id: str | None) -> RunDocument:
    from ...runner.comparison.service import run_that_ended

    history = context.runner.history
    if run_id is None:
        run_id = next(iter(history.ids()), None)
    if run_id is None:
        raise BadInputError(
            "There is no run yet.",
            hint="Start one: rsp-health run PATH",
            code="no_such_run",
        )
    return run_that_ended(history, run_id)


async def _look(
    context: CliContext, run: RunDocument, label: str | None
) -> PlatformTimesDocument:
    from ...platform.http.client import PlatformHttp
    from ...runner.platform_times.lookup import find_login, platform_times

    http = PlatformHttp(environment=context.environment, timeout_s=_REQUEST_S)
    try:
        known = await context.discovery.get()
        login = await find_login(http, known, label=label)
        return await platform_times(run, http, login)
    finally:
        await http.aclose()
        await context.discovery.aclose()


def _show(context: CliContext, document: PlatformTimesDocument) -> None:
    from rich.text import Text

    from ..output.tables import FittingTable

    out = context.out
    for notebook in document.notebooks:
        out.print(Text(printable(notebook.notebook), style="bold"))
        if notebook.reason is not None:
            out.print(Text(f"  {printable(notebook.reason)}"))
            continue
        table = FittingTable(
            ">cell", ">this run s", ">the bots s", ">n", "source"
        )
        for cell in notebook.cells:
            table.add_row(*_row(cell), Text(printable(cell.source)))
        out.print(table)
    out.print(
        Text(
            f"The bots' medians of the last {document.days} days, from "
            f"{printable(document.database)}. Their labs are not yours: an "
            "observation, no judgement."
        )
    )


def _row(cell: CellBeside) -> tuple[str, str, str, str]:
    mine = "" if cell.measured_s is None else f"{cell.measured_s:.2f}"
    time = cell.platform
    if time is None:
        return str(cell.index), mine, "", ""
    spread = f" \N{PLUS-MINUS SIGN} {time.mad_s:.2f}" if time.n > 1 else ""
    return str(cell.index), mine, f"{time.median_s:.2f}{spread}", str(time.n)

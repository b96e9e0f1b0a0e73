"""``rsp-health status``: the panel's table in a terminal."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import click

from ...errors import BadInputError, EnvironmentFailureError
from ...states import SERVICE_STATES, VERDICT_STATES
from ...status.order import worst_first
from ..context import CliContext, pass_context
from ..streams import end_with_reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType
    from rich.text import Text

    from ...status.models import (
        BroadcastList,
        PlatformVerdict,
        ServiceStatus,
        StatusDocument,
    )

__all__ = ["command"]

_WATCH_S = 2.0


@click.command()
@click.argument("services", nargs=-1, metavar="[SERVICE]...")
@click.option(
    "--watch",
    is_flag=True,
    help="Stay, and show changes, until Ctrl-C; into a pipe, a line each.",
)
@click.option(
    "--query",
    is_flag=True,
    help="Also read one row of data of the TAP services that are named, with "
    "your token: up to 4 requests of your quota each.",
)
@pass_context
def command(
    context: CliContext, *, services: tuple[str, ...], watch: bool, query: bool
) -> int:
    """Show the live state of the platform's services.

    SERVICE is an id, a title or an application, such as sia:dp1 or sia.
    Without one: all that can be checked at no cost. Naming a service also
    checks those that spend one request of your quota (such as vo-cutouts).
    A service that fails is looked at three times before it is called down.

    \b
    Examples:
      rsp-health status
      rsp-health status tap sia:dp1 --json
      rsp-health status --query tap
      rsp-health status --watch

    A TAP service may say that it is available while its queries fail. With
    --query a row is read (in 30 s at most), and the line says which one.

    The last line names the first cause of what is wrong.

    Exit code: 0 no service is down; 1 one is, or it cannot be used because
    of your login, the login service or maintenance, or a query read no row;
    3 the platform is unreachable.
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    if watch and context.as_json:
        raise click.UsageError("--watch and --json do not go together.")
    if query and watch:
        raise click.UsageError("--query and --watch do not go together.")
    if query and not services:
        raise click.UsageError(
            "--query needs a SERVICE: say rsp-health status --query tap."
        )
    if watch:
        end_with_reader()
        return asyncio.run(_watch(context, list(services)))
    return asyncio.run(_once(context, list(services), query=query))


async def _once(
    context: CliContext, services: list[str], *, query: bool
) -> int:
    status = context.status
    try:
        with context.console.status("Asking the platform…"):
            services = await _ids(context, services)
            if query:
                await asyncio.gather(*map(status.query, services))
            document = await _with_checks(
                context, await status.settle(services or None)
            )
            announced = await status.broadcasts()
    finally:
        await status.aclose()
        await context.discovery.aclose()
    shown = _chosen(document, services)
    if context.as_json:
        document.services = shown
        click.echo(document.model_dump_json(indent=2))
    else:
        context.out.print(_render(document, shown, announced))
    unreachable = _unreachable(document, shown)
    if unreachable is not None:
        if context.as_json:
            return unreachable.exit_code
        raise unreachable
    well = all(_is_well(row) for row in shown)
    if query:
        read = [
            r.query is not None and r.query.state == "passed" for r in shown
        ]
        well = well and all(read)
    return 0 if well else 1


async def _watch(context: CliContext, services: list[str]) -> int:
    status = context.status
    show = _table if context.out.is_terminal else _lines
    try:
        await show(context, await _ids(context, services))
    finally:
        await status.aclose()
        await context.discovery.aclose()
    return 0


async def _table(context: CliContext, services: list[str]) -> None:
    """Keep one table up to date in a terminal."""
    from rich.live import Live

    status = context.status
    document = await status.refresh(services or None)
    with Live(console=context.out, auto_refresh=False) as live:
        while True:
            announced = await status.broadcasts()
            document = await _with_checks(context, document)
            shown = _chosen(document, services)
            live.update(_render(document, shown, announced), refresh=True)
            await asyncio.sleep(_WATCH_S)
            document = await status.snapshot()


async def _lines(context: CliContext, services: list[str]) -> None:
    """Write one line a change, for a file or another program."""
    known: dict[str, str] = {}
    document = await context.status.refresh(services or None)
    while True:
        for row in _chosen(document, services):
            if known.get(row.id) != row.state:
                before = known.get(row.id)
                arrow = f"{before} -> {row.state}" if before else row.state
                at = document.observed_at.isoformat(timespec="seconds")
                click.echo(f"{at} {row.id}: {arrow} ({row.evidence})")
                known[row.id] = row.state
        sys.stdout.flush()
        await asyncio.sleep(_WATCH_S)
        document = await context.status.snapshot()


async def _with_checks(
    context: CliContext, document: StatusDocument
) -> StatusDocument:
    """Add what the notebooks say that check the services."""
    try:
        checks = context.checks
    except BadInputError:
        return document  # No root folder, so no notebooks.
    return await checks.fill(document)


async def _ids(context: CliContext, names: list[str]) -> list[str]:
    """Return the rows that were named: by id, application or title."""
    known = (await context.status.snapshot()).services if names else []
    if not known:
        return []  # nothing is known at all, which is told as that
    found: dict[str, None] = {}
    for name in names:
        wanted = name.casefold()
        rows = [
            row.id
            for row in known
            if wanted in (row.id, row.id.split(":")[0], row.title.casefold())
        ]
        found.update(dict.fromkeys(rows or [name]))
    return list(found)


def _chosen(
    document: StatusDocument, services: Sequence[str]
) -> list[ServiceStatus]:
    return worst_first(
        s for s in document.services if not services or s.id in services
    )


def _is_well(row: ServiceStatus) -> bool:
    """Whether a row is no reason to end with 1."""
    return row.state not in {"down", "maintenance"} and not row.affected_by


def _unreachable(
    document: StatusDocument, shown: list[ServiceStatus]
) -> EnvironmentFailureError | None:
    if document.instance is None and not document.services:
        return EnvironmentFailureError(
            "No platform is known: neither REPERTOIRE_BASE_URL nor "
            "EXTERNAL_INSTANCE_URL is set.",
            hint="Run this in a lab, or start a stand-in with "
            "`rsp-health sandbox` and set the variables that it prints.",
            code="no_platform",
        )
    probed = [s for s in shown if s.age_s is not None]
    if document.observer_offline and not any(s.state == "up" for s in probed):
        return EnvironmentFailureError(
            f"Nothing at {document.instance} answers: the platform may be "
            "unreachable, or this lab's network may be cut.",
            hint="Try again in a minute; then ask whoever runs the site.",
            code="platform_unreachable",
        )
    return None


def _render(
    document: StatusDocument,
    shown: list[ServiceStatus],
    announced: BroadcastList,
) -> RenderableType:
    from rich.console import Group
    from rich.text import Text

    lines: list[RenderableType] = [
        Text(f"{document.instance or 'No platform'}", style="bold")
    ]
    discovery = document.discovery
    if discovery.state != "fresh":
        age = f", {_age(discovery.age_s)}" if discovery.age_s else ""
        lines.append(
            Text(
                f"Service discovery: {discovery.state}{age}. "
                f"{discovery.message}",
                style="yellow",
            )
        )
    if document.catalogue_problem:
        lines.append(Text(document.catalogue_problem, style="yellow"))
    lines += [
        Text(f"▲ {item.category}: {item.summary}", style="bold yellow")
        for item in announced.broadcasts
    ]
    lines += [
        Text(f"To you: {item.summary}", style="bold")
        for item in announced.messages
    ]
    if announced.state in {"stale", "unavailable"}:
        lines.append(Text(announced.message, style="dim"))
    from ..output.tables import FittingTable

    table = FittingTable(
        "Service", "State", ">Checked", "Evidence", header=bool(shown)
    )
    for row in shown:
        look = SERVICE_STATES[row.state]
        until = f" until {row.until:%H:%M:%S}Z" if row.until else ""
        looked = (
            f" · {row.looked_at}"
            if row.looked_at and row.state == "up"
            else ""
        )
        queried = (
            f" · {row.query.evidence}"
            if row.query is not None and row.query.evidence not in row.evidence
            else ""
        )
        table.add_row(
            Text.assemble((look.sign, look.style), " ", row.title),
            Text(look.word + until, style=look.style),
            Text(_age(row.age_s) if row.age_s is not None else "-"),
            Text(f"{row.evidence}{looked}{queried}"),
        )
    lines += [table, _verdict(document.verdict)]
    return Group(*lines)


def _verdict(verdict: PlatformVerdict) -> Text:
    """Say the first cause: the last line is what one sees first."""
    from rich.text import Text

    look = VERDICT_STATES[verdict.state]
    line = Text(f"{look.sign} {verdict.told}", style=f"bold {look.style}")
    if verdict.advice:
        line.append(f" {verdict.advice}", style="none")
    return line


def _age(seconds: float | None) -> str:
    if seconds is None:
        return "unknown age"
    if seconds < 1:
        return "just now"
    if seconds < 120:
        return f"{seconds:.0f} s ago"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min ago"
    return f"{seconds / 3600:.0f} h ago"

"""``rsp-health bot``, and ``rsp-health run --every``: a test bot of one's own."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from ...errors import RSPHealthError
from ...moments import moment
from ...printable import printable
from ...states import FAILED
from ..context import CliContext, pass_context
from ..output.run_reports import REPORTS, write_reports

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from ...runner.bot.models import BotDocument, BotState
    from ...runner.bot.store import BotStore
    from ...runner.models import RunDocument
    from ...runner.planning.call import RunCall
    from ...status.models import TestBots

__all__ = ["command", "run_every"]

#: Options of ``rsp-health run`` that a bot takes; others are for one run.
_TAKEN = {
    "every",
    "until",
    "jobs",
    "cell_timeout",
    "timeout",
    "mode",
    "everything",
    "effects",
    "load",
    "applications",
    "no_warm",
    "no_discovery",
    *REPORTS,
}
#: Of the bot and its runs: whoever works in the lab comes first.
_NICENESS = 10
#: Failed notebooks that are named in a line.
_NAMED = 5
#: Seconds for a look at what is announced, and at mobu.
_LOOK_S = 10.0


@click.group(invoke_without_command=True)
@pass_context
def command(context: CliContext) -> int | None:
    """Show, pause and resume your test bot.

    It is what `rsp-health run --every` starts.

    \b
    Examples:
      rsp-health run ~/notebooks/rsp-health/phalanx-test --every 10m &
      rsp-health bot
      rsp-health bot pause
      rsp-health bot resume

    Exit code: 0, whatever the bot found; 2 the call is wrong; 3 it could not
    be paused.
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    click_context = click.get_current_context()
    click_context.obj = context
    if click_context.invoked_subcommand is None:
        return _show(context, with_platform=False)
    return None


@command.command("show")
@click.option(
    "--platform",
    is_flag=True,
    help="Also the summary of the platform's own test bots (mobu), if your "
    "token may read it.",
)
@pass_context
def show(context: CliContext, *, platform: bool = False) -> int:
    """Tell what the bot does, and how it did, in mobu's words.

    \b
    Example:
      rsp-health bot show --platform
    """  # noqa: D301 - as above
    return _show(context, with_platform=platform)


def _show(context: CliContext, *, with_platform: bool) -> int:
    from ...runner.bot.bot import describe

    document = describe(_store(context), _platform(context))
    if context.as_json:
        click.echo(document.model_dump_json(indent=1))
        return 0
    text = _lines(document)
    if with_platform:
        text += _of_mobu(_ask_mobu(context), _platform(context))
    for line in "\n".join(text).splitlines():
        click.echo(printable(line))
    return 0


@command.command()
@pass_context
def pause(context: CliContext) -> int:
    """Let the bot start no run until it is resumed, also after a restart.

    A run that is under way ends as it would.

    \b
    Example:
      rsp-health bot pause
    """  # noqa: D301 - as above
    store = _store(context)
    new = store.pause()
    context.console.print(
        "The bot is paused." if new else "The bot was paused already."
    )
    return _tell(context, store)


@command.command()
@pass_context
def resume(context: CliContext) -> int:
    """Let the bot go on.

    \b
    Example:
      rsp-health bot resume
    """  # noqa: D301 - as above
    store = _store(context)
    was = store.resume()
    context.console.print(
        "The bot goes on." if was else "The bot was not paused."
    )
    return _tell(context, store)


def run_every(
    context: CliContext, paths: tuple[Path, ...], options: Mapping[str, Any]
) -> int:
    """Be the test bot, until its time is over or it is stopped.

    Parameters
    ----------
    context
        The call.
    paths
        Notebooks and folders.
    options
        Those of ``rsp-health run``, by name.

    Returns
    -------
    int
        1 if a notebook did not pass.
    """
    from ...runner.bot.bot import Bot
    from ...runner.bot.runs import ServiceRuns, SystemClock

    clock = SystemClock()
    fresh = _fresh(paths, options)
    os.nice(_NICENESS)

    def tell(text: str) -> None:
        for line in text.splitlines():
            context.console.print(
                printable(line), markup=False, highlight=False, soft_wrap=True
            )

    def report(run_id: str) -> None:
        wanted = {name: options[name] for name in REPORTS if options[name]}
        try:
            document = context.runner.get(run_id)
            tell(_ended(document))
            write_reports(context, document, wanted)
        except RSPHealthError as exc:
            tell(exc.message)

    bot = Bot(
        store=_store(context),
        runs=ServiceRuns(context.runner, _call(context, fresh, options)),
        clock=clock,
        fresh=fresh,
        platform=_platform(context),
        find_quiet=_quiet(context),
        tell=tell,
        on_end=report,
    )
    passed, failed = bot.serve()
    tell(f"The bot has ended: {passed} passed, {failed} did not.")
    return 1 if failed else 0


def _ended(document: RunDocument) -> str:
    """Say how a run ended, and what failed in it."""
    failed = [n.path for n in document.notebooks if n.state in FAILED]
    names = ", ".join(failed[:_NAMED])
    more = f" and {len(failed) - _NAMED} more" if failed[_NAMED:] else ""
    what = f", {len(failed)} did not: {names}{more}" if failed else ""
    return f"{document.run_id}: {document.totals.passed} passed{what}"


def _fresh(paths: tuple[Path, ...], options: Mapping[str, Any]) -> BotState:
    """Check the call, and return what a bot begins with."""
    from ...runner.bot.models import BotState
    from ...runner.bot.times import parse_duration, parse_until
    from ...wire import utc_now

    if not options["every"]:
        raise click.UsageError("--until goes with --every.")
    here = click.get_current_context()
    for name in sorted(options.keys() - _TAKEN):
        source = here.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            flag = "--" + name.replace("_", "-")
            raise click.UsageError(f"{flag} does not go with --every.")
    now = utc_now()
    try:
        every_s = parse_duration(options["every"])
    except ValueError as exc:
        raise click.BadParameter(str(exc), param_hint="--every") from exc
    try:
        until = options["until"]
        end = None if until is None else parse_until(until, now)
    except ValueError as exc:
        raise click.BadParameter(str(exc), param_hint="--until") from exc
    return BotState(
        started_at=now,
        every_s=every_s,
        until=end,
        paths=[str(path.expanduser().absolute()) for path in paths],
    )


def _call(
    context: CliContext, fresh: BotState, options: Mapping[str, Any]
) -> RunCall:
    """Return the call of each of its runs."""
    from pathlib import Path

    from ..run_plan import plan_run, tell_unasked
    from .run_options import call_of

    # What is wrong with the call is told now, and not at each run.
    call = call_of(context, tuple(map(Path, fresh.paths)), options)
    plan = plan_run(context, call)
    tell_unasked(context, plan)
    return replace(
        call,
        folder=plan.folder,
        applications=plan.applications,
        ask_discovery=False,
    )


def _quiet(context: CliContext) -> Callable[[], str | None]:
    """Return what says why no run is wanted now."""
    if context.environment.base_url is None:
        return lambda: None
    builder = context.builder

    async def look() -> str | None:
        discovery = builder.discovery()
        status = builder.status(discovery)
        try:
            async with asyncio.timeout(_LOOK_S):
                return await status.announced()
        except (TimeoutError, RSPHealthError):
            return None  # a platform that is silent announces nothing
        finally:
            await status.aclose()
            await discovery.aclose()

    return lambda: asyncio.run(look())


def _store(context: CliContext) -> BotStore:
    from ...runner.bot.store import BotStore

    return BotStore(context.data_dir)


def _platform(context: CliContext) -> str:
    return context.environment.base_url or "this computer"


def _tell(context: CliContext, store: BotStore) -> int:
    from ...runner.bot.bot import describe

    document = describe(store, _platform(context))
    if context.as_json:
        click.echo(document.model_dump_json(indent=1))
    elif not document.alive:
        context.console.print(
            "No bot is at work now: rsp-health run PATH --every 10m"
        )
    return 0


def _lines(document: BotDocument) -> list[str]:
    state = document.state
    if state is None:
        return [
            "There is no test bot. Start one: rsp-health run PATH --every 10m"
        ]
    return [_now(document, state), document.summary]


def _now(document: BotDocument, state: BotState) -> str:
    paused = document.paused_since
    if paused is not None:
        text = f"Paused since {moment(paused)}."
        more = "" if document.alive else " No bot is at work."
        return text + more
    if not document.alive:
        return "No bot is at work."
    if state.run_id is not None:
        return f"Running now: {state.run_id}."
    when = (
        f" Next run at {state.next_at:%H:%M:%S} UTC." if state.next_at else ""
    )
    return f"Waiting.{when} {state.reason}".rstrip()


def _ask_mobu(context: CliContext) -> TestBots | None:
    if context.environment.base_url is None:
        return None
    return asyncio.run(_mobu(context))


async def _mobu(context: CliContext) -> TestBots | None:
    status = context.status
    try:
        async with asyncio.timeout(_LOOK_S):
            return (await status.quota()).test_bots
    except TimeoutError:
        return None
    finally:
        await status.aclose()
        await context.discovery.aclose()


def _of_mobu(bots: TestBots | None, platform: str) -> list[str]:
    from ...flocks import summary

    if bots is None:
        return ["What the platform's own test bots (mobu) found is not known."]
    if bots.state != "fresh":
        return [bots.message]
    text = summary(platform, [flock.summary for flock in bots.flocks])
    return ["", "The platform's own test bots:", text]

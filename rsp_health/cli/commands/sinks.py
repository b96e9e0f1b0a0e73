"""``rsp-health sinks``: what goes elsewhere, what waits, and why."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import click

from ...platform.own_program import own_program
from ...printable import printable
from ..context import CliContext, pass_context

if TYPE_CHECKING:
    from ...runner.models import RunDocument
    from ...runner.sinks.outbox import Outbox

__all__ = ["command", "hand_over"]

#: Seconds for all that waits.
_LIMIT_S = 60.0
_NICENESS = 15


@click.group(invoke_without_command=True)
@pass_context
def command(context: CliContext) -> int | None:
    """Show what is sent elsewhere, or send what waits.

    Nothing is, unless a setting says where to: sasquatch_topics, sentry_dsn.

    \b
    Examples:
      rsp-health sinks
      rsp-health sinks send

    Exit code: 0 nothing waits; 1 something does; 2 a setting is wrong.
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    click_context = click.get_current_context()
    click_context.obj = context
    if click_context.invoked_subcommand is None:
        return _show(context, _outbox(context))
    return None


@command.command()
@click.option("--gently", is_flag=True, help="Send with a low priority.")
@pass_context
def send(context: CliContext, *, gently: bool) -> int:
    """Send what waits, in a minute at most.

    \b
    Example:
      rsp-health sinks send
    """  # noqa: D301 - as above
    import asyncio

    if gently:
        os.nice(_NICENESS)
    outbox = _outbox(context)
    asyncio.run(outbox.deliver(limit_s=_LIMIT_S))
    return _show(context, outbox)


def hand_over(context: CliContext, document: RunDocument) -> None:
    """Keep what is to be sent of a run, and let a process of its own send it.

    The run waits for nothing, and nothing that is wrong here ends it.

    Parameters
    ----------
    context
        The call.
    document
        The run.
    """
    outbox = _outbox(context)
    if not outbox.names:
        return
    for notice in outbox.notices():
        _note(context, notice)
    try:
        outbox.put(document)
        if not outbox.is_waiting:
            return
        words = own_program("rsp_health.cli.start", "sinks", "send")
        words += ["--gently", "--data-dir", str(context.data_dir)]
        if context.config is not None:
            words += ["--config", str(context.config.absolute())]
        subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env=dict(context.environment.variables),
        )
    except OSError as exc:
        _note(context, f"Results cannot be kept to be sent: {exc.strerror}.")


def _note(context: CliContext, text: str) -> None:
    context.console.print(
        f"Note: {printable(text)}",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


def _show(context: CliContext, outbox: Outbox) -> int:
    document = outbox.describe()
    waits = any(sink.waiting for sink in document.sinks)
    if context.as_json:
        click.echo(document.model_dump_json(indent=1))
        return 1 if waits else 0
    if not document.sinks:
        click.echo("Nothing is sent anywhere: no setting says where to.")
    for sink in document.sinks:
        click.echo(printable(sink.sentence()))
    return 1 if waits else 0


def _outbox(context: CliContext) -> Outbox:
    return context.builder.outbox()

"""``rsp-health checkout``: the engine behind the menu, in a terminal."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from typing import TYPE_CHECKING

import click

from ...errors import ConflictError
from ...printable import printable
from ..context import CliContext, pass_context
from ..output.checkout_view import (
    plain,
    print_json,
    tell_end,
    tell_inspection,
)
from . import checkout_backups

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ...checkout.models import Inspection, Operation

__all__ = ["command"]


@click.group(name="checkout")
def command() -> None:
    """Check repositories out, read-write; nothing is ever lost.

    \b
    Examples:
      rsp-health checkout list
      rsp-health checkout create system-test
    """  # noqa: D301 - \b is click's mark for "keep the lines"


for _command in (
    checkout_backups.backups,
    checkout_backups.prune,
    checkout_backups.remove_backup,
):
    command.add_command(_command)


@command.command("list")
@pass_context
def list_(context: CliContext) -> int:
    """List the repositories that are offered here.

    \b
    Example:
      rsp-health checkout list --json
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    found = context.checkout.list()
    if context.as_json:
        return print_json(found)
    from ..output.tables import FittingTable

    table = FittingTable(
        "repository", "state", "ref", "commit", "backups", "folder"
    )
    for item in found.repositories:
        origin = item.provenance
        state = "in use" if item.locked_by else item.state
        table.add_row(
            item.id,
            state,
            origin.ref if origin else item.ref,
            origin.commit[:7] if origin else "",
            str(item.backups) if item.backups else "",
            item.directory,
        )
    context.out.print(table)
    for problem in found.problems:
        click.echo(printable(problem), err=True)
    return 0


@command.command()
@click.argument("repository")
@click.option("--ref", help="Branch, tag or commit.")
@click.option("--all", "every_file", is_flag=True, help="List every file.")
@pass_context
def inspect(
    context: CliContext, repository: str, ref: str | None, *, every_file: bool
) -> int:
    """List what a checkout would replace.

    \b
    Example:
      rsp-health checkout inspect system-test
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    found = context.checkout.inspect(repository, ref=ref)
    if context.as_json:
        return print_json(found)
    tell_inspection(context, found, every_file=every_file)
    return 0


@command.command()
@click.argument("repository")
@click.option("--ref", help="Branch, tag or commit.  [default: as configured]")
@click.option(
    "--backup",
    is_flag=True,
    help="Back up what is yours, and replace it, without asking.",
)
@click.option(
    "--fail-if-changed",
    is_flag=True,
    help="Exit with 1 if anything of yours would be replaced.",
)
@click.option(
    "--output-filter/--no-output-filter",
    default=True,
    show_default=True,
    help="Keep outputs of notebooks out of what is committed there.",
)
@pass_context
def create(
    context: CliContext,
    repository: str,
    *,
    ref: str | None,
    backup: bool,
    fail_if_changed: bool,
    output_filter: bool,
) -> int:
    """Check a repository out; what stands there becomes a backup.

    \b
    Example:
      rsp-health checkout create system-test --ref prod --backup
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    if backup and fail_if_changed:
        raise click.UsageError("Give --backup or --fail-if-changed, not both.")
    from ...cleaning.filter.setup import begin_trial

    # A Python must start for it: now, beside what is imported next.
    trial = begin_trial() if output_filter else None
    fingerprint = None
    if not backup:
        found = context.checkout.inspect(repository, ref=ref, news=False)
        fingerprint = found.fingerprint
        if found.at_risk:
            _confirm(context, found, may_ask=not fail_if_changed)
    with _bar(context) as (on_progress, cancel):
        operation = context.checkout.checkout(
            repository,
            fingerprint=fingerprint,
            ref=ref,
            output_filter=output_filter,
            trial=trial,
            on_progress=on_progress,
            cancel=cancel,
        )
    return tell_end(context, operation)


@command.command()
@click.argument("repository")
@click.argument("backup")
@pass_context
def restore(context: CliContext, repository: str, backup: str) -> int:
    """Put a backup back; what stands there now becomes a backup.

    \b
    Example:
      rsp-health checkout restore system-test 20261120T213341Z
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    with _bar(context) as (on_progress, cancel):
        operation = context.checkout.restore(
            repository, backup, on_progress=on_progress, cancel=cancel
        )
    return tell_end(context, operation)


@command.command()
@click.argument("repository")
@pass_context
def remove(context: CliContext, repository: str) -> int:
    """Move a checkout away, to a backup.

    \b
    Example:
      rsp-health checkout remove phalanx-test
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    with _bar(context) as (on_progress, cancel):
        operation = context.checkout.remove(
            repository, on_progress=on_progress, cancel=cancel
        )
    return tell_end(context, operation)


@command.command()
@click.argument("repository")
@click.argument("path")
@pass_context
def reset(context: CliContext, repository: str, path: str) -> int:
    """Put one file back to upstream; yours is backed up.

    PATH is the file's path below the checkout.

    \b
    Example:
      rsp-health checkout reset system-test tap.ipynb
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    with _bar(context) as (on_progress, cancel):
        operation = context.checkout.reset(
            repository, path, on_progress=on_progress, cancel=cancel
        )
    return tell_end(context, operation)


@command.command()
@click.argument("repository")
@click.option("--now", is_flag=True, help="Ask, even if asked lately.")
@pass_context
def updates(context: CliContext, repository: str, now: bool) -> int:
    """Tell whether the repository has something newer.

    \b
    Example:
      rsp-health checkout updates system-test
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    found = context.checkout.updates(repository, refresh=now)
    if context.as_json:
        return print_json(found)
    context.out.print(plain(found.message))
    if found.error is not None:
        context.out.print(plain(f"{found.error.message} {found.error.hint}"))
        return 3
    return 0


@command.command()
@click.argument("repository")
@pass_context
def refs(context: CliContext, repository: str) -> int:
    """List the branches and tags that can be checked out.

    \b
    Example:
      rsp-health checkout refs system-test
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    found = context.checkout.refs(repository)
    if context.as_json:
        return print_json(found)
    from ..output.tables import FittingTable

    table = FittingTable("kind", "name", "commit")
    for kind, items in (("branch", found.branches), ("tag", found.tags)):
        for item in items:
            table.add_row(kind, plain(item.name), item.commit[:7])
    context.out.print(table)
    return 0


def _confirm(context: CliContext, found: Inspection, *, may_ask: bool) -> None:
    """Ask on a terminal; refuse elsewhere."""
    if may_ask and not context.as_json and context.out.is_terminal:
        tell_inspection(context, found)
        click.confirm("Back up and replace?", abort=True, err=True)
        return
    raise ConflictError(
        f"{found.directory} holds work of yours.",
        hint="See it with `rsp-health checkout inspect"
        f" {found.repository}`; replace it with --backup.",
        code="changed",
    )


@contextlib.contextmanager
def _bar(
    context: CliContext,
) -> Iterator[tuple[Callable[[Operation], None], threading.Event]]:
    """Show progress on a terminal; the first Ctrl-C cancels in order."""
    cancel = threading.Event()
    before = signal.getsignal(signal.SIGINT)

    def interrupt(number: int, frame: object) -> None:
        del number, frame
        cancel.set()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, interrupt)
    try:
        with _progress(context) as on_progress:
            yield on_progress, cancel
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def _progress(context: CliContext) -> Iterator[Callable[[Operation], None]]:
    """Show a bar on a terminal; elsewhere not even import rich."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.progress import BarColumn, Progress, TextColumn

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        console=context.console,
        transient=True,
    ) as bar:
        task = bar.add_task("Starting", total=100)

        def on_progress(operation: Operation) -> None:
            bar.update(
                task,
                description=operation.phase,
                completed=operation.percent,
            )

        yield on_progress

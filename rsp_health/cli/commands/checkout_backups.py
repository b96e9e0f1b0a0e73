"""``rsp-health checkout backups|remove-backup|prune``: what was moved aside."""

from __future__ import annotations

import sys

import click

from ...errors import BadInputError
from ...moments import moment
from ..context import CliContext, pass_context
from ..output.checkout_view import differs, in_words, plain, print_json

__all__ = ["backups", "prune", "remove_backup"]


@click.command()
@click.argument("repository")
@pass_context
def backups(context: CliContext, repository: str) -> int:
    """List the backups of a checkout, newest first.

    \b
    Example:
      rsp-health checkout backups system-test
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    found = context.checkout.backups(repository)
    if context.as_json:
        return print_json(found)
    if not found.backups:
        context.console.print("No backups.")
        return 0
    from ..output.tables import FittingTable

    table = FittingTable("backup", "made", "size", "commit", "differs in")
    for item in found.backups:
        table.add_row(
            item.id,
            moment(item.created_at),
            in_words(item.size_bytes),
            (item.commit or "")[:7],
            plain(differs(item)),
        )
    context.out.print(table)
    context.out.print(f"{in_words(found.size_bytes)} in all.")
    expired = [item.id for item in found.backups if item.expired]
    if expired:
        context.out.print(
            f"Over 30 days old: {', '.join(expired)}. Delete them with"
            f" `rsp-health checkout prune {repository}`."
        )
    return 0


@click.command("remove-backup")
@click.argument("repository")
@click.argument("backup")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_context
def remove_backup(
    context: CliContext, repository: str, backup: str, yes: bool
) -> int:
    """Delete a backup for good.

    \b
    Example:
      rsp-health checkout remove-backup system-test 20261120T213341Z
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    if not yes and backup in {
        item.id for item in context.checkout.backups(repository).backups
    }:
        _ask(f"Delete backup {backup} of {repository} for good?")
    found = context.checkout.remove_backup(repository, backup)
    if context.as_json:
        return print_json(found)
    context.out.print(f"Deleted. {len(found.backups)} backups are left.")
    return 0


@click.command()
@click.argument("repository")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_context
def prune(context: CliContext, repository: str, yes: bool) -> int:
    """Delete the expired backups of a checkout for good.

    Expired is what is over 30 days old and not among the last three.

    \b
    Example:
      rsp-health checkout prune system-test
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    before = context.checkout.backups(repository)
    expired = [item for item in before.backups if item.expired]
    if expired and not yes:
        for item in expired:
            size = in_words(item.size_bytes)
            context.console.print(
                plain(f"  {item.id}  {size}  differs in {differs(item)}")
            )
        _ask(f"Delete {len(expired)} backups of {repository} for good?")
    found = context.checkout.prune_backups(
        repository, [item.id for item in expired]
    )
    if context.as_json:
        return print_json(found)
    gone = len(before.backups) - len(found.backups)
    context.out.print(
        f"{gone} deleted, {len(found.backups)} left"
        f" ({in_words(found.size_bytes)})."
    )
    return 0


def _ask(question: str) -> None:
    """Ask who sits at the terminal; where nobody does, ask for --yes."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise BadInputError(
            f"{question} There is no terminal to ask in.",
            hint="Say so with --yes.",
            code="not_confirmed",
        )
    click.confirm(question, abort=True, err=True)

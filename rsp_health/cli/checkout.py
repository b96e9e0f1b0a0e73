"""``rsp-health checkout``: the engine behind the menu, in a terminal."""

from __future__ import annotations

import contextlib
import signal
import threading
import unicodedata
from typing import TYPE_CHECKING, Any

import click

from ..errors import ConflictError
from .context import CliContext, pass_context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..checkout.models import Backup, Inspection, Operation
    from ..wire import WireModel

__all__ = ["command"]


@click.group(name="checkout")
def command() -> None:
    """Check repositories out, read-write; nothing is ever lost.

    \b
    Example:
      rsp-health checkout list
      rsp-health checkout create system-test
    """  # noqa: D301 - \b is click's mark for "keep the lines"


@command.command("list")
@pass_context
def list_(context: CliContext) -> int:
    r"""List the repositories that are offered here.

    \b
    Example:
      rsp-health checkout list --json
    """
    found = context.checkout.list()
    if context.as_json:
        return _json(found)
    table = _table("repository", "state", "ref", "commit", "backups", "folder")
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
    return 0


@command.command()
@click.argument("repository")
@click.option("--ref", help="Branch, tag or commit.")
@pass_context
def inspect(context: CliContext, repository: str, ref: str | None) -> int:
    r"""List what a checkout would replace.

    \b
    Example:
      rsp-health checkout inspect system-test
    """
    found = context.checkout.inspect(repository, ref=ref)
    if context.as_json:
        return _json(found)
    _tell_inspection(context, found)
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
@pass_context
def create(
    context: CliContext,
    repository: str,
    ref: str | None,
    backup: bool,
    fail_if_changed: bool,
) -> int:
    r"""Check a repository out; what stands there becomes a backup.

    \b
    Example:
      rsp-health checkout create system-test --ref prod --backup
    """
    if backup and fail_if_changed:
        raise click.UsageError("--backup and --fail-if-changed exclude.")
    fingerprint = None
    if not backup:
        found = context.checkout.inspect(repository, ref=ref)
        fingerprint = found.fingerprint
        if found.at_risk:
            _confirm(context, found, may_ask=not fail_if_changed)
    with _bar(context) as (on_progress, cancel):
        operation = context.checkout.checkout(
            repository,
            fingerprint=fingerprint,
            ref=ref,
            on_progress=on_progress,
            cancel=cancel,
        )
    return _ended(context, operation)


@command.command()
@click.argument("repository")
@pass_context
def backups(context: CliContext, repository: str) -> int:
    r"""List the backups of a checkout, newest first.

    \b
    Example:
      rsp-health checkout backups system-test
    """
    found = context.checkout.backups(repository)
    if context.as_json:
        return _json(found)
    if not found.backups:
        context.console.print("No backups.")
        return 0
    table = _table("backup", "made", "size", "commit", "differs in")
    for item in found.backups:
        table.add_row(
            item.id,
            item.created_at.strftime("%Y-%m-%d %H:%M UTC"),
            _size(item.size_bytes),
            (item.commit or "")[:7],
            _differs(item),
        )
    context.out.print(table)
    return 0


@command.command()
@click.argument("repository")
@click.argument("backup")
@pass_context
def restore(context: CliContext, repository: str, backup: str) -> int:
    r"""Put a backup back; what stands there now becomes a backup.

    \b
    Example:
      rsp-health checkout restore system-test 20261120T213341Z
    """
    with _bar(context) as (on_progress, cancel):
        operation = context.checkout.restore(
            repository, backup, on_progress=on_progress, cancel=cancel
        )
    return _ended(context, operation)


@command.command()
@click.argument("repository")
@pass_context
def remove(context: CliContext, repository: str) -> int:
    r"""Move a checkout away, to a backup.

    \b
    Example:
      rsp-health checkout remove phalanx-test
    """
    with _bar(context) as (on_progress, cancel):
        operation = context.checkout.remove(
            repository, on_progress=on_progress, cancel=cancel
        )
    return _ended(context, operation)


def _json(model: WireModel) -> int:
    click.echo(model.model_dump_json())
    return 0


def _table(*columns: str) -> Any:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name, overflow="fold")
    return table


def _plain(text: str) -> Any:
    """Return a name as text that can neither mark up nor move the cursor."""
    from rich.text import Text

    safe = "".join(
        "\N{REPLACEMENT CHARACTER}"
        if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")
        else char
        for char in text
    )
    return Text(safe)


def _size(size: int | None) -> str:
    if size is None:
        return ""
    if size < 1024:
        return f"{size} B"
    value = size / 1024
    units = ["KiB", "MiB", "GiB", "TiB"]
    while value >= 1024 and len(units) > 1:
        value /= 1024
        del units[0]
    return f"{value:.1f} {units[0]}"


def _differs(item: Backup) -> str:
    counts: dict[str, int] = {}
    for change in item.changes:
        counts[change.kind] = counts.get(change.kind, 0) + 1
    words = [f"{number} {kind}" for kind, number in counts.items()]
    if item.changes_omitted:
        words.append(f"{item.changes_omitted} more")
    return ", ".join(words) or "nothing"


def _tell_inspection(context: CliContext, found: Inspection) -> None:
    out = context.out
    if found.state == "absent":
        out.print(_plain(f"{found.directory}: nothing is there."))
    elif not found.at_risk:
        out.print(_plain(f"{found.directory}: nothing of yours to lose."))
    else:
        out.print(_plain(f"{found.directory} already holds your work:"))
        for change in found.changes:
            line = f"  {change.kind:<9} {change.path}"
            size = _size(change.size_bytes)
            out.print(_plain(f"{line}  ({size})" if size else line))
        if found.changes_omitted:
            out.print(f"  and {found.changes_omitted} more files")
        for commit in found.commits:
            where = f" ({commit.branch})" if commit.branch else ""
            out.print(
                _plain(f"  commit    {commit.commit[:7]} {commit.subject}")
                + _plain(where)
            )
        if found.branches:
            out.print(_plain("  branches  " + ", ".join(found.branches)))
        if found.stashes:
            out.print(f"  stashes   {found.stashes}")
        out.print(
            _plain(
                f"All of it would move to {found.backup}"
                f" ({_size(found.size_bytes)};"
                f" {_size(found.free_bytes)} free)."
            )
        )
    if found.upstream_error is not None:
        out.print(_plain(f"Upstream: {found.upstream_error.message}"))
    elif found.upstream_commit and found.base_commit:
        same = found.upstream_commit == found.base_commit
        word = "up to date" if same else "has updates"
        out.print(f"Upstream {found.upstream_commit[:7]}: {word}.")


def _confirm(context: CliContext, found: Inspection, *, may_ask: bool) -> None:
    """Ask on a terminal; refuse elsewhere."""
    if may_ask and not context.as_json and context.out.is_terminal:
        _tell_inspection(context, found)
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
    from rich.progress import BarColumn, Progress, TextColumn

    cancel = threading.Event()
    before = signal.getsignal(signal.SIGINT)

    def interrupt(number: int, frame: object) -> None:
        del number, frame
        cancel.set()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, interrupt)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        console=context.console,
        transient=True,
        disable=not context.console.is_terminal,
    )
    try:
        with bar:
            task = bar.add_task("Starting", total=100)

            def on_progress(operation: Operation) -> None:
                bar.update(
                    task,
                    description=operation.phase,
                    completed=operation.percent,
                )

            yield on_progress, cancel
    finally:
        signal.signal(signal.SIGINT, before)


def _ended(context: CliContext, operation: Operation) -> int:
    if context.as_json:
        _json(operation)
    if operation.state == "cancelled":
        context.console.print("Cancelled. Nothing was changed.")
        return 130
    if context.as_json:
        return 0
    commit = (operation.commit or "")[:7]
    place = operation.directory
    if operation.up_to_date:
        text = f"Already up to date ({commit}): {place}"
    elif operation.kind == "checkout":
        text = f"Checked out {commit}: {place}"
    elif operation.kind == "restore":
        text = f"Restored: {place}"
    else:
        text = f"Removed: {place}"
    context.out.print(_plain(text))
    if operation.backup:
        restore_it = (
            f"rsp-health checkout restore {operation.repository}"
            f" {operation.backup}"
        )
        context.out.print(_plain(f"Your files are kept: {restore_it}"))
    return 0

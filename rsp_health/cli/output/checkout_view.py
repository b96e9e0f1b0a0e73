"""How ``rsp-health checkout`` shows what it found, in words and tables."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

import click

from ...sizes import disk_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...checkout.models import Backup, FileChange, Inspection, Operation
    from ...wire import WireModel
    from ..context import CliContext

__all__ = [
    "differs",
    "in_words",
    "plain",
    "print_json",
    "tell_end",
    "tell_inspection",
]

#: Files of one folder from which on they share a line.
_MANY = 5


def print_json(model: WireModel) -> int:
    """Print a result for programs, and return exit code 0."""
    click.echo(model.model_dump_json())
    return 0


def plain(text: str) -> Any:
    """Return a name as text that can neither mark up nor move the cursor."""
    from rich.text import Text

    return Text(_safe(text))


def _safe(text: str) -> str:
    return "".join(
        "\N{REPLACEMENT CHARACTER}"
        if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")
        else char
        for char in text
    )


def in_words(size: int | None) -> str:
    """Return a size in bytes in words."""
    return "" if size is None else disk_size(size)


def differs(item: Backup) -> str:
    """Say how many files of a backup differ, by kind."""
    counts: dict[str, int] = {}
    for change in item.changes:
        counts[change.kind] = counts.get(change.kind, 0) + 1
    if item.kind == "files":
        return ", ".join(change.path for change in item.changes)
    words = [f"{number} {kind}" for kind, number in counts.items()]
    if item.changes_omitted:
        words.append(f"{item.changes_omitted} more")
    return ", ".join(words) or "nothing"


def tell_inspection(
    context: CliContext, found: Inspection, *, every_file: bool = False
) -> None:
    """Print what a checkout would replace, what git keeps of it first.

    Parameters
    ----------
    context
        Where to print.
    found
        What stands there.
    every_file
        Whether each file has a line; else those of a full folder share one.
    """
    out = context.out
    if found.state == "absent":
        out.print(plain(f"{found.directory}: nothing is there."))
    elif not found.at_risk:
        out.print(plain(f"{found.directory}: nothing of yours to lose."))
    else:
        out.print(plain(_standing(found)))
        _tell_history(context, found)
        if found.worktrees:
            out.print(plain("  worktrees " + ", ".join(found.worktrees)))
        if found.processes:
            out.print(plain("  at work   " + ", ".join(found.processes)))
        for line in _file_lines(found.changes, every_file=every_file):
            out.print(plain(line))
        if found.changes_omitted:
            out.print(f"  and {found.changes_omitted} more files")
        out.print(
            plain(
                f"All of it would move to a backup such as {found.backup}"
                f" ({in_words(found.size_bytes)};"
                f" {in_words(found.free_bytes)} free on this disk)."
            )
        )
    _tell_upstream(context, found)


def _file_lines(
    changes: list[FileChange], *, every_file: bool
) -> Iterator[str]:
    """Yield a line for each file, or for each folder with many of them."""
    groups: dict[tuple[str, str], list[FileChange]] = {}
    for change in changes:
        kind: str = "saved" if change.only_saved else change.kind
        folder, slash, _ = change.path.partition("/")
        groups.setdefault((kind, folder + slash), []).append(change)
    for (kind, folder), members in groups.items():
        if folder.endswith("/") and len(members) > _MANY and not every_file:
            size = in_words(sum(one.size_bytes or 0 for one in members))
            yield f"  {kind:<9} {folder} ({len(members)} files, {size})"
            continue
        for one in members:
            size = in_words(one.size_bytes)
            line = f"  {kind:<9} {one.path}"
            yield f"{line}  ({size})" if size else line
    if any(change.only_saved for change in changes):
        yield "  (saved: run or saved, and their text is as checked out)"


def _tell_history(context: CliContext, found: Inspection) -> None:
    """Print what git keeps of the user's."""
    out = context.out
    for commit in found.commits:
        where = f" ({commit.branch})" if commit.branch else ""
        out.print(
            plain(f"  commit    {commit.commit[:7]} {commit.subject}")
            + plain(where)
        )
    if found.branches:
        out.print(plain("  branches  " + ", ".join(found.branches)))
    if found.stashes:
        out.print(f"  stashes   {found.stashes}")
    if found.objects:
        out.print(
            f"  objects   {found.objects} in git's store that no commit"
            " holds, such as a version that was staged once"
        )


def _standing(found: Inspection) -> str:
    """Say what kind of thing stands there."""
    history = found.history
    if history is None:
        return f"{found.directory} already holds your work:"
    number = f"{history.commits} commit{'' if history.commits == 1 else 's'}"
    if history.shallow:
        number += " (shallow)"
    branch = f"branch {history.branch}" if history.branch else "no branch"
    return (
        f"{found.directory} is a git repository that rsp-health did not check"
        f" out: {number}, {branch}."
    )


def _tell_upstream(context: CliContext, found: Inspection) -> None:
    out = context.out
    if found.upstream_error is not None:
        out.print(plain(f"Upstream: {found.upstream_error.message}"))
    elif found.upstream_commit and found.base_commit:
        same = found.upstream_commit == found.base_commit
        word = "up to date" if same else "has updates"
        if found.behind and not same:
            word = f"{found.behind} commits ahead of your checkout"
        out.print(f"Upstream {found.upstream_commit[:7]}: {word}.")


def tell_end(context: CliContext, operation: Operation) -> int:
    """Print how an operation ended, and return the exit code."""
    if context.as_json:
        print_json(operation)
    if operation.state == "cancelled":
        context.console.print("Cancelled. Nothing was changed.")
        return 130
    if context.as_json:
        return 0
    # One line needs no rich, whose import takes as long as a small clone.
    click.echo(_safe(_end_of(operation)))
    if operation.warning is not None:
        told = operation.warning
        context.console.print(plain(f"Warning: {told.message} {told.hint}"))
    if operation.backup:
        restore_it = (
            f"rsp-health checkout restore {operation.repository}"
            f" {operation.backup}"
        )
        click.echo(_safe(f"Your files are kept: {restore_it}"))
    return 0


def _end_of(operation: Operation) -> str:
    """Say what an operation did."""
    commit = (operation.commit or "")[:7]
    place = operation.directory
    if operation.up_to_date and operation.kind == "reset":
        return f"Already as checked out ({commit}): {operation.path}"
    if operation.up_to_date:
        return f"Already up to date ({commit}): {place}"
    if operation.kind == "checkout":
        return f"Checked out {commit}: {place}"
    if operation.kind == "restore":
        return f"Restored: {place}"
    if operation.kind == "reset":
        return f"Reset {operation.path} to {commit}: {place}"
    return f"Removed: {place}"

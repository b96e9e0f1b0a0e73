"""``rsp-health init-repo``: set a repository up for clean notebooks."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from ...errors import BadInputError, ConflictError
from ...printable import printable
from ..context import NamedPath, pass_context

if TYPE_CHECKING:
    from pathlib import Path

    from ...cleaning.setup.repository import Choice, FileEdit
    from ..context import CliContext

__all__ = ["command"]


@click.command()
@click.option(
    "--repo",
    type=NamedPath(),
    default=".",
    help="The repository.  [default: the current folder's]",
)
@click.option("--rev", help="Version to pin.  [default: this one]")
@click.option("--url", help="Where hooks come from, for sites with a mirror.")
@click.option("--no-workflow", is_flag=True, help="No GitHub workflow.")
@click.option(
    "--nbstripout",
    type=click.Choice(["replace", "keep"]),
    help="What becomes of nbstripout, if it is there.",
)
@click.option("--yes", is_flag=True, help="Do not ask; write it.")
@click.option("--dry-run", is_flag=True, help="Only show the difference.")
@pass_context
def command(
    context: CliContext,
    *,
    repo: Path,
    rev: str | None,
    url: str | None,
    no_workflow: bool,
    nbstripout: Choice | None,
    yes: bool,
    dry_run: bool,
) -> int:
    """Set a repository up: hooks, settings and a GitHub workflow.

    Shows the whole difference first, and asks. What is there stays; existing
    hooks are kept, and ours added, but a hook of nbstripout is replaced, if
    you agree: both clean the same notebooks. All is written, or nothing. For
    the git filter, which keeps outputs in your files and out of commits, see:
    rsp-health filter --help

    \b
    Example:
      rsp-health init-repo --repo notebooks/system-test
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    from ... import __version__
    from ...cleaning.policy import repository_root
    from ...cleaning.setup import repository as repo_setup

    root = repository_root(repo.resolve()) if repo.is_dir() else None
    if root is None:
        raise BadInputError(
            f"{repo} is not in the work tree of a git repository.",
            hint="Name the repository with --repo.",
            code="no_repository",
        )
    choice = _choice(root, nbstripout, is_asked=not yes)

    def plan() -> list[FileEdit]:
        return repo_setup.plan(
            root,
            rev=rev or __version__,
            url=url or repo_setup.URL,
            workflow=not no_workflow,
            nbstripout=choice,
        )

    changes = plan()
    # A program that reads JSON is not asked; it says --yes.
    asks = bool(changes) and not (yes or dry_run or context.as_json)
    if not context.as_json:
        _show(changes)
    remarks = repo_setup.notes(root, nbstripout=choice)
    for note in remarks:
        click.echo(f"Note: {note}", err=True)
    agreed = _ask(root) if asks else yes
    if agreed and asks and plan() != changes:
        _show(plan())
        raise ConflictError(
            "The repository changed while you were asked; nothing was "
            "written.",
            hint="Look at the new difference, and call it again.",
            code="changed",
        )
    writes = bool(changes) and agreed and not dry_run
    if writes:
        repo_setup.apply(root, changes)
    if context.as_json:
        click.echo(_as_json(root, changes, remarks, written=writes))
    if not changes:
        click.echo(f"{printable(str(root))} is set up already.", err=True)
    elif writes:
        click.echo("Next: pre-commit install (or: prek install)", err=True)
    return 1 if asks and not agreed else 0


def _as_json(
    root: Path, changes: list[FileEdit], remarks: list[str], *, written: bool
) -> str:
    document = {
        "schema": "rsp-health.init-repo/1",
        "repository": str(root),
        "written": written,
        "notes": remarks,
        "changes": [
            {"path": change.path, "diff": change.diff} for change in changes
        ],
    }
    return json.dumps(document, indent=1)


def _choice(root: Path, given: Choice | None, *, is_asked: bool) -> Choice:
    """Return what is to become of nbstripout."""
    from ...cleaning.setup.repository import uses_nbstripout

    if given is None and not is_asked and uses_nbstripout(root):
        raise BadInputError(
            f"nbstripout is set up in {root}, and cleans the same notebooks.",
            hint="Choose: --nbstripout replace, or "
            "--nbstripout keep, which adds only our lint.",
            code="nbstripout_found",
        )
    return given or "replace"


def _ask(root: Path) -> bool:
    try:
        return click.confirm(
            f"Write this to {printable(str(root))}?", err=True
        )
    except click.Abort:
        if sys.stdin.isatty():
            raise
        click.echo("\nNot written: nobody answered. See --yes.", err=True)
        return False


def _show(changes: list[FileEdit]) -> None:
    """Show a difference, of which nothing may steer the terminal."""
    for change in changes:
        for line in change.diff.split("\n"):
            parts = line.removesuffix("\r").split("\t")
            click.echo("\t".join(printable(part) for part in parts))

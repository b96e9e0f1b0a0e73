"""``rsp-health init-repo``: set a repository up for clean notebooks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import BadInputError
from .context import pass_context

if TYPE_CHECKING:
    from .context import CliContext

__all__ = ["command"]


@click.command()
@click.option(
    "--repo",
    type=click.Path(path_type=Path),
    default=".",
    help="The repository.  [default: the current folder's]",
)
@click.option("--rev", help="Version to pin.  [default: this one]")
@click.option("--url", help="Where hooks come from, for sites with a mirror.")
@click.option("--no-workflow", is_flag=True, help="No GitHub workflow.")
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
    yes: bool,
    dry_run: bool,
) -> int:
    """Set a repository up: hooks, settings and a GitHub workflow.

    Shows the whole difference first, and asks. What is there stays; existing
    hooks are kept, and ours added. For the git filter, which keeps outputs in
    your files and out of commits, see: rsp-health filter --help

    \b
    Example:
      rsp-health init-repo --repo notebooks/system-test
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    from .. import __version__
    from ..cleaning import repo_setup
    from ..cleaning.policy import repository_root

    root = repository_root(repo.absolute())
    if root is None:
        raise BadInputError(
            f"{repo} is not in the work tree of a git repository.",
            hint="Name the repository with --repo.",
            code="no_repository",
        )
    options = {} if url is None else {"url": url}
    changes = repo_setup.plan(
        root, rev=rev or __version__, workflow=not no_workflow, **options
    )
    if context.as_json:
        document = {
            "schema": "rsp-health.init-repo/1",
            "repository": str(root),
            "written": yes and not dry_run,
            "changes": [
                {"path": change.path, "diff": change.diff}
                for change in changes
            ],
        }
        click.echo(json.dumps(document, indent=1))
    else:
        for change in changes:
            click.echo(change.diff)
    if not changes:
        click.echo(f"{root} is set up already.", err=True)
        return 0
    # A program that reads JSON is not asked; it says --yes.
    asks = not yes and not dry_run and not context.as_json
    if asks and not click.confirm(f"Write this to {root}?", err=True):
        return 1
    if asks or (yes and not dry_run):
        repo_setup.apply(root, changes)
        click.echo("Next: pre-commit install (or: prek install)", err=True)
    return 0

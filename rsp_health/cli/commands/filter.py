"""``rsp-health filter``: outputs stay in the work tree, not in commits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from ...printable import printable
from ..context import NamedPath, pass_context

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ...cleaning.filter.setup import FilterState
    from ..context import CliContext

__all__ = ["command"]


@click.group()
def command() -> None:
    """Clean notebooks on their way into git, and only there.

    The filter leaves your files as they are, outputs included, and puts the
    cleaned notebook into the commit. If rsp-health is missing or a notebook
    is broken, git add fails and stages nothing.

    \b
    Example:
      rsp-health filter install
    """  # noqa: D301 - \b is click's mark for "keep the lines"


def _repo_option(function: Callable[..., int]) -> Callable[..., int]:
    return click.option(
        "--repo",
        type=NamedPath(),
        default=".",
        help="The repository.  [default: the current folder's]",
    )(function)


@command.command("install")
@_repo_option
@click.option(
    "--replace",
    is_flag=True,
    help="Take over from another filter (nbstripout, nb-clean).",
)
@pass_context
def install_command(context: CliContext, *, repo: Path, replace: bool) -> int:
    """Install the filter into one repository, for you alone.

    \b
    Example:
      rsp-health filter install --repo notebooks/system-test
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    from ...cleaning.filter.setup import install

    state = install(repo, replace=replace)
    _show(context, state, "The filter is installed.")
    if not context.as_json:
        click.echo(
            "Outputs that are already committed stay, until you change the "
            "notebook. To take them all out: git -c filter.rsp-health.all=true "
            "add --renormalize . && git commit",
            err=True,
        )
    return 0


@command.command("status")
@_repo_option
@pass_context
def status_command(context: CliContext, *, repo: Path) -> int:
    """Tell whether the filter is installed and runs.

    \b
    Example:
      rsp-health filter status

    Exit code: 0 it is and does; 1 not.
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    from ...cleaning.filter.setup import status

    state = status(repo)
    _show(context, state, "The filter is installed and runs.")
    return 0 if state.installed and not state.problem else 1


@command.command("remove")
@_repo_option
@pass_context
def remove_command(context: CliContext, *, repo: Path) -> int:
    """Remove the filter; one that it replaced is back in its place.

    \b
    Example:
      rsp-health filter remove
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    from ...cleaning.filter.setup import remove

    state = remove(repo)
    _show(context, state, "The filter is removed.", removed=True)
    return 0


def _show(
    context: CliContext,
    state: FilterState,
    good: str,
    *,
    removed: bool = False,
) -> None:
    if context.as_json:
        click.echo(json.dumps(state.document(), indent=1))
        return
    lines = [
        good if removed else state.problem or good,
        f"  repository  {state.repository}",
    ]
    if state.command:
        lines.append(f"  command     {state.command}")
    lines += [
        f"  filter {name!r} is bound, for example to {path}"
        for name, path in state.bound.items()
    ]
    lines += [f"  left alone  {path}" for path in state.left_alone]
    for line in lines:
        click.echo(printable(line))

"""``rsp-health check``: the judgement of ``clean``, without writing."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..context import NamedPath, pass_context
from ..output.reporting import (
    add_to_step_summary,
    chosen_style,
    explicit_paths,
    reported_from,
    shown,
)
from .clean import show_policy_document

if TYPE_CHECKING:
    from ...cleaning.core import Outcome
    from ..context import CliContext

__all__ = ["command"]


@click.command()
@click.argument(
    "paths",
    nargs=-1,
    metavar="[PATH]...",
    type=NamedPath(),
)
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json", "github", "sarif"]),
    help="How to tell.  [default: github in a GitHub workflow, else text]",
)
@click.option(
    "--warn-only", is_flag=True, help="Exit with 0 though some are dirty."
)
@pass_context
def command(
    context: CliContext,
    paths: tuple[Path, ...],
    *,
    style: str | None,
    warn_only: bool,
) -> int:
    """Tell which notebooks hold outputs or other traces of a run.

    PATH is a notebook or a folder; without one, the current folder. Nothing
    is written.

    \b
    Example:
      rsp-health check --format github notebooks/

    Exit code: 0 all are clean; 1 one is dirty; 2 one is broken or missing.
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    from ...cleaning.annotations import step_summary
    from ...cleaning.core import Cleaner
    from ...notebooks.finder import notebooks

    style = chosen_style(context, style)
    base = reported_from(context, style)
    named = explicit_paths(context, paths or (Path(),))
    gc.disable()  # as in clean
    outcomes = []
    for outcome in Cleaner().run(
        (path.absolute() for path in notebooks(named)), write=False
    ):
        outcome.path = shown(outcome.path, base)
        outcomes.append(outcome)
    _show(outcomes, named, style, warn_only=warn_only)
    add_to_step_summary(context, style, step_summary(outcomes))
    worst = max((outcome.exit_code for outcome in outcomes), default=0)
    if any(outcome.state == "dirty" for outcome in outcomes):
        worst = max(worst, 1)
    return 0 if warn_only and worst == 1 else worst


def _show(
    outcomes: list[Outcome], named: list[Path], style: str, *, warn_only: bool
) -> None:
    from ... import __version__
    from ...cleaning import annotations

    wrong = [outcome for outcome in outcomes if outcome.state != "clean"]
    if style == "json":
        show_policy_document(outcomes, named, dry_run=True)
    elif style == "sarif":
        log = annotations.sarif(
            outcomes, version=__version__, warn_only=warn_only
        )
        click.echo(log, nl=False)
    elif style == "github":
        for outcome in wrong:
            click.echo(annotations.github(outcome, warn_only=warn_only))
    else:
        for outcome in wrong:
            click.echo(annotations.text(outcome))
    click.echo(annotations.summary(outcomes), err=True)

"""``rsp-health clean``: strip notebooks in place, or as a pipe."""

from __future__ import annotations

import gc
import sys
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...errors import BadInputError
from ..context import NamedPath, pass_context
from ..interrupts import deferred
from ..output.reporting import explicit_paths, shown

if TYPE_CHECKING:
    from ...cleaning.core import Outcome
    from ..context import CliContext

__all__ = ["command", "show_policy_document"]


def show_policy_document(
    outcomes: list[Outcome], paths: list[Path], *, dry_run: bool
) -> None:
    """Write the ``rsp-health.clean/1`` document to stdout."""
    import json

    from ...cleaning.annotations import document
    from ...cleaning.policy import PolicyFinder

    policy = PolicyFinder()((paths or [Path.cwd()])[0].absolute())
    click.echo(
        json.dumps(document(outcomes, policy, dry_run=dry_run), indent=1)
    )


@click.command()
@click.argument(
    "paths",
    nargs=-1,
    metavar="[PATH]...",
    type=NamedPath(),
)
@click.option("--dry-run", is_flag=True, help="Only tell what would go.")
@pass_context
def command(
    context: CliContext, paths: tuple[Path, ...], *, dry_run: bool
) -> int:
    """Strip outputs and other traces of a run from notebooks.

    PATH is a notebook or a folder; without one, or with -, a notebook is
    read from stdin and written to stdout. What is stripped follows the
    repository's own settings. A clean notebook is not touched at all, and a
    broken one is reported while the rest goes on.

    \b
    Examples:
      rsp-health clean notebooks/ tutorial.ipynb
      rsp-health clean < tutorial.ipynb > clean.ipynb

    Exit code: 0 all are clean now; 1 one was changed meanwhile, and is left
    alone; 2 one is broken or missing; 3 one could not be written; 130
    interrupted.
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    if not paths or paths == (Path("-"),):
        return _pipe()
    from ...cleaning.annotations import summary, text
    from ...cleaning.core import Cleaner
    from ...notebooks.finder import notebooks

    named = explicit_paths(context, paths)
    # A tenth of the time, for what a process that soon ends never needs.
    gc.disable()
    outcomes = []
    with deferred() as interrupt:
        # No more are begun then; those under way are told.
        chosen = takewhile(lambda _: not interrupt.asked, notebooks(named))
        for outcome in Cleaner().run(
            (path.absolute() for path in chosen), write=not dry_run
        ):
            outcome.path = shown(outcome.path)
            outcomes.append(outcome)
            if outcome.state == "error":
                click.echo(text(outcome), err=True)
            elif outcome.state != "clean" and not context.as_json:
                click.echo(text(outcome))
    if context.as_json:
        show_policy_document(outcomes, named, dry_run=dry_run)
    told = summary(outcomes)
    if interrupt.asked:
        click.echo(f"Interrupted. {told}; the rest is as it was.", err=True)
        return 130
    click.echo(told, err=True)
    return max((outcome.exit_code for outcome in outcomes), default=0)


def _pipe() -> int:
    from ...cleaning.core import Cleaner
    from ...cleaning.policy import PolicyFinder
    from ...cleaning.splice.notebook_text import BrokenNotebookError

    data = sys.stdin.buffer.read()
    try:
        cleaned = Cleaner().clean_bytes(data, PolicyFinder()(Path.cwd()))
    except BrokenNotebookError as exc:
        raise BadInputError(
            f"stdin: {exc}", hint="Nothing was written.", code="broken"
        ) from exc
    sys.stdout.buffer.write(cleaned.data)
    sys.stdout.buffer.flush()
    return 0

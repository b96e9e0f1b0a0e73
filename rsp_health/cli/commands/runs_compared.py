"""``rsp-health runs compare|trend``: what has changed, and since when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..context import CliContext, NamedPath, pass_context

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["compare", "trend"]


@click.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option(
    "--html",
    type=NamedPath(dir_okay=False),
    help="Write a report as one HTML file.",
)
@pass_context
def compare(
    context: CliContext, *, before: str, after: str, html: Path | None
) -> int:
    """Compare run B with the earlier run A.

    Tells what is newly failing, fixed, new or gone, and what takes another
    time or more memory beyond noise, each with its numbers. The times of a
    run are judged by the passes before it under the same conditions.

    \b
    Example:
      rsp-health runs compare 20261120T213341Z-3f9c 20261121T090000Z-0a10

    Exit code: 0 nothing fails that passed before; 1 something does; 2 the
    call is wrong.
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    from ...runner.comparison.service import comparison
    from ..output.comparison_view import show_comparison, write_page

    document = comparison(context.runner.history, before, after)
    if html is not None:
        from ...runner.comparison.page import render

        write_page(html, render(document))
    if context.as_json:
        click.echo(document.model_dump_json(indent=1))
    else:
        show_comparison(context.out, document)
    kinds = {one.kind for one in document.differences}
    return 1 if "newly_failing" in kinds else 0


@click.command()
@click.argument("notebook", required=False, type=NamedPath(dir_okay=False))
@click.option(
    "--cell", help="Only this cell: its number over code cells, or its id."
)
@click.option(
    "--limit",
    type=click.IntRange(1, 40),
    default=10,
    show_default=True,
    help="Runs of each notebook.",
)
@pass_context
def trend(
    context: CliContext,
    *,
    notebook: Path | None,
    cell: str | None,
    limit: int,
) -> int:
    """Show how notebooks, or the cells of one, did in the last runs.

    \b
    Examples:
      rsp-health runs trend
      rsp-health runs trend tap.ipynb
      rsp-health runs trend tap.ipynb --cell 4
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    from ...notebooks.names import to_text
    from ...runner.comparison.service import trend as trend_of
    from ..output.comparison_view import show_trend

    if cell is not None and notebook is None:
        raise click.UsageError("--cell goes with a notebook.")
    name = None
    if notebook is not None:
        place = notebook.expanduser().absolute()
        name = to_text(place.parent.resolve() / place.name)
    document = trend_of(context.runner.history, name, cell=cell, limit=limit)
    if context.as_json:
        click.echo(document.model_dump_json(indent=1))
    else:
        show_trend(context.out, document)
    return 0

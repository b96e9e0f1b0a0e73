"""``rsp-health qualify``: whether this image is fit to be recommended."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from ...errors import BadInputError
from ..context import CliContext, NamedPath, pass_context
from .run import exit_code, run_once
from .run_options import call_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ...runner.models import RunDocument
    from ...runner.planning.call import RunCall
    from ...runner.qualification.models import QualificationDocument

__all__ = ["command"]

_EXIT = {"fit": 0, "not_fit": 1, "not_judged": 3}
_STYLES = {"fit": "green", "not_fit": "red", "not_judged": "yellow"}


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=NamedPath())
@click.option(
    "--against",
    metavar="RUN|recommended",
    help="What to compare with.  [default: the newest run on another image]",
)
@click.option(
    "--repeat",
    type=click.IntRange(1, 50),
    help="Runs.  [default: 3 to 8, as the noise asks]",
)
@click.option(
    "--baseline",
    is_flag=True,
    help="Only run the checks, for others to be compared with.",
)
@click.option("--kernel", help="Kernel for all notebooks, not their own.")
@click.option(
    "--against-kernel",
    metavar="NAME",
    help="Run the checks in turns with this kernel of the same lab, and "
    "compare with it.",
)
@click.option(
    "--applications",
    help="What is deployed, as a,b,c, instead of asking discovery.",
)
@click.option(
    "--html",
    type=NamedPath(dir_okay=False),
    help="Write the page here, too.",
)
@pass_context
def command(
    context: CliContext,
    *,
    paths: tuple[Path, ...],
    against: str | None,
    repeat: int | None,
    baseline: bool,
    kernel: str | None,
    against_kernel: str | None,
    applications: str | None,
    html: Path | None,
) -> int:
    """Run the checks here, and compare with runs on another image.

    PATH is a notebook or a folder; without one, what the baseline ran is run.
    The page with the verdict, the differences, the versions that changed and
    what could not be judged is kept with the last run, as HTML and JSON.

    \b
    Examples:
      rsp-health qualify --baseline notebooks/phalanx-test   # on the old image
      rsp-health qualify                                     # on the new one
      rsp-health qualify --against recommended --repeat 5 --html page.html
      rsp-health qualify checks --kernel new --against-kernel python3

    Exit code: 0 fit; 1 not fit; 2 the call is wrong; 3 not judged; 130
    stopped.
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    given = {"kernel": kernel, "applications": applications}
    call = call_of(context, paths, given)
    if against_kernel is not None:
        if not paths or kernel is None or baseline or against is not None:
            raise click.UsageError(
                "--against-kernel needs a PATH and --kernel, and goes "
                "without --against and --baseline."
            )
        return _in_turns(
            context,
            call,
            against_kernel=against_kernel,
            repeat=repeat,
            html=html,
        )
    if baseline:
        if not paths or against is not None:
            raise click.UsageError(
                "--baseline needs a PATH, and goes without --against."
            )
        return _make_baseline(context, call, repeat)
    return _qualify(context, call, against=against, repeat=repeat, html=html)


def _make_baseline(
    context: CliContext, call: RunCall, repeat: int | None
) -> int:
    from ...runner.comparison.shift import FEW
    from ...runner.qualification.qualify import run_checks

    runs = run_checks(
        lambda: run_once(context, call), repeat=repeat or FEW + 2
    )
    _note_packages(context, runs)
    if context.as_json:
        click.echo(runs[-1].model_dump_json(indent=1))
    else:
        context.out.print(
            f"Kept as a baseline: {len(runs)} runs, the last is "
            f"{runs[-1].run_id}."
        )
    return exit_code(runs[-1])


def _qualify(
    context: CliContext,
    call: RunCall,
    *,
    against: str | None,
    repeat: int | None,
    html: Path | None,
) -> int:
    from ...runner.qualification.baseline import find_baseline
    from ...runner.qualification.qualify import qualify, run_checks

    history = context.runner.history
    found = find_baseline(history, against, image=context.environment.image)
    how = replace(call.options, mode=found[-1].mode)
    call = replace(call, options=how)
    if not call.paths:
        call = replace(
            call, paths=_paths_of(found[-1]), folder=_folder_of(found[-1])
        )
    runs = run_checks(
        lambda: run_once(context, call),
        repeat=repeat,
        baseline=found,
        history=history,
    )
    if exit_code(runs[-1]) == 130:
        return 130
    _note_packages(context, runs)
    return _tell(context, qualify(found, runs, history), html)


def _in_turns(
    context: CliContext,
    call: RunCall,
    *,
    against_kernel: str,
    repeat: int | None,
    html: Path | None,
) -> int:
    from ...runner.qualification.qualify import qualify, run_in_turns

    how = replace(call.options, kernel=against_kernel)
    other = replace(call, options=how)
    before, after = run_in_turns(
        lambda: run_once(context, other),
        lambda: run_once(context, call),
        repeat=repeat,
    )
    if any(exit_code(side[-1]) == 130 for side in (before, after) if side):
        return 130
    for side in (before, after):
        _note_packages(context, side)
    document = qualify(before, after, context.runner.history, turns=True)
    return _tell(context, document, html)


def _tell(
    context: CliContext, document: QualificationDocument, html: Path | None
) -> int:
    """Keep the page with the last run, and show what it says."""
    from ...runner.qualification.page import render
    from ..output.comparison_view import write_page

    last = document.comparison.after.run_id
    folder = context.runner.history.folder(last).path
    page = render(document)
    text = document.model_dump_json(indent=1)
    write_page(folder / "qualification.html", page)
    write_page(folder / "qualification.json", text.encode())
    if html is not None:
        write_page(html, page)
    if context.as_json:
        click.echo(text)
    else:
        _show(context, document, folder / "qualification.html")
    return _EXIT[document.verdict]


def _folder_of(document: RunDocument) -> Path:
    from pathlib import Path

    from ...notebooks.names import from_text

    return Path(from_text(document.folder or "/"))


def _paths_of(document: RunDocument) -> tuple[Path, ...]:
    """Return the notebooks that a run had, as far as they are still there."""
    from ...notebooks.names import from_text

    folder = _folder_of(document)
    paths = [
        folder / from_text(notebook.path)
        for notebook in document.notebooks
        if notebook.started_at is not None
    ]
    left = tuple(path for path in paths if path.is_file())
    if not left:
        raise BadInputError(
            f"No notebook of run {document.run_id} exists here.",
            hint="Name notebooks or folders to run.",
            code="no_last_run",
        )
    return left


def _note_packages(context: CliContext, runs: Sequence[RunDocument]) -> None:
    """Keep versions; without them, the page says that they are not known."""
    from contextlib import suppress

    from ...runner.qualification.qualify import note_packages

    with suppress(OSError):
        note_packages(
            context.runner.history,
            runs,
            context.environment.variables,
            context.root,
        )


def _show(
    context: CliContext, document: QualificationDocument, page: Path
) -> None:
    from rich.text import Text

    from ...printable import printable
    from ..output.comparison_view import show_comparison

    show_comparison(context.out, document.comparison)
    for one in document.versions:
        before, after = one.before or "not there", one.after or "not there"
        text = f"  version  {one.package}: {before}, now {after}"
        context.out.print(Text(printable(text), style="dim"))
    if document.versions_problem is not None:
        context.out.print(Text(document.versions_problem, style="dim"))
    context.out.print(Text(document.sentence, style=_STYLES[document.verdict]))
    context.out.print(f"The page: {page}", highlight=False)

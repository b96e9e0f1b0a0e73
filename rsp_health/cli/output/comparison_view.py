"""Comparisons and trends on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from ...errors import EnvironmentFailureError
from ...printable import printable
from ...runner.comparison.wording import KINDS, title_of
from ...states import RUN_STATES
from .tables import FittingTable

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from ...runner.comparison.models import (
        ComparisonDocument,
        NotebookTrend,
        RunReference,
        TrendDocument,
    )
    from ...runner.models import UsualTime

__all__ = ["show_comparison", "show_trend", "write_page"]

#: How a kind of difference is to be taken: only what fails is red.
_STYLES = {
    "newly_failing": "red",
    "still_failing": "red",
    "unsteady": "yellow",
    "fixed": "green",
}


def write_page(path: Path, page: bytes) -> None:
    """Write a report.

    Raises
    ------
    rsp_health.errors.EnvironmentFailureError
        Raised if it cannot be written.
    """
    try:
        path.write_bytes(page)
    except OSError as exc:
        raise EnvironmentFailureError(
            f"The report {path} cannot be written: {exc.strerror}.",
            hint="Name another file.",
            code="report_not_written",
        ) from exc


def show_comparison(out: Console, document: ComparisonDocument) -> None:
    """Print what differs between two runs."""
    out.print(_side("before", document.before))
    out.print(_side("after ", document.after))
    for one in document.differences:
        out.print(
            Text.assemble(
                "  ",
                (KINDS[one.kind], _STYLES.get(one.kind, "bold")),
                f"  {printable(title_of(one))}",
                (f"  {printable(one.source)}" if one.source else "", "dim"),
            )
        )
        out.print(Text(f"      {printable(one.text)}", style="dim"))
    for silent in document.not_judged:
        out.print(
            Text(
                f"  not judged  {printable(silent.notebook)}: "
                f"{printable(silent.reason)}",
                style="dim",
            )
        )
    number = len(document.differences)
    noun = "difference" if number == 1 else "differences"
    out.print(f"{document.compared} notebooks compared, {number} {noun}.")


def _side(title: str, run: RunReference) -> Text:
    look = RUN_STATES[run.state]
    place = run.environment
    where = place.image_description or place.image or place.kernel or ""
    return Text.assemble(
        f"{title}  {run.run_id}  ",
        (f"{look.sign} {look.word}", look.style),
        (f"  {printable(where)}", "dim"),
    )


def show_trend(out: Console, document: TrendDocument) -> None:
    """Print the last results, the newest at the right."""
    if not document.notebooks:
        out.print("No runs yet. Start one: rsp-health run PATH")
        return
    table = FittingTable(
        "notebook", "last results", ">last s", ">usual s", ">n", "slower"
    )
    for one in document.notebooks:
        table.add_row(*_notebook_row(one))
    out.print(table)
    for one in document.notebooks:
        _show_cells(out, one)


def _notebook_row(one: NotebookTrend) -> list[str | Text]:
    marks = Text()
    for result in one.results:
        look = RUN_STATES[result.state]
        marks.append(look.sign, style=look.style)
    last = one.results[-1]
    usual = one.usual
    return [
        Text(printable(one.notebook)),
        marks,
        _seconds(last.measured_s),
        _usual(usual),
        "" if usual is None else str(usual.n),
        "yes" if last.slower else "",
    ]


def _show_cells(out: Console, one: NotebookTrend) -> None:
    if not one.cells:
        return
    table = FittingTable(
        ">cell", ">usual s", ">n", "seconds, the newest last", "source"
    )
    for cell in one.cells:
        usual = cell.usual
        table.add_row(
            str(cell.index),
            _usual(usual),
            "" if usual is None else str(usual.n),
            " ".join(_seconds(x) or "\N{EN DASH}" for x in cell.times_s),
            Text(printable(cell.source), style="dim"),
        )
    out.print(table)


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _usual(usual: UsualTime | None) -> str:
    """Return the usual time; one pass has no spread that anybody knows."""
    if usual is None:
        return ""
    spread = f" \N{PLUS-MINUS SIGN} {usual.mad_s:.2f}" if usual.n > 1 else ""
    return f"{usual.median_s:.2f}{spread}"

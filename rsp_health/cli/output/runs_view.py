"""The history of runs, and one run, on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text

from ...moments import moment
from ...notebooks.names import from_text
from ...printable import printable
from .run_display import styled_state
from .tables import FittingTable

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from ...runner.models import NotebookResult, RunDocument, RunList

__all__ = ["show_run", "show_runs"]

#: Lines of a traceback, from its end.
_LINES = 12


def show_runs(out: Console, runs: RunList) -> None:
    """Print the history, the newest run first."""
    if not runs.runs:
        out.print("No runs yet. Start one: rsp-health run PATH")
        return
    table = FittingTable(
        "run", "started", "state", ">passed", ">of", ">seconds", "folder"
    )
    for run in runs.runs:
        text, style = styled_state(run.state)
        seconds = "" if run.duration_s is None else f"{run.duration_s:.1f}"
        table.add_row(
            run.run_id,
            moment(run.started_at),
            Text(text, style=style),
            str(run.totals.passed),
            str(run.notebooks),
            seconds,
            Text(printable(run.folder or "")),
        )
    out.print(table)


def show_run(out: Console, document: RunDocument, root: Path) -> None:
    """Print a run: its notebooks, what went wrong, and its slowest cells.

    Parameters
    ----------
    out
        Where to print.
    document
        The run.
    root
        What paths of executed copies are relative to.
    """
    text, style = styled_state(document.state)
    out.print(Text.assemble(f"{document.run_id}  ", (text, style)))
    if document.state == "unreadable" and document.reason:
        out.print(_indented(document.reason))
    for notebook in document.notebooks:
        text, style = styled_state(notebook.state)
        seconds = notebook.duration_s
        line = Text.assemble(
            "  ", (text, style), f"  {printable(notebook.path)}"
        )
        if seconds is not None:
            line.append(f"  {seconds:.1f} s", style="dim")
        out.print(line)
        if notebook.reason:
            out.print(_indented(notebook.reason))
        for note in notebook.notes:
            out.print(_indented(note))
        _show_problem(out, notebook, root)
    slow = sorted(
        (
            (cell.duration_s, notebook.path, cell)
            for notebook in document.notebooks
            for cell in notebook.cells
            if cell.duration_s is not None
        ),
        key=lambda entry: -entry[0],
    )[:5]
    if slow:
        out.print("Slowest cells:")
        table = FittingTable(">seconds", "cell", "source")
        for seconds, path, cell in slow:
            table.add_row(
                f"{seconds:.2f}",
                printable(f"{path} [{cell.index}]"),
                printable(cell.source),
            )
        out.print(table)


def _indented(text: str) -> Padding:
    shown = Text(printable(text), style="dim")
    return Padding(shown, (0, 0, 0, 6), expand=False)


def _show_problem(out: Console, notebook: NotebookResult, root: Path) -> None:
    """Show the end of a traceback or of what was cut off, and the copy."""
    for cell in notebook.cells:
        if cell.error is not None and cell.state == "failed":
            text = cell.error.traceback
        elif cell.output_tail:
            text = f"Cell {cell.index} said last:\n{cell.output_tail}"
        else:
            continue
        for line in text.rstrip().splitlines()[-_LINES:]:
            out.print(Text(f"        {printable(line)}"))
    if notebook.executed_path and notebook.state != "passed":
        copy = root / from_text(notebook.executed_path)
        out.print(_indented(f"Executed copy: {copy}"))

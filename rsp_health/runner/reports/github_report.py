"""What GitHub Actions shows: a step summary, and annotations at files.

Not in the registry: these are not files that a user asks for, but what a run
adds to a workflow that it finds itself in.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...states import is_problem

if TYPE_CHECKING:
    from ..models import NotebookResult, RunDocument

__all__ = ["commands", "summary"]

_SIGNS = {
    "passed": "\N{WHITE HEAVY CHECK MARK}",
    "skipped": "\N{WHITE CIRCLE}",
    "stopped": "\N{BLACK SQUARE FOR STOP}",
}
_BAD = "\N{CROSS MARK}"


def summary(document: RunDocument) -> str:
    """Return the run as a table in Markdown."""
    totals = document.totals
    lines = [
        (
            f"### Notebooks: {totals.passed} passed, {totals.failed} failed, "
            f"{totals.skipped} skipped, {totals.other} other"
        ),
        "",
        "| | notebook | state | seconds | reason |",
        "|---|---|---|---:|---|",
    ]
    for notebook in document.notebooks:
        seconds = notebook.duration_s
        lines.append(
            f"| {_SIGNS.get(notebook.state, _BAD)} "
            f"| {_cell(notebook.path)} "
            f"| {notebook.state.replace('_', ' ')} "
            f"| {'' if seconds is None else f'{seconds:.1f}'} "
            f"| {_cell(notebook.reason or '')} |"
        )
    return "\n".join(lines) + "\n"


def commands(document: RunDocument, workspace: Path | None) -> list[str]:
    """Return a workflow command for each notebook that is not well.

    And one that says so if nothing was run.

    Parameters
    ----------
    document
        The run.
    workspace
        Folder of the workflow's checkout: GitHub shows an annotation at a
        file only if its path is relative to that.
    """
    nothing = (
        [f"::notice title=nothing was run::{_data(document.reason or '')}"]
        if document.state == "skipped"
        else []
    )
    return nothing + [
        f"::error file={_property(_file(document, notebook, workspace))},"
        f"title={_property(notebook.state.replace('_', ' '))}"
        f"::{_data(notebook.reason or notebook.state)}"
        for notebook in document.notebooks
        if is_problem(notebook.state)
    ]


def _file(
    run: RunDocument, notebook: NotebookResult, workspace: Path | None
) -> str:
    # Texts of names: no program that reads this knows other bytes.
    path = Path(run.folder or "/", notebook.path)
    if run.folder is None or workspace is None:
        return notebook.path
    try:
        return path.relative_to(workspace.resolve()).as_posix()
    except ValueError:
        return str(path)


def _cell(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("|", "\\|")
    return escaped.replace("<", "&lt;").replace("\n", " ")


def _data(text: str) -> str:
    escaped = text.replace("%", "%25").replace("\r", "%0D")
    return escaped.replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

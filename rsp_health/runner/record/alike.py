"""Errors in a line, such that those that mean the same are the same.

Six notebooks that are sent to a login page fail with six tracebacks, and with
one error. What differs from one to the next (addresses of objects, ids, times,
the number of the cell) is left out of the line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...states import RUN_STATES, is_problem

if TYPE_CHECKING:
    from ..models import NotebookResult

__all__ = ["fault_of", "in_a_line"]

_MOST = 160
#: Numbers in hexadecimal, ids, dates and times, and long numbers.
_DIFFERS = re.compile(
    r"0x[0-9a-f]+"
    r"|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
    r"|\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?)?"
    r"|\b\d\d:\d\d(?::\d\d(?:\.\d+)?)?\b"
    r"|\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b"
    r"|\b\d{5,}\b"
    r"|\bcell \d+\b",
    re.IGNORECASE,
)


def in_a_line(*parts: str) -> str:
    """Return what is the same of all errors of a kind.

    Parameters
    ----------
    parts
        Such as the name of an exception and its text; of each, the first
        line that is not blank.
    """
    lines = [
        next((line for line in part.splitlines() if line.strip()), "")
        for part in parts
    ]
    text = ": ".join(" ".join(line.split()) for line in lines if line.strip())
    text = _DIFFERS.sub("\N{HORIZONTAL ELLIPSIS}", text[: 4 * _MOST])
    return (
        text
        if len(text) <= _MOST
        else f"{text[: _MOST - 1]}\N{HORIZONTAL ELLIPSIS}"
    )


def fault_of(notebook: NotebookResult) -> str | None:
    """Return what is wrong with a notebook in a line, if anything is."""
    if not is_problem(notebook.state):
        return None
    cell = notebook.failed_cell
    if cell is not None and cell.error is not None:
        return in_a_line(cell.error.ename, cell.error.evalue)
    return in_a_line(RUN_STATES[notebook.state].word, notebook.reason or "")

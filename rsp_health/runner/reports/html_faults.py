"""What failed in a run, each fault once, for the HTML report."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from ..record.alike import fault_of
from .html_page import html_name, html_text

if TYPE_CHECKING:
    from ..models import (
        CellError,
        CellResult,
        NotebookResult,
        RunDocument,
    )

__all__ = ["faults"]

#: Characters of one error's text, at most and at least, and of those of all
#: faults together.
_VALUE = 1000
_SHORT_VALUE = 150
_VALUES = 15_000
#: Bytes of one traceback; below the least, it would say nothing.
_TRACEBACK = 4000
_LEAST = 200
#: Around a traceback.
_OPEN = "<details><summary>Traceback</summary><pre>"
_CLOSE = "</pre></details>"


def faults(document: RunDocument, room: int) -> str:
    """Return what failed, as HTML.

    Parameters
    ----------
    document
        The run.
    room
        Bytes that it may have; what is left beside the errors is shared by
        their tracebacks.
    """
    found = _grouped(document)
    if not found:
        return ""
    value = max(_SHORT_VALUE, min(_VALUE, _VALUES // len(found)))
    heads = [_head(fault, value) for fault in found]
    traces = [fault.trace for fault in found]
    note = _note(document)
    room -= sum(len(head.encode()) + len("</div>") for head in heads)
    room -= len(note) + len("<h2>What failed</h2>")
    each = room // max(1, sum(map(bool, traces)))
    each = min(_TRACEBACK, each - len(_OPEN + _CLOSE))
    shown = [_shortened(trace, each) for trace in traces]
    parts = [
        f"{head}{f'{_OPEN}{trace}{_CLOSE}' if trace else ''}</div>"
        for head, trace in zip(heads, shown, strict=True)
    ]
    whole = shown == [escape(trace) for trace in traces]
    return f"<h2>What failed</h2>{'' if whole else note}{''.join(parts)}"


def _note(document: RunDocument) -> str:
    return (
        '<p class="small">Long tracebacks are shortened here. To read them '
        "whole: <code>rsp-health runs report "
        f"{escape(document.run_id)} --format json</code></p>"
    )


@dataclass(slots=True)
class _Fault:
    """Notebooks that failed alike."""

    line: str
    notebooks: list[tuple[NotebookResult, CellResult | None]] = field(
        default_factory=list
    )

    @property
    def error(self) -> CellError | None:
        """What its first notebook says."""
        cell = self.notebooks[0][1]
        return None if cell is None else cell.error

    @property
    def trace(self) -> str:
        """The traceback of its first notebook; empty if there is none."""
        return "" if self.error is None else self.error.traceback.strip()


def _grouped(document: RunDocument) -> list[_Fault]:
    """Return the faults, those of most notebooks first."""
    found: dict[str, _Fault] = {}
    for notebook in document.notebooks:
        line = fault_of(notebook)
        if line is None:
            continue
        cell = notebook.failed_cell
        fault = found.setdefault(line, _Fault(line))
        fault.notebooks.append((notebook, cell))
    return sorted(found.values(), key=lambda x: -len(x.notebooks))


def _head(fault: _Fault, most: int) -> str:
    """Tell a fault once, with all the notebooks that have it."""
    notebook, cell = fault.notebooks[0]
    alone = len(fault.notebooks) == 1
    head = (
        html_name(notebook.path)
        if alone
        else f"{len(fault.notebooks)} notebooks failed in the same way"
    )
    parts = [f'<div class="fault"><h3>{head}</h3>']
    error = fault.error
    if error is not None:
        value = error.evalue.strip()
        if len(value) > most:
            value = f"{value[: most - 1]}\N{HORIZONTAL ELLIPSIS}"
        parts.append(
            f"<p><strong>{escape(error.ename)}</strong>"
            f"{html_text(f': {value}') if value else ''}</p>"
        )
    elif notebook.reason:
        parts.append(f"<p>{html_text(notebook.reason)}</p>")
    else:
        parts.append(f"<p>{html_text(fault.line)}</p>")
    if alone:
        parts.append(_where(cell))
    else:
        names = "".join(
            f"<li>{html_name(one.path)}"
            f"{f', cell {c.index}' if c is not None else ''}</li>"
            for one, c in fault.notebooks
        )
        parts.append(f"<ul>{names}</ul>")
    return "".join(parts)


def _where(cell: CellResult | None) -> str:
    if cell is None:
        return ""
    source = f": <code>{escape(cell.source)}</code>" if cell.source else ""
    return f"<p>Cell {cell.index}{source}</p>"


def _shortened(trace: str, size: int) -> str:
    """Return a traceback as HTML, with both its ends.

    Its first lines tell where in the notebook it began, its last ones what
    went wrong; between them are those of the libraries.
    """
    lines = [escape(line) for line in trace.splitlines()]
    if _size(lines) <= size:
        return "\n".join(lines)
    if size < _LEAST:
        return ""
    first = _fitting(lines, size // 3)
    # What is told of the lines left out takes 40 bytes at most.
    last = _fitting(lines[::-1], size - _size(lines[:first]) - 40)
    if not last:
        return _end(trace.splitlines()[-1], size)
    left = len(lines) - first - last
    told = f"[{left} line{'' if left == 1 else 's'} left out]"
    return "\n".join([*lines[:first], told, *lines[-last:]])


def _fitting(lines: list[str], size: int) -> int:
    """Return how many of the first lines have at most this many bytes."""
    for number, line in enumerate(lines):
        size -= _size([line])
        if size < 0:
            return number
    return len(lines)


def _end(line: str, size: int) -> str:
    """Return the end of a line, as HTML."""
    text = line[-size:]
    while _size([escape(text)]) > size - 3:
        text = text[len(text) // 10 + 1 :]
    return f"\N{HORIZONTAL ELLIPSIS}{escape(text)}"


def _size(lines: list[str]) -> int:
    return sum(len(line.encode()) + 1 for line in lines)

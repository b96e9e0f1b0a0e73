"""Tables that fit: words stay whole at any width of a terminal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, ConsoleOptions, RenderResult

__all__ = ["FittingTable"]

_GAP = "  "
_INDENT = "    "
#: Where a text may be broken: behind a space, or within a path.
_PIECE = re.compile(r"[^\s/]*(?:\s+|/|$)")


class FittingTable:
    """A table, or where it does not fit, the same facts below each other.

    First the last column, the longest as a rule, goes below its row; then
    each column gets a line of its own.

    Parameters
    ----------
    columns
        Their titles; those of numbers begin with ``>``.
    header
        Whether the titles are shown.
    """

    def __init__(self, *columns: str, header: bool = True) -> None:
        self._right = [name.startswith(">") for name in columns]
        self._columns = [
            Text(name.lstrip(">"), style="bold") for name in columns
        ]
        self._header = header
        self._rows: list[list[Text]] = []

    def add_row(self, *cells: str | Text) -> None:
        """Add a row; texts are taken as they are, without markup."""
        self._rows.append(
            [Text(cell) if isinstance(cell, str) else cell for cell in cells]
        )

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> RenderResult:
        width = options.max_width
        count = len(self._columns)
        if self._width(count) <= width:
            yield from self._lines(count)
        elif count > 2 and self._width(count - 1) <= width:
            yield from self._lines(count - 1, below=width)
        else:
            yield from self._blocks(width)

    def _all(self) -> list[list[Text]]:
        return [*([self._columns] if self._header else []), *self._rows]

    def _widths(self, count: int) -> list[int]:
        return [
            max((row[number].cell_len for row in self._all()), default=0)
            for number in range(count)
        ]

    def _width(self, count: int) -> int:
        return sum(self._widths(count)) + len(_GAP) * (count - 1)

    def _lines(self, count: int, below: int | None = None) -> Iterator[Text]:
        widths = self._widths(count)
        for row in self._all():
            line = Text(end="\n")
            for number, cell in enumerate(row[:count]):
                space = " " * (widths[number] - cell.cell_len)
                if self._right[number]:
                    line.append(space)
                line.append_text(cell)
                if number < count - 1:
                    line.append(_GAP if self._right[number] else space + _GAP)
            line.rstrip()
            yield line
            if below is not None and row is not self._columns:
                yield from _wrapped(row[-1], below, _INDENT, _INDENT)

    def _blocks(self, width: int) -> Iterator[Text]:
        names = [name.plain for name in self._columns]
        longest = max(map(len, names[1:]), default=0)
        for row in self._rows:
            first, *rest = row
            yield from _wrapped(first, width, "", _INDENT)
            for name, cell in zip(names[1:], rest, strict=True):
                if cell.plain:
                    label = f"{name:<{longest}}{_GAP}" if name else ""
                    yield from _wrapped(
                        cell, width, f"  {label}", " " * (2 + len(label))
                    )


def _wrapped(text: Text, width: int, first: str, rest: str) -> Iterator[Text]:
    """Yield a text in lines, broken between words or folders.

    A word that is longer than a line is cut, as nothing else can be done.
    """
    if not text.plain:
        return
    room = max(1, width - len(rest))
    breaks: list[int] = []
    begin = 0
    plain = text.plain
    for match in _PIECE.finditer(plain):
        end = match.end()
        if _cells(plain[begin:end]) > room and match.start() > begin:
            begin = match.start()
            breaks.append(begin)
        while _cells(plain[begin:end]) > room:
            begin += _characters(plain[begin:end], room)
            breaks.append(begin)
    for number, line in enumerate(text.divide(breaks)):
        line.rstrip()
        yield Text.assemble(rest if number else first, line)


def _cells(text: str) -> int:
    return cell_len(text.rstrip())


def _characters(text: str, room: int) -> int:
    """Return how many characters of a text fit."""
    for number in range(1, len(text) + 1):
        if cell_len(text[:number]) > room:
            return max(1, number - 1)
    return len(text)

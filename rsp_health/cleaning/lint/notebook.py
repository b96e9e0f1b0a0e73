"""One notebook: what it says to mobu, its cell ids and its secrets."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ..splice.notebook_text import BrokenNotebookError, Notebook, parse
from ..splice.spans import Member, ObjectSpan, scan_object
from .effects import lint_effects
from .findings import Finding
from .identifiers import Identified, identified, lint_identifiers
from .secrets import find_secrets, without_tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["lint_notebook"]

#: Members of a cell that a message names; others may be called anything.
_MEMBERS = frozenset({"attachments", "input", "metadata", "outputs", "source"})


class _Place(NamedTuple):
    """A member of a cell: where it stands, and which it is."""

    start: int
    end: int
    key: str
    #: Which list of cells, and which cell of it; both from 0.
    cell: tuple[int, int]


def lint_notebook(
    path: str,
    data: bytes,
    *,
    old: bytes | None = None,
    against: str = "HEAD",
    applications: frozenset[str] | None = None,
) -> list[Finding]:
    """Return what is wrong with a notebook.

    Parameters
    ----------
    path
        Its name in the findings.
    data
        Its content.
    old
        Its content in the commit that it is compared with, if it is there.
    against
        Name of that commit.
    applications
        Known applications of the platform; `None` if unknown, and then no
        name of one is doubted.
    """
    try:
        notebook = parse(data)
    except BrokenNotebookError as exc:
        return [
            Finding(
                path=path,
                line=1,
                rule="broken-notebook",
                level="error",
                message=str(exc),
            )
        ]
    linter = _Linter(path, data, notebook, applications)
    return sorted(linter.lint(old, against))


class _Linter:
    def __init__(
        self,
        path: str,
        data: bytes,
        notebook: Notebook,
        applications: frozenset[str] | None,
    ) -> None:
        self._path = path
        self._data = data
        self._notebook = notebook
        self._applications = applications

    def lint(self, old: bytes | None, against: str) -> Iterator[Finding]:
        metadata = self._notebook.top.get("metadata")
        if isinstance(metadata, ObjectSpan):
            for member in metadata.all("mobu"):
                yield from self._mobu(member)
        cells = identified(self._notebook)
        before = cells if old == self._data else _cells(old)
        for position, rule, level, message in chain(
            lint_identifiers(cells, before, against),
            lint_effects(self._notebook, cells),
        ):
            yield self._find(
                position, rule, message, warning=level == "warning"
            )
        yield from self._secrets()

    def _secrets(self) -> Iterator[Finding]:
        """Find credentials; tell of the first of a kind in each cell."""
        first: dict[tuple[str, tuple[int, int] | None], tuple[int, str]] = {}
        counts: Counter[tuple[str, tuple[int, int] | None]] = Counter()
        for position, rule, name in find_secrets(self._notebook.text):
            place = self._place(position)
            if place is None:
                cell, where = None, "the notebook's metadata"
            else:
                cell = place.cell
                where = f"cell {cell[1] + 1}"
                if place.key in _MEMBERS:
                    where = f"the {place.key} of {where}"
            first.setdefault((rule, cell), (position, f"{name} is in {where}"))
            counts[rule, cell] += 1
        for key, (position, said) in first.items():
            more = counts[key] - 1
            also = f", and {more} more beside it" if more else ""
            yield self._find(position, key[0], said + also)

    def _mobu(self, member: Member) -> Iterator[Finding]:
        text = self._notebook.text
        if text[member.start] != "{":
            yield self._find(
                member.key_start,
                "required-applications",
                "metadata.mobu is not an object",
            )
            return
        mobu, _ = scan_object(text, member.start)
        for old in mobu.all("required_services"):
            yield self._find(
                old.key_start,
                "required-services",
                "mobu ignores required_services since version 18; name it "
                "required_applications",
            )
        for new in mobu.all("required_applications"):
            yield from self._required(new)

    def _required(self, member: Member) -> Iterator[Finding]:
        names: Any = member.value
        if not isinstance(names, list) or not all(
            isinstance(name, str) and name for name in names
        ):
            yield self._find(
                member.key_start,
                "required-applications",
                "required_applications is not a list of names",
            )
            return
        if self._applications is None:
            return
        for name in sorted(set(names) - self._applications):
            yield self._find(
                member.key_start,
                "unknown-application",
                f"no application {name[:60]!r} is known; the notebook would "
                "never run",
            )

    @cached_property
    def _places(self) -> list[_Place]:
        return sorted(
            _Place(member.key_start, member.end, member.key, (sheet, number))
            for sheet, cells in enumerate(self._notebook.cell_lists)
            for number, cell in enumerate(cells)
            if isinstance(cell, ObjectSpan)
            for member in cell.members
        )

    def _place(self, position: int) -> _Place | None:
        index = bisect_right(self._places, position, key=lambda p: p.start) - 1
        if index < 0 or position >= self._places[index].end:
            return None
        return self._places[index]

    @cached_property
    def _line_ends(self) -> list[int]:
        return [m.start() for m in re.finditer("\n", self._notebook.text)]

    def _find(
        self, position: int, rule: str, message: str, *, warning: bool = False
    ) -> Finding:
        level: Literal["error", "warning"] = "warning" if warning else "error"
        return Finding(
            path=self._path,
            line=bisect_left(self._line_ends, position) + 1,
            rule=rule,
            level=level,
            message=without_tokens(message),
        )


def _cells(data: bytes | None) -> list[Identified] | None:
    try:
        return None if data is None else identified(parse(data))
    except BrokenNotebookError:
        return None

"""Cell ids, which key the platform's series of timings.

mobu names a cell by its id, or by its number where it has none; a changed id
therefore ends the cell's series, and a missing one lets series change cells.
"""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING, Any, NamedTuple

from ..splice.spans import ObjectSpan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..splice.notebook_text import Notebook

__all__ = ["Identified", "identified", "lint_identifiers"]


class Identified(NamedTuple):
    """A code cell's number, id, source and place."""

    number: int
    id: str | None
    source: str
    position: int


def identified(notebook: Notebook) -> list[Identified]:
    """Return the code cells of a notebook, numbered as mobu does, from 1."""
    found: list[Identified] = []
    for cell in (notebook.cell_lists or [[]])[-1]:
        if isinstance(cell, ObjectSpan) and cell.get("cell_type") == "code":
            id_ = cell.get("id")
            found.append(
                Identified(
                    number=len(found) + 1,
                    id=id_ if isinstance(id_, str) else None,
                    source=_text(cell.get("source")),
                    position=_place(cell),
                )
            )
    return found


def _place(cell: ObjectSpan) -> int:
    ids = cell.all("id")
    return ids[-1].key_start if ids else cell.start


def _text(source: Any) -> str:
    if isinstance(source, list):
        return "".join(part for part in source if isinstance(part, str))
    return source if isinstance(source, str) else ""


def lint_identifiers(
    new: list[Identified],
    old: list[Identified] | None,
    against: str = "HEAD",
) -> Iterator[tuple[int, str, str, str]]:
    """Yield the position, rule, level and message of each fault.

    Parameters
    ----------
    new
        The cells as they are.
    old
        The cells as the other commit has them; `None` if it has not the
        notebook.
    against
        Name of that commit.
    """
    missing = [cell for cell in new if cell.id is None]
    if missing:
        numbers = ", ".join(str(cell.number) for cell in missing[:10])
        which = f"code cells {numbers} have no id"
        if len(missing) == len(new):
            which = "no code cell has an id"
        # What was so all along may stay, with a warning.
        worse = old is not None and all(cell.id is not None for cell in old)
        yield (
            missing[0].position,
            "cell-id-missing",
            "error" if worse else "warning",
            f"{which}; save the notebook with JupyterLab as nbformat 4.5",
        )
    seen: dict[str, Identified] = {}
    for cell in new:
        if cell.id is None:
            continue
        if cell.id in seen:
            other = seen[cell.id].number
            said = f"code cell {cell.number} has the id of code cell {other}"
            yield cell.position, "cell-id-duplicate", "error", said
        seen.setdefault(cell.id, cell)
    for cell, before in _changed(new, old or []):
        said = (
            f"code cell {cell.number} has the id {_short(cell.id)}, but had "
            f"{_short(before)} in {against}; its series of timings would end"
        )
        yield cell.position, "cell-id-changed", "error", said


def _changed(
    new: list[Identified], old: list[Identified]
) -> Iterator[tuple[Identified, str]]:
    """Pair cells of one source whose old id is gone with the new id."""
    kept = {cell.id for cell in new}
    lost: defaultdict[str, deque[str]] = defaultdict(deque)
    known = {cell.id for cell in old}
    for cell in old:
        if cell.id is not None and cell.id not in kept and cell.source.strip():
            lost[cell.source].append(cell.id)
    for cell in new:
        if cell.id not in known and cell.id is not None and lost[cell.source]:
            yield cell, lost[cell.source].popleft()


def _short(id_: str | None) -> str:
    return repr(id_ if id_ is None or len(id_) <= 64 else f"{id_[:64]}…")

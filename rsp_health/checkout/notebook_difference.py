"""Two versions of a notebook, compared by cell."""

from __future__ import annotations

import copy
import difflib
import io
from importlib import import_module
from itertools import zip_longest
from typing import Any

__all__ = ["notebook_difference"]


def notebook_difference(old: Any, new: Any) -> str:
    """Return how two notebooks differ, without outputs; "" if they do not.

    nbdime says it if it is installed in the lab, as its users know it. Else
    each cell that differs is told as git would tell a file.

    Parameters
    ----------
    old, new
        The notebooks, parsed, in format 4.
    """
    before, after = _bare(old), _bare(new)
    if before == after:
        return ""
    found = _by_nbdime(before, after)
    return _by_cell(before, after) if found is None else found


def _bare(notebook: Any) -> dict[str, Any]:
    """Return a notebook without what runs and editors leave in it."""
    bare: dict[str, Any] = copy.deepcopy(notebook)
    metadata = bare.get("metadata")
    if isinstance(metadata, dict):
        metadata.pop("language_info", None)
        metadata.pop("widgets", None)
    for cell in bare["cells"]:
        if not isinstance(cell, dict):
            continue
        if cell.get("cell_type") == "code":
            cell |= {"outputs": [], "execution_count": None}
        cell["source"] = _source(cell)
        notes = cell.get("metadata")
        if isinstance(notes, dict):
            notes.pop("execution", None)
    return bare


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source")
    if isinstance(source, list):
        return "".join(str(line) for line in source)
    return str(source or "")


def _by_nbdime(old: dict[str, Any], new: dict[str, Any]) -> str | None:
    """Return what nbdime says; `None` without it, or if it cannot."""
    try:
        from_dict: Any = import_module("nbformat").from_dict
        comparing: Any = import_module("nbdime.diffing.notebooks")
        printing: Any = import_module("nbdime.prettyprint")
    except ImportError:
        return None
    out = io.StringIO()
    try:
        before, after = from_dict(old), from_dict(new)
        config = printing.PrettyPrintConfig(
            out=out, use_color=False, use_git=False, use_diff=False
        )
        difference = comparing.diff_notebooks(before, after)
        printing.pretty_print_diff(before, difference, "", config)
    except Exception:  # noqa: BLE001 - a lab may have any version of it
        return None
    return out.getvalue()


def _by_cell(old: dict[str, Any], new: dict[str, Any]) -> str:
    lines: list[str] = []
    before, after = (
        [_text(cell) for cell in one["cells"]] for one in (old, new)
    )
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for what, a, b, c, d in matcher.get_opcodes():
        if what == "equal":
            continue
        for number, (was, now) in enumerate(
            zip_longest(before[a:b], after[c:d], fillvalue="")
        ):
            lines.append(_head(was, now, a + number + 1, c + number + 1))
            compared = difflib.unified_diff(
                was.splitlines(), now.splitlines(), lineterm="", n=2
            )
            lines += list(compared)[2:]
    if not lines:
        lines = ["Only the notebook's own settings differ (metadata)."]
    return "\n".join(lines) + "\n"


def _head(was: str, now: str, old: int, new: int) -> str:
    if not was:
        return f"cell {new}: new"
    return f"cell {old}: deleted" if not now else f"cell {old}: changed"


def _text(cell: Any) -> str:
    """Return what a person sees of a cell: its kind if not code, its tags."""
    if not isinstance(cell, dict):
        return repr(cell)
    kind = cell.get("cell_type")
    head = [] if kind == "code" else [f"({kind})"]
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    if isinstance(tags, list) and tags:
        head.append(f"(tags: {', '.join(map(str, tags))})")
    return "\n".join([*head, cell["source"]]) or "(empty)"

"""A notebook's text, and where its cells and metadata stand in it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from .spans import ObjectSpan, scan_array, scan_object, scan_value, skip_space

__all__ = [
    "BOM",
    "BrokenNotebookError",
    "Notebook",
    "parse",
    "without_constants",
]

BOM = "\ufeff"

#: Versions whose cells we know. The oldest, 1, never left the laboratory.
_VERSIONS = (2, 3, 4)


class BrokenNotebookError(ValueError):
    """The bytes are no notebook that can be judged; says why, in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notebook:
    """A notebook in its own words.

    Parameters
    ----------
    text
        The whole file, a byte order mark included.
    version
        ``nbformat``, the major version.
    top
        The outermost object.
    """

    text: str
    version: int
    top: ObjectSpan

    @property
    def cell_lists(self) -> list[list[Any]]:
        """Every list of cells; one, but for worksheets and duplicate keys."""
        if self.version >= 4:
            owners = [self.top]
        else:
            owners = [
                sheet
                for member in self.top.all("worksheets")
                for sheet in member.value
                if isinstance(sheet, ObjectSpan)
            ]
        return [
            member.value
            for owner in owners
            for member in owner.all("cells")
            if isinstance(member.value, list)
        ]


def parse(data: bytes) -> Notebook:
    """Read a notebook without judging it.

    Raises
    ------
    BrokenNotebookError
        Raised if it is not UTF-8, not JSON or not a notebook of a version
        that we know.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as exc:
        raise BrokenNotebookError(
            f"not UTF-8 (byte {exc.start + 1})"
        ) from None
    start = skip_space(text, 1 if text.startswith(BOM) else 0)
    if start == len(text):
        raise BrokenNotebookError("empty file")
    if text[start] != "{":
        raise BrokenNotebookError("not a notebook (no JSON object)")
    try:
        top, end = scan_object(
            text,
            start,
            {"metadata": _object, "cells": _cells, "worksheets": _worksheets},
        )
    except json.JSONDecodeError as exc:
        raise BrokenNotebookError(
            f"not JSON: {exc.msg} at line {exc.lineno} column {exc.colno}"
        ) from None
    except RecursionError:
        raise BrokenNotebookError("nested too deeply") from None
    if skip_space(text, end) != len(text):
        line = text.count("\n", 0, end) + 1
        raise BrokenNotebookError(f"not JSON: extra data at line {line}")
    return Notebook(text=text, version=_version(top), top=top)


def _version(top: ObjectSpan) -> int:
    version = top.get("nbformat")
    if not isinstance(version, float):
        raise BrokenNotebookError("not a notebook (no nbformat)")
    if version not in _VERSIONS:
        raise BrokenNotebookError(f"nbformat {version:g} is not supported")
    cells, other = "cells", "worksheets"
    if version < 4:
        cells, other = other, cells
    if not isinstance(top.get(cells), list):
        raise BrokenNotebookError(f"not a notebook (no {cells})")
    if any(member.value for member in top.all(other)):
        # No reader of this version looks there, so outputs would hide.
        raise BrokenNotebookError(f"nbformat {version:g}, but with {other}")
    return int(version)


def _object(text: str, position: int) -> tuple[Any, int]:
    if text[position : position + 1] == "{":
        return scan_object(text, position)
    return scan_value(text, position)


def _cell(text: str, position: int) -> tuple[Any, int]:
    if text[position : position + 1] == "{":
        return scan_object(text, position, {"metadata": _object})
    return scan_value(text, position)


def _cells(text: str, position: int) -> tuple[Any, int]:
    if text[position : position + 1] == "[":
        return scan_array(text, position, _cell)
    return scan_value(text, position)


def _worksheet(text: str, position: int) -> tuple[Any, int]:
    if text[position : position + 1] == "{":
        return scan_object(text, position, {"cells": _cells})
    return scan_value(text, position)


def _worksheets(text: str, position: int) -> tuple[Any, int]:
    if text[position : position + 1] == "[":
        return scan_array(text, position, _worksheet)
    return scan_value(text, position)


_token = re.compile(
    r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|NaN|-?Infinity', re.DOTALL
).sub
_lone = re.compile(
    r"(?<!\\)((?:\\\\)*+)"
    r"(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
).sub


def without_constants(text: str) -> str:
    r"""Replace what Python's JSON has and JSON has not, length for length.

    ``NaN`` and the infinities become numbers, lone surrogates ``\ufffd``: the
    engine refuses them. Every position stays what it was, so edits found in
    the result hold for ``text``, which itself is never written this way.
    """

    def surrogate(match: re.Match[str]) -> str:
        escape = match[2]
        return match[1] + (escape if len(escape) > 6 else "\\ufffd")

    def replace(match: re.Match[str]) -> str:
        token = match[0]
        if token[0] == '"':
            return _lone(surrogate, token) if "\\u" in token else token
        return "0." + "0" * (len(token) - 2)

    return _token(replace, text)

"""What a notebook says that it does, and what its cells do.

What commands to hardware look like is data: ``hardware.toml``.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from ...effects import read_declared
from ..splice.spans import ObjectSpan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..splice.notebook_text import Notebook
    from .identifiers import Identified

__all__ = ["lint_effects"]

_COMMENT = re.compile(r"^\s*#.*$", re.MULTILINE)


@cache
def _commands() -> tuple[tuple[re.Pattern[str], str], ...]:
    file = resources.files(__package__).joinpath("hardware.toml")
    rules = tomllib.loads(file.read_text(encoding="utf-8"))["command"]
    return tuple((re.compile(x["pattern"]), x["what"]) for x in rules)


def lint_effects(
    notebook: Notebook, cells: Sequence[Identified]
) -> Iterator[tuple[int, str, str, str]]:
    """Yield the position, rule, level and message of each fault.

    Parameters
    ----------
    notebook
        The notebook.
    cells
        Its code cells.
    """
    metadata = notebook.top.get("metadata")
    said = (
        metadata.all("rsp_health")[-1:]
        if isinstance(metadata, ObjectSpan)
        else []
    )
    declared = read_declared({"rsp_health": said[0].value} if said else {})
    for problem in declared.problems:
        message = problem.removesuffix(".")
        yield said[0].key_start, "effects-unknown", "error", message
    if declared.effects == "hardware":
        return
    for cell in cells:
        source = _COMMENT.sub("", cell.source)
        for pattern, what in _commands():
            if pattern.search(source):
                yield (
                    cell.position,
                    "hardware-command",
                    "warning",
                    (
                        f"code cell {cell.number} uses {what}, but the notebook "
                        "does not say that it commands hardware; set "
                        "metadata.rsp_health.effects to hardware"
                    ),
                )
                break

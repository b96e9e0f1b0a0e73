"""Notebooks that a repository itself keeps with their outputs.

Where a checkout's upstream has committed outputs, it wants them there. The
filter would take them out with the user's next commit of such a notebook, so
these are left to the user; ``info/attributes`` names them, one a line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...errors import BadInputError
from ..inplace import Source
from ..policy import DEFAULT_POLICY, load_policy
from ..splice.notebook_text import BrokenNotebookError, parse
from ..splice.removals import Plan

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["with_outputs"]

_MOST = 1000  # lines, so that info/attributes stays readable

#: A list of outputs that is not empty: far quicker than to read the notebook.
_OUTPUTS = re.compile(rb'"outputs"\s*:\s*\[\s*[^\]\s]')


def with_outputs(tree: Path, paths: Iterable[str]) -> list[str]:
    """Return the notebooks with outputs that the policy would take out.

    Parameters
    ----------
    tree
        Top of a work tree in which all is as upstream has it.
    paths
        The notebooks below it.
    """
    try:
        policy = load_policy(tree)
    except BadInputError:
        policy = DEFAULT_POLICY
    found = []
    for path in paths:
        source = Source.read(tree / path)
        if source.outcome is not None or not _OUTPUTS.search(source.data):
            continue
        try:
            if Plan(parse(source.data), policy).outputs:
                found.append(path)
        except (BrokenNotebookError, RecursionError):
            continue
    return sorted(found)[:_MOST]

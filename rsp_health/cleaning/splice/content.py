"""Strips a notebook that is not a file yet: the content of a save.

What a browser saves arrives as decoded JSON, on the event loop of the server.
So here the policy is applied to the decoded content itself, which takes a few
milliseconds, where nb-clean would be a process and a text of many megabytes.
Tests hold that both come to the same (`rsp_health.cleaning.core`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .notebook_text import BrokenNotebookError
from .removals import FOREIGN_FIELDS, output_size

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..policy import Policy

__all__ = ["strip_content"]

#: nbformat itself takes it out of what is written, after Jupyter has read
#: from it whether the outputs that a tag keeps may be shown.
_TRANSIENT = {"trusted"}


def strip_content(content: Any, policy: Policy) -> dict[str, Any]:
    """Return a notebook's content without what the policy drops.

    Parameters
    ----------
    content
        A notebook of version 4, decoded. It is not changed; the result shares
        with it all that stays.
    policy
        What goes and what stays.

    Raises
    ------
    BrokenNotebookError
        Raised if it is no notebook that can be judged.
    """
    if not isinstance(content, dict):
        raise BrokenNotebookError("not a notebook (no JSON object)")
    if content.get("nbformat") != 4:
        raise BrokenNotebookError("not a notebook of version 4")
    cells = content.get("cells")
    if not isinstance(cells, list):
        raise BrokenNotebookError("not a notebook (no cells)")
    stripped = {**content, "cells": [_cell(cell, policy) for cell in cells]}
    metadata = content.get("metadata")
    if isinstance(metadata, dict):
        metadata = _without(metadata, policy.drop_notebook_metadata)
        language = metadata.get("language_info")
        if policy.strip_language_version and isinstance(language, dict):
            metadata["language_info"] = _without(language, ("version",))
        stripped["metadata"] = metadata
    return stripped


def _cell(cell: Any, policy: Policy) -> Any:
    if not isinstance(cell, dict):
        return cell
    stripped = (
        _without(cell, FOREIGN_FIELDS)
        if cell.get("cell_type") == "code"
        else dict(cell)
    )
    metadata = cell.get("metadata")
    if isinstance(metadata, dict):
        stripped["metadata"] = _cell_metadata(metadata, policy)
    outputs = cell.get("outputs")
    if outputs:
        stripped["outputs"] = (
            [_without_count(output) for output in outputs]
            if _keeps(metadata, outputs, policy)
            else []
        )
    return _without_count(stripped)


def _cell_metadata(metadata: dict[str, Any], policy: Policy) -> dict[str, Any]:
    drops = set(policy.drop_cell_metadata) - _TRANSIENT
    stripped = _without(metadata, drops)
    jupyter = metadata.get("jupyter")
    if (
        "collapsed" in drops
        and isinstance(jupyter, dict)
        and "outputs_hidden" in jupyter
    ):
        stripped["jupyter"] = _without(jupyter, ("outputs_hidden",))
        if not stripped["jupyter"]:
            del stripped["jupyter"]
    return stripped


def _keeps(metadata: Any, outputs: Any, policy: Policy) -> bool:
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    return (
        isinstance(outputs, list)
        and policy.is_keeping(tags)
        and output_size(outputs) <= policy.keep_output_max_bytes
    )


def _without(fields: dict[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    gone = set(keys)
    return {key: value for key, value in fields.items() if key not in gone}


def _without_count(fields: Any) -> Any:
    """Return a cell or an output that does not say when it was executed."""
    if isinstance(fields, dict) and fields.get("execution_count") is not None:
        return {**fields, "execution_count": None}
    return fields

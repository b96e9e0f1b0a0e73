"""What a notebook says, whatever was saved or run in it.

Outputs, execution counts, times, ids and what an editor notes in metadata (the
version of Python, the state of a view) come and go without anybody changing
the notebook. What is left is what a run depends on.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

__all__ = ["DEFAULT_KERNEL", "content_sha256", "what_runs"]

#: What is run where a notebook names no kernel; an editor writes it down.
DEFAULT_KERNEL = "python3"


def content_sha256(content: Any) -> str:
    """Return a digest of what a notebook says; see `what_runs`."""
    text = json.dumps(what_runs(content))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def what_runs(content: Any) -> Any:
    """Return of a notebook what a run depends on, and its text.

    Parameters
    ----------
    content
        The notebook, parsed; it need not be one.
    """
    if not isinstance(content, dict) or not isinstance(
        content.get("cells"), list
    ):
        return None
    metadata = _mapping(content.get("metadata"))
    kernel = _mapping(metadata.get("kernelspec")).get("name")
    return [
        kernel if isinstance(kernel, str) and kernel else DEFAULT_KERNEL,
        _texts(_mapping(metadata.get("mobu")).get("required_applications")),
        _allows_errors(metadata),
        [_cell(_mapping(cell)) for cell in content["cells"]],
    ]


def _cell(cell: dict[str, Any]) -> list[Any]:
    source = cell.get("source")
    kind = cell.get("cell_type")
    metadata = _mapping(cell.get("metadata"))
    return [
        kind if isinstance(kind, str) else None,
        source if isinstance(source, str) else "".join(_texts(source)),
        sorted(_texts(metadata.get("tags"))),
        _allows_errors(metadata),
    ]


def _allows_errors(metadata: dict[str, Any]) -> bool:
    return _mapping(metadata.get("execution")).get("allow_errors") is True


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list):
        return []
    return [text for text in value if isinstance(text, str)]


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}

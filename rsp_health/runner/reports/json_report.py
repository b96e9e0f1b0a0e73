"""The run document itself, ``rsp-health.run/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..models import RunDocument

__all__ = ["render"]


def render(document: RunDocument) -> bytes:
    """Return the document as JSON."""
    return document.model_dump_json(indent=1).encode() + b"\n"

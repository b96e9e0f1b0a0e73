"""What became of a notebook: as bytes, and as a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Cleaned", "Outcome"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """A notebook's clean bytes, and what went.

    Parameters
    ----------
    data
        The clean notebook; the very same object if nothing had to go.
    line
        Line of the first thing that went, from 1.
    outputs, execution_counts, metadata
        How many of each went.
    removed_bytes
        By how much the file shrinks.
    kept_outputs
        Outputs that stay because of their cell's tag.
    oversized
        Cells whose tag would keep their outputs, were they not too large.
    """

    data: bytes
    line: int | None = None
    outputs: int = 0
    execution_counts: int = 0
    metadata: int = 0
    removed_bytes: int = 0
    kept_outputs: int = 0
    oversized: int = 0


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What became of one file; the fields of `models.CleanedFile`."""

    path: str
    state: Literal["clean", "dirty", "cleaned", "error"] = "clean"
    line: int | None = None
    outputs: int = 0
    execution_counts: int = 0
    metadata: int = 0
    removed_bytes: int = 0
    kept_outputs: int = 0
    oversized: int = 0
    message: str = ""
    exit_code: int = 0

"""What the cleaning feature tells the outside world."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ..wire import WireModel

__all__ = ["CleanPolicy", "CleanReport", "CleanRequest", "CleanedFile"]


class CleanPolicy(WireModel):
    """What is stripped and what stays; one meaning everywhere."""

    keep_output_tags: list[str] = Field(default=["keep_output"])
    keep_output_max_bytes: int = Field(
        default=1_048_576,
        description="Outputs of a kept cell beyond this size are dropped.",
    )
    drop_cell_metadata: list[str] = Field(
        default=[
            "execution",
            "collapsed",
            "scrolled",
            "ExecuteTime",
            "trusted",
        ]
    )
    drop_notebook_metadata: list[str] = Field(
        default=["widgets", "signature"],
        description="Notebook metadata keys that are dropped.",
    )
    drop_language_version: bool = True


class CleanedFile(WireModel):
    """The judgement on one notebook."""

    path: str
    state: Literal["clean", "dirty", "cleaned", "error"]
    line: int | None = Field(
        default=None, description="1-based line of the first thing to strip."
    )
    outputs: int = Field(default=0, description="Outputs that go.")
    execution_counts: int = 0
    metadata: int = Field(default=0, description="Metadata fields that go.")
    removed_bytes: int = 0
    message: str = ""


class CleanReport(WireModel):
    """Answer of ``POST clean``, ``clean --json`` and ``check --json``."""

    schema_: Literal["rsp-health.clean/1"] = Field(
        default="rsp-health.clean/1", alias="schema"
    )
    dry_run: bool
    policy: CleanPolicy
    files: list[CleanedFile]


class CleanRequest(WireModel):
    """Body of ``POST clean``; paths are relative to the root."""

    paths: list[str] = Field(min_length=1, max_length=1000)
    dry_run: bool = False

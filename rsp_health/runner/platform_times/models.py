"""A run beside the platform's test bots: ``rsp-health.platform_times/1``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ...wire import WireModel

__all__ = [
    "CellBeside",
    "NotebookBeside",
    "PlatformTime",
    "PlatformTimesDocument",
]


class PlatformTime(WireModel):
    """What a cell took the bots lately."""

    median_s: float
    mad_s: float = Field(description="Median absolute deviation.")
    n: int = Field(description="Executions that these figures are of.")


class CellBeside(WireModel):
    """A cell of the run, and of the bots."""

    index: int
    id: str | None
    source: str = ""
    measured_s: float | None = Field(description="Seconds in this run.")
    platform: PlatformTime | None = Field(
        default=None, description="Null: no bot executed a cell of that id."
    )


class NotebookBeside(WireModel):
    """A notebook of the run, and of the bots."""

    notebook: str
    reason: str | None = Field(
        default=None, description="Why nothing is known of it, if so."
    )
    cells: list[CellBeside] = Field(default_factory=list)


class PlatformTimesDocument(WireModel):
    """What ``rsp-health runs platform`` tells."""

    schema_: Literal["rsp-health.platform_times/1"] = Field(
        default="rsp-health.platform_times/1", alias="schema"
    )
    run_id: str
    database: str = Field(description="Label of it in discovery.")
    days: int = Field(description="How far back the bots' times go.")
    notebooks: list[NotebookBeside]

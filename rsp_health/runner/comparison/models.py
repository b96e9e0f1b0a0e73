"""What comparisons and trends tell the outside world."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ...wire import Timestamp, WireModel
from ..models import (
    NotebookState,
    RecentResult,
    RunEnvironment,
    RunState,
    UsualTime,
)

__all__ = [
    "CellTrend",
    "ComparisonDocument",
    "Difference",
    "DifferenceKind",
    "NotJudged",
    "NotebookTrend",
    "RunReference",
    "SideFigures",
    "TrendDocument",
]

#: From the worst to the best.
DifferenceKind = Literal[
    "newly_failing",
    "still_failing",
    "unsteady",
    "gone",
    "slower",
    "more_memory",
    "new",
    "fixed",
    "faster",
]


class RunReference(WireModel):
    """A run that is compared, and where it took place."""

    run_id: str
    state: RunState
    started_at: Timestamp
    folder: str | None
    environment: RunEnvironment
    commit: str | None = None
    runs: int = Field(
        description="Runs in these conditions whose times count, at most 20."
    )


class SideFigures(WireModel):
    """A notebook or cell on one side of a comparison."""

    state: NotebookState | None = None
    passed: int = Field(description="Times that it passed.")
    n: int = Field(description="Times that it ran.")
    error: str | None = None
    median_s: float | None = None
    mad_s: float | None = None
    times: int = Field(default=0, description="Passes that the times are of.")
    memory_bytes: int | None = Field(
        default=None, description="Peak memory, the median of these passes."
    )


class Difference(WireModel):
    """One difference between the two sides."""

    kind: DifferenceKind
    notebook: str
    cell_index: int | None = Field(
        default=None, description="1-based over code cells; null: all of it."
    )
    cell_id: str | None = None
    source: str | None = Field(
        default=None, description="The cell's first line."
    )
    before: SideFigures | None = None
    after: SideFigures | None = None
    text: str = Field(description="The difference in one sentence.")


class NotJudged(WireModel):
    """A notebook of which something could not be compared."""

    notebook: str
    reason: str


class ComparisonDocument(WireModel):
    """What ``runs compare A B`` and ``GET comparison`` tell."""

    schema_: Literal["rsp-health.comparison/1"] = Field(
        default="rsp-health.comparison/1", alias="schema"
    )
    before: RunReference
    after: RunReference
    compared: int = Field(description="Notebooks that both sides have.")
    differences: list[Difference] = Field(description="The worst first.")
    not_judged: list[NotJudged]


class CellTrend(WireModel):
    """The times of one cell, as it is now."""

    index: int
    id: str | None
    source: str
    usual: UsualTime | None
    times_s: list[float | None] = Field(
        description="Beside the notebook's results; null: it did not pass, "
        "or its source was another."
    )


class NotebookTrend(WireModel):
    """The last results of one notebook."""

    notebook: str = Field(description="Absolute path, as records tell it.")
    usual: UsualTime | None
    results: list[RecentResult] = Field(description="The oldest first.")
    cells: list[CellTrend] = Field(
        default_factory=list, description="Only if one notebook is asked for."
    )


class TrendDocument(WireModel):
    """What ``runs trend`` and ``GET trend`` tell."""

    schema_: Literal["rsp-health.trend/1"] = Field(
        default="rsp-health.trend/1", alias="schema"
    )
    notebooks: list[NotebookTrend]

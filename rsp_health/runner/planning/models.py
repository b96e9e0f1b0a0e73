"""What a plan tells the outside world: which notebooks, and why."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ...effects import Effects, Load
from ...wire import Timestamp, WireModel
from ..models import RecentResult, RunMode, UsualTime

__all__ = ["NotebookEntry", "NotebookList", "PlanDocument", "PlanEntry"]


class NotebookEntry(WireModel):
    """A notebook of a checkout and whether its rules select it here."""

    path: str = Field(description="Relative to the checkout.")
    application: str | None = None
    required_applications: list[str] = Field(default_factory=list)
    selected: bool
    reason: str | None = Field(
        default=None, description="Why it is not selected, quoting the rule."
    )
    effects: Effects = Field(
        default="passive", description="What it says that it changes."
    )
    load: Load = Field(
        default="light", description="How much of the platform it takes."
    )
    modified_at: Timestamp | None = Field(
        default=None, description="When the file was last written."
    )
    content_sha256: str | None = Field(
        default=None,
        description=(
            "Digest of what it says now: results of another one are stale."
        ),
    )
    usual: UsualTime | None = Field(
        default=None,
        description="What it usually takes, as of its last run.",
    )
    recent: list[RecentResult] = Field(
        default_factory=list,
        description="Its last ten results, the oldest first.",
    )


class PlanEntry(WireModel):
    """A notebook of a plan, and whether a run would run it."""

    path: str = Field(description="Relative to the plan's folder.")
    application: str | None = None
    required_applications: list[str] = Field(default_factory=list)
    selected: bool
    reason: str | None = Field(
        default=None, description="Why it is not selected, quoting the rule."
    )
    effects: Effects = Field(
        default="passive", description="What it says that it changes."
    )
    load: Load = Field(
        default="light", description="How much of the platform it takes."
    )
    problem: str | None = Field(
        default=None, description="Why it will be told as invalid."
    )
    kernel: str | None = Field(
        default=None, description="Kernel that it asks for."
    )
    code_cells: int = 0
    expected_s: float | None = Field(
        default=None, description="Seconds that it took when it last passed."
    )


class PlanDocument(WireModel):
    """What ``rsp-health run --plan`` tells: what would be run, and what not."""

    schema_: Literal["rsp-health.plan/1"] = Field(
        default="rsp-health.plan/1", alias="schema"
    )
    folder: str = Field(
        description="Absolute folder that paths are relative to."
    )
    mode: RunMode
    problems: list[str] = Field(
        default_factory=list, description="Rules that could not be applied."
    )
    notebooks: list[PlanEntry]


class NotebookList(WireModel):
    """Answer of ``GET notebooks?repository=``."""

    schema_: Literal["rsp-health.notebooks/1"] = Field(
        default="rsp-health.notebooks/1", alias="schema"
    )
    repository: str
    directory: str = Field(description="Relative to the root.")
    problems: list[str] = Field(
        default_factory=list, description="Rules that could not be applied."
    )
    notebooks: list[NotebookEntry]

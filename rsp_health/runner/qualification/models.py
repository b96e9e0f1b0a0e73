"""What a qualification tells the outside world."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ...wire import Timestamp, WireModel
from ..comparison.models import ComparisonDocument

__all__ = ["QualificationDocument", "VersionChange"]

Verdict = Literal["fit", "not_fit", "not_judged"]


class VersionChange(WireModel):
    """A package of the kernel's Python that is another one now."""

    package: str
    before: str | None = Field(description="Null: it was not there.")
    after: str | None = Field(description="Null: it is not there.")


class QualificationDocument(WireModel):
    """What ``rsp-health qualify`` tells, ``rsp-health.qualification/1``."""

    schema_: Literal["rsp-health.qualification/1"] = Field(
        default="rsp-health.qualification/1", alias="schema"
    )
    made_at: Timestamp
    verdict: Verdict
    sentence: str
    runs: list[str] = Field(description="Ids of the runs made for it.")
    comparison: ComparisonDocument
    versions: list[VersionChange]
    versions_problem: str | None = Field(
        default=None, description="Why versions could not be compared."
    )

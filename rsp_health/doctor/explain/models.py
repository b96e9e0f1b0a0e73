"""Why something failed, on the wire: ``rsp-health.explanation/1``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ...runner.models import SeenServices
from ...wire import Timestamp, WireModel
from ..models import Evidence, Whose

__all__ = [
    "Cause",
    "ErrorOutput",
    "ExplainRequest",
    "ExplainedFailure",
    "Explanation",
    "ExplanationReport",
    "Recurrence",
]

#: Characters of an error that somebody sends; the request has a limit, too.
_LONG = 65_536


class ErrorOutput(WireModel):
    """The error below a cell of any notebook."""

    ename: str = Field(default="", max_length=_LONG)
    evalue: str = Field(default="", max_length=_LONG)
    traceback: str = Field(default="", max_length=_LONG)
    source: str = Field(
        default="", max_length=_LONG, description="What the cell holds."
    )
    kernel: str | None = Field(
        default=None,
        max_length=500,
        description="Name of its kernelspec, such as 'lsst'.",
    )
    notebook: str | None = Field(
        default=None,
        max_length=4096,
        description="Path of the notebook, relative to the root.",
    )
    age_s: float | None = Field(
        default=None,
        ge=0,
        allow_inf_nan=False,
        description="Seconds since it failed; null if nobody knows.",
    )


class ExplainRequest(WireModel):
    """Body of ``POST doctor/explain``: a run, an error, or a service."""

    run_id: str | None = Field(default=None, max_length=100)
    notebook: str | None = Field(
        default=None,
        max_length=4096,
        description="Only this notebook of the run, as the run tells it.",
    )
    cell_index: int | None = Field(
        default=None, ge=1, description="Only this cell of it."
    )
    error: ErrorOutput | None = None
    service: str | None = Field(
        default=None,
        max_length=200,
        description="Id of a row that is not well.",
    )


class Recurrence(WireModel):
    """Whether a notebook failed so before: same cell, same error."""

    kind: Literal["new", "recurring", "regressed"]
    times: int = Field(
        description="In a row without a pass in between, with this one."
    )
    since: Timestamp | None = Field(
        description="Of these the first; if regressed, when it last did."
    )
    sentence: str


class ExplainedFailure(WireModel):
    """What failed."""

    notebook: str | None = None
    cell_index: int | None = None
    cell_id: str | None = None
    state: str = Field(
        default="failed", description="A notebook state of rsp-health.run/1."
    )
    error: str = Field(description="The error in one line.")
    recurrence: Recurrence | None = Field(
        default=None, description="Null if earlier runs do not tell."
    )


class Cause(WireModel):
    """Something that may be why."""

    rule: str
    certainty: Literal["stated", "possible", "refuted"] = Field(
        description="'stated': something of the same time confirms it."
    )
    sentence: str
    whose: Whose
    next_step: str
    evidence: list[Evidence] = Field(
        default_factory=list, description="What confirms or refutes it."
    )
    undecided: list[str] = Field(
        default_factory=list,
        description="What would decide, and why it could not.",
    )


class Explanation(WireModel):
    """Failures that have the same first cause, and what is known of it."""

    failures: list[ExplainedFailure]
    causes: list[Cause] = Field(
        description="The most certain first; empty if no rule knows it."
    )
    advice: str = Field(
        default="", description="What to do where no cause is known."
    )
    history: str = Field(
        default="",
        description="Which are new, recur or regressed; empty if not known.",
    )


class ExplanationReport(WireModel):
    """Answer of ``POST doctor/explain`` and ``rsp-health doctor --run``."""

    schema_: Literal["rsp-health.explanation/1"] = Field(
        default="rsp-health.explanation/1", alias="schema"
    )
    run_id: str | None = None
    observed_at: Timestamp
    sentence: str = Field(description="The first cause, told once.")
    explanations: list[Explanation] = Field(
        description="Those with most failures first."
    )
    services: list[SeenServices] = Field(
        default_factory=list,
        description="The platform as it was then, as far as it is known.",
    )
    problems: list[str] = Field(
        default_factory=list,
        description="Rules of the repository or the site that cannot be used, and why.",
    )

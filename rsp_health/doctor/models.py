"""What the doctor found: findings, and the verdict drawn from them.

A finding is made by one of five functions (`ok`, `attention`, `fault`,
`cannot_tell`, `not_applicable`), which ask for what such a finding must have.
The models refuse one that lacks it: nothing is well without evidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from ..wire import Timestamp, WireModel

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "Evidence",
    "Finding",
    "Fix",
    "Moved",
    "PlaybookResult",
    "PlaybookStep",
    "Repair",
    "Report",
    "State",
    "Summary",
    "Symptom",
    "Verdict",
    "Whose",
    "attention",
    "cannot_tell",
    "fault",
    "not_applicable",
    "ok",
]

State = Literal["ok", "attention", "fault", "cannot_tell", "not_applicable"]
"""What is known of one thing."""

Whose = Literal[
    "your_code",
    "your_environment",
    "your_lab",
    "application",
    "platform",
    "network",
    "announced",
    "unknown",
]
"""Whose problem it is."""


class Evidence(WireModel):
    """One thing that was seen."""

    source: str = Field(description="Where: a file, a variable, an address.")
    value: str = Field(description="What was seen there, in words.")
    age_s: float = Field(
        default=0.0, description="Seconds since it was true; 0 is now."
    )


class Fix(WireModel):
    """A change that the doctor can make, and undo."""

    title: str = Field(description="What it does, as an order.")


class Finding(WireModel):
    """What one check found."""

    check: str = Field(default="", description="Id of the check.")
    title: str = Field(default="", description="Its name, for people.")
    state: State
    sentence: str = Field(description="What is so, or why nobody can tell.")
    whose: Whose | None = Field(
        default=None, description="Whose problem; only if there is one."
    )
    evidence: list[Evidence] = Field(default_factory=list)
    next_step: str = Field(
        default="", description="The one thing to do now; empty if well."
    )
    fix: Fix | None = None
    took_s: float = Field(default=0.0, description="Seconds that it took.")

    @model_validator(mode="after")
    def _is_supported(self) -> Self:
        if self.state in {"ok", "attention", "fault"} and not self.evidence:
            raise ValueError(f"{self.state} without evidence")
        is_problem = self.state in {"attention", "fault"}
        if is_problem != (self.whose is not None):
            raise ValueError("whose is for problems, and each has it")
        if is_problem and not self.next_step:
            raise ValueError("a problem without a next step")
        if self.fix is not None and not is_problem:
            raise ValueError("a fix of what is no problem")
        return self


class Moved(WireModel):
    """One thing that is renamed."""

    source: str
    target: str
    problem: str = Field(
        default="", description="Why it is not; empty if it is."
    )


class Repair(WireModel):
    """A fix: what is moved aside, and how to undo that."""

    schema_: Literal["rsp-health.doctor-fix/1"] = Field(
        default="rsp-health.doctor-fix/1", alias="schema"
    )
    id: str = Field(description="For `rsp-health doctor undo ID`.")
    check: str
    state: Literal["planned", "done", "undone", "partly_undone"]
    moves: list[Moved]


class Verdict(WireModel):
    """All findings in one sentence, and what to do first."""

    state: Literal["fault", "attention", "cannot_tell", "ok"]
    sentence: str = Field(description="The first cause, or that none is seen.")
    whose: Whose | None = None
    next_step: str = ""
    check: str | None = Field(
        default=None, description="The check that found the first cause."
    )


class Summary(WireModel):
    """How many findings there are of each state."""

    ok: int = 0
    attention: int = 0
    fault: int = 0
    cannot_tell: int = 0
    not_applicable: int = 0


class Symptom(WireModel):
    """What users notice, and there is a playbook for."""

    id: str = Field(description="For `rsp-health doctor --symptom`.")
    title: str


class PlaybookStep(WireModel):
    """One cause that was looked at."""

    check: str
    title: str
    outcome: Literal[
        "cause", "ruled_out", "not_known", "not_here", "follows"
    ] = Field(description="'follows': it may come of a cause before it.")
    says: str


class PlaybookResult(WireModel):
    """What a playbook concludes."""

    id: str
    title: str
    steps: list[PlaybookStep] = Field(description="The likeliest first.")
    causes: list[str] = Field(description="Checks that found one.")
    verdict: Verdict
    then: str = Field(default="", description="How to see that it is solved.")


class Report(WireModel):
    """Answer of ``GET doctor`` and ``rsp-health doctor --json``."""

    schema_: Literal["rsp-health.doctor/1"] = Field(
        default="rsp-health.doctor/1", alias="schema"
    )
    instance: str | None = Field(description="The platform's host name.")
    observed_at: Timestamp
    verdict: Verdict
    summary: Summary
    findings: list[Finding] = Field(description="The worst first.")
    playbook: PlaybookResult | None = Field(
        default=None, description="If a symptom was named."
    )
    symptoms: list[Symptom] = Field(
        default_factory=list, description="All that can be named."
    )


def ok(sentence: str, *evidence: Evidence) -> Finding:
    """Return the finding that something is well."""
    return Finding(state="ok", sentence=sentence, evidence=list(evidence))


def attention(
    sentence: str,
    *evidence: Evidence,
    whose: Whose,
    next_step: str,
    fix: Fix | None = None,
) -> Finding:
    """Return the finding of what is not broken, and may become so."""
    return _problem(
        "attention", sentence, evidence, whose=whose, step=next_step, fix=fix
    )


def fault(
    sentence: str,
    *evidence: Evidence,
    whose: Whose,
    next_step: str,
    fix: Fix | None = None,
) -> Finding:
    """Return the finding of what is broken."""
    return _problem(
        "fault", sentence, evidence, whose=whose, step=next_step, fix=fix
    )


def _problem(
    state: Literal["attention", "fault"],
    sentence: str,
    evidence: Sequence[Evidence],
    *,
    whose: Whose,
    step: str,
    fix: Fix | None,
) -> Finding:
    return Finding(
        state=state,
        sentence=sentence,
        evidence=list(evidence),
        whose=whose,
        next_step=step,
        fix=fix,
    )


def cannot_tell(why: str, *evidence: Evidence, next_step: str = "") -> Finding:
    """Return that nothing is known, and why."""
    return Finding(
        state="cannot_tell",
        sentence=why,
        evidence=list(evidence),
        next_step=next_step,
    )


def not_applicable(why: str) -> Finding:
    """Return that there is nothing to look at, and why."""
    return Finding(state="not_applicable", sentence=why)

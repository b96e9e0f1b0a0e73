"""What is known of the user's own test bot: ``rsp-health.bot/1``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ...wire import LenientModel, Timestamp, WireModel

__all__ = ["BotDocument", "BotState", "DailySummary", "Phase"]

Phase = Literal["waiting", "running", "paused", "quiet", "ended"]


class DailySummary(LenientModel):
    """What the bot told at the end of a day."""

    at: Timestamp
    text: str = Field(description="In mobu's wording.")


class BotState(LenientModel):
    """What the bot keeps, so that its end at any moment loses nothing."""

    started_at: Timestamp
    every_s: float = Field(gt=0)
    until: Timestamp | None = None
    paths: list[str] = Field(default_factory=list)
    phase: Phase = "waiting"
    reason: str = Field(default="", description="Why it does not run now.")
    next_at: Timestamp | None = Field(
        default=None,
        description="When it runs next, if nothing is in the way.",
    )
    run_id: str | None = Field(
        default=None, description="The run that is not counted yet."
    )
    last_run_id: str | None = None
    cycles: int = Field(default=0, ge=0, description="Runs that ended.")
    missed: int = Field(
        default=0,
        ge=0,
        description="Times at which it was to run, and could not.",
    )
    successes: int = Field(
        default=0, ge=0, description="Notebooks that passed."
    )
    failures: int = Field(
        default=0, ge=0, description="Notebooks that did not."
    )
    told_at: Timestamp | None = Field(
        default=None, description="When the last daily summary was told."
    )
    summaries: list[DailySummary] = Field(
        default_factory=list, description="Of the last 31 days."
    )


class BotDocument(WireModel):
    """What ``rsp-health bot`` tells."""

    schema_: Literal["rsp-health.bot/1"] = Field(
        default="rsp-health.bot/1", alias="schema"
    )
    alive: bool = Field(description="Whether its process is at work.")
    paused_since: Timestamp | None = None
    summary: str = Field(description="In mobu's wording.")
    state: BotState | None = Field(
        default=None, description="Null: there never was one."
    )

"""How the sinks are: ``rsp-health.sinks/1``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ...wire import WireModel

__all__ = ["SinkState", "SinksDocument"]


class SinkState(WireModel):
    """One sink, and what waits for it."""

    name: str
    waiting: int = Field(description="Events that wait to be sent.")
    dropped: int = Field(
        description="Events that found no room since it last worked."
    )
    problem: str = Field(
        default="", description="Why the last attempt failed, if it did."
    )


class SinksDocument(WireModel):
    """What ``rsp-health sinks`` tells."""

    schema_: Literal["rsp-health.sinks/1"] = Field(
        default="rsp-health.sinks/1", alias="schema"
    )
    sinks: list[SinkState] = Field(
        description="Those that are switched on; none by default."
    )

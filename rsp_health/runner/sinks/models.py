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

    def sentence(self) -> str:
        """Say it in words."""
        if not self.waiting:
            text = f"Nothing waits for {self.name}."
        else:
            one = self.waiting == 1
            events = "1 event waits" if one else f"{self.waiting} events wait"
            problem = self.problem or "nothing was sent yet"
            text = f"{events} for {self.name}: {problem}."
        if self.dropped:
            text += f" {self.dropped} older ones found no room, and are lost."
        return text


class SinksDocument(WireModel):
    """What ``rsp-health sinks`` tells."""

    schema_: Literal["rsp-health.sinks/1"] = Field(
        default="rsp-health.sinks/1", alias="schema"
    )
    sinks: list[SinkState] = Field(
        description="Those that are switched on; none by default."
    )

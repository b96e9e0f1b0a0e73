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
    damaged: int = Field(
        default=0,
        description="Events whose files were damaged since it last worked.",
    )
    problem: str = Field(
        default="", description="Why the last attempt failed, if it did."
    )

    def sentence(self) -> str:
        """Say it in words."""
        problem = self.problem.rstrip(".")
        if not self.waiting:
            more = f", but nothing can be sent: {problem}" if problem else ""
            text = f"Nothing waits for {self.name}{more}."
        else:
            verb = "waits" if self.waiting == 1 else "wait"
            why = problem or "nothing was sent yet"
            text = f"{_events(self.waiting)} {verb} for {self.name}: {why}."
        if self.dropped:
            text += f" Lost for lack of room: {_events(self.dropped)}."
        if self.damaged:
            text += f" Lost in damaged files: {_events(self.damaged)}."
        return text


def _events(number: int) -> str:
    return "1 event" if number == 1 else f"{number} events"


class SinksDocument(WireModel):
    """What ``rsp-health sinks`` tells."""

    schema_: Literal["rsp-health.sinks/1"] = Field(
        default="rsp-health.sinks/1", alias="schema"
    )
    sinks: list[SinkState] = Field(
        description="Those that are switched on; none by default."
    )

"""What the report of a site tells, ``rsp-health.site/1``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ...runner.models import NotebookState, RunEnvironment, RunState
from ...status.models import StatusDocument
from ...wire import Timestamp, WireModel

__all__ = ["CheckLine", "SiteDocument", "Unchecked"]


class CheckLine(WireModel):
    """A notebook of the run: how it ended, or why it was not run."""

    notebook: str
    application: str | None
    state: NotebookState
    reason: str | None
    duration_s: float | None
    error: str | None = Field(description="Of the cell that failed.")

    @property
    def why(self) -> str:
        """The reason, and the error where the reason does not tell it."""
        reason, error = self.reason or "", self.error or ""
        return reason if error in reason else f"{reason} {error}".strip()


class Unchecked(WireModel):
    """An application that is deployed and that no notebook checked."""

    application: str
    probed: str = Field(
        description="State of its service as seen from here; empty: nothing "
        "looks at it at all."
    )


class SiteDocument(WireModel):
    """A whole site on one page."""

    schema_: Literal["rsp-health.site/1"] = Field(
        default="rsp-health.site/1", alias="schema"
    )
    made_at: Timestamp
    version: str = Field(description="Version of rsp-health.")
    well: bool
    sentence: str
    status: StatusDocument
    environment: RunEnvironment
    run_id: str | None = Field(description="Null: no checks were run.")
    run_state: RunState | None
    checks: list[CheckLine] = Field(description="The worst first.")
    problems: list[str] = Field(
        description="Rules that could not be applied, and warnings."
    )
    unchecked: list[Unchecked] | None = Field(
        description="Null: it is not known what is deployed."
    )

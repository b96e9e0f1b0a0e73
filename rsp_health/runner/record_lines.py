"""The lines of a record: what each kind says.

One model a kind. A record may be of another version, or damaged: of a line,
what this version does not know or accept is left out, and what is no line at
all is `None`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import FailFast, Field, ValidationError

from ..files.process_identity import ProcessIdentity
from ..wire import KEPT, LenientModel
from .models import (
    CellError,
    RunEnvironment,
    RunMode,
    RunRepository,
    SeenServices,
    UsualTime,
)

__all__ = [
    "LINES",
    "CellFinished",
    "CellOutput",
    "CellStarted",
    "Heartbeat",
    "NotebookFinished",
    "NotebookStarted",
    "RecordLine",
    "RunFinished",
    "RunStarted",
    "ServicesSeen",
    "ToldCell",
    "ToldNotebook",
    "line_of",
]


_Texts = Annotated[list[str], *KEPT]


class ToldCell(LenientModel):
    """A cell before it is run."""

    index: int = Field(description="1-based over code cells, as mobu.")
    id: str | None = None
    source: str = Field(default="", description="First line, for display.")
    source_sha256: str = ""
    usual: UsualTime | None = None


#: One that is wrong spoils all: the others are found by their numbers.
_Cells = Annotated[list[ToldCell], FailFast()]


class ToldNotebook(LenientModel):
    """A notebook of the plan."""

    path: str = Field(description="Relative to the run's folder.")
    application: str | None = None
    selected: bool = True
    reason: str | None = Field(
        default=None, description="Why it is not to be run."
    )
    cells: _Cells = Field(
        default_factory=list,
        description="Empty as well if they are told when it starts.",
    )
    content_sha256: str | None = None
    expected_s: float | None = None
    kernel: str | None = None
    usual: UsualTime | None = None


class _Line(LenientModel):
    kind: str
    at: str = Field(default="", description="When it was written, UTC.")


class RunStarted(_Line):
    """The first line: the plan, and where it is run."""

    kind: Literal["run_started"] = "run_started"
    schema_: Literal["rsp-health.record/1"] = Field(
        default="rsp-health.record/1", alias="schema"
    )
    run_id: str
    mode: RunMode = "jupyter"
    backend: Literal["local", "dask"] = "local"
    jobs: int = 1
    folder: str | None = None
    problems: _Texts = Field(default_factory=list)
    supervisor: ProcessIdentity | None = None
    environment: RunEnvironment = Field(default_factory=RunEnvironment)
    repository: RunRepository | None = None
    notebooks: Annotated[list[ToldNotebook], *KEPT] = Field(
        default_factory=list
    )


class NotebookStarted(_Line):
    """An attempt at a notebook."""

    kind: Literal["notebook_started"] = "notebook_started"
    notebook: str
    attempt: int = 1
    cells: _Cells | None = Field(
        default=None, description="In place of those told before."
    )
    content_sha256: str | None = None


class CellStarted(_Line):
    """A cell was sent to the kernel."""

    kind: Literal["cell_started"] = "cell_started"
    notebook: str
    cell_index: int
    id: str | None = None
    source_sha256: str = ""


class CellOutput(_Line):
    """What a running cell has put out at its end."""

    kind: Literal["cell_output"] = "cell_output"
    notebook: str
    cell_index: int
    text: str = ""
    output_bytes: int = 0


class CellFinished(_Line):
    """How a cell ended."""

    kind: Literal["cell_finished"] = "cell_finished"
    notebook: str
    cell_index: int
    state: str = Field(default="", description="A state of cells.")
    duration_s: float | None = None
    peak_memory_bytes: int | None = Field(default=None, ge=0)
    output_bytes: int = 0
    output_truncated: bool = False
    execution_count: int | None = None
    error: CellError | None = None


class NotebookFinished(_Line):
    """How a notebook ended, after its last attempt."""

    kind: Literal["notebook_finished"] = "notebook_finished"
    notebook: str
    state: str = Field(default="", description="A state of notebooks.")
    reason: str | None = None
    duration_s: float | None = None
    executed_path: str | None = None
    notes: _Texts = Field(default_factory=list)
    cells_cut: bool = Field(
        default=False,
        description="The record is full: cells that passed are not in it.",
    )
    attempt: int | None = Field(
        default=None, description="The attempt that counts, if not the last."
    )


class ServicesSeen(_Line):
    """The platform, as it was when a notebook failed."""

    kind: Literal["services_seen"] = "services_seen"
    services: SeenServices


class RunFinished(_Line):
    """The last line."""

    kind: Literal["run_finished"] = "run_finished"
    state: str = Field(default="", description="A state of notebooks.")
    reason: str | None = None
    duration_s: float | None = None
    python: str | None = Field(
        default=None, description="Version that the notebooks ran in."
    )


class Heartbeat(_Line):
    """The process that runs the notebooks is alive."""

    kind: Literal["heartbeat"] = "heartbeat"


type RecordLine = (
    RunStarted
    | NotebookStarted
    | CellStarted
    | CellOutput
    | CellFinished
    | NotebookFinished
    | ServicesSeen
    | RunFinished
    | Heartbeat
)
#: Kind -> the model of its lines.
LINES: dict[str, type[RecordLine]] = {
    model.model_fields["kind"].default: model
    for model in RecordLine.__value__.__args__
}


def line_of(found: Any) -> RecordLine | None:
    """Return a line of a record; `None` if this is none that is known.

    Parameters
    ----------
    found
        What a line of the file holds, parsed.
    """
    if not isinstance(found, dict) or not isinstance(found.get("kind"), str):
        return None
    model = LINES.get(found["kind"])
    try:
        return None if model is None else model.model_validate(found)
    except ValidationError:
        return None

"""What the runner tells the outside world: ``rsp-health.run/1`` and kin."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..effects import Effects, Load
from ..states import is_problem
from ..wire import KEPT, LenientModel, Timestamp, WireModel

__all__ = [
    "CellError",
    "CellResult",
    "CellState",
    "CopyPurpose",
    "CopyRequest",
    "ExecutedCopy",
    "NotebookResult",
    "NotebookState",
    "RecentResult",
    "RunDocument",
    "RunEnvironment",
    "RunList",
    "RunMode",
    "RunRepository",
    "RunRequest",
    "RunState",
    "RunSummary",
    "RunTotals",
    "SeenService",
    "SeenServices",
    "UsualTime",
]

RunMode = Literal["jupyter", "mobu"]
CopyPurpose = Literal["read", "debug"]
CellState = Literal[
    "queued",
    "running",
    "passed",
    "failed",
    "skipped",
    "not_run",
    "timed_out",
    "died",
    "stopped",
]
NotebookState = Literal[
    "queued",
    "running",
    "passed",
    "failed",
    "timed_out",
    "died",
    "invalid",
    "skipped",
    "stopped",
    "interrupted",
    "error",
]
#: ``unreadable``: its record is damaged, or is not that of a run.
RunState = Literal[NotebookState, "unreadable"]


class UsualTime(LenientModel):
    """What a notebook or a cell usually takes, and what it took.

    Of the last 20 passes before: same source, kernel, backend, line of
    images, CPU limit and number of notebooks at once. An observation, never a
    failure.
    """

    median_s: float
    mad_s: float = Field(
        description="Median absolute deviation: how far passes usually are "
        "from the median."
    )
    n: int = Field(description="Passes that these figures are of.")
    limit_s: float | None = Field(
        default=None,
        description=(
            "Beyond this it is told as slower. Null: too few passes; or "
            "only a second slow one would count, for it is a cell, or one of "
            "the last passes was slow as well."
        ),
    )
    measured_s: float | None = Field(
        default=None,
        description=(
            "What is compared with the median: the seconds of the cell; of a "
            "notebook, of all its cells, without the start of its kernel. "
            "Null until it has passed."
        ),
    )
    slower: bool | None = Field(
        default=None,
        description="Null: it did not pass, or there are too few passes.",
    )


class RecentResult(WireModel):
    """How a notebook ended in one of its last runs."""

    run_id: str
    at: Timestamp
    state: NotebookState
    measured_s: float | None = Field(
        description="Seconds of its cells; null if it did not pass."
    )
    slower: bool | None = None


class CellError(LenientModel):
    """The exception of a failed cell, without ANSI codes."""

    ename: str
    evalue: str
    traceback: str


class CellResult(WireModel):
    """One code cell of one notebook of one run."""

    index: int = Field(ge=1, description="1-based over code cells, as mobu.")
    id: str | None = Field(description="Cell id; null before nbformat 4.5.")
    source_sha256: str
    source: str = Field(default="", description="First line, for display.")
    state: CellState
    started_at: Timestamp | None = None
    duration_s: float | None = None
    peak_memory_bytes: int | None = None
    output_bytes: int = 0
    output_truncated: bool = False
    output_tail: str | None = Field(
        default=None,
        description=(
            "End of its output as plain text, while it runs; kept if the cell "
            "timed out, died or was stopped."
        ),
    )
    error: CellError | None = None
    usual: UsualTime | None = Field(
        default=None, description="Null if it has not passed before."
    )


class NotebookResult(WireModel):
    """One notebook of one run."""

    path: str = Field(
        description=(
            "Relative to the run's folder; a byte of a name that is not UTF-8 "
            "is written as \\xff."
        )
    )
    application: str | None = None
    kernel: str | None = Field(
        default=None, description="Kernelspec that it ran with."
    )
    state: NotebookState
    reason: str | None = None
    started_at: Timestamp | None = None
    duration_s: float | None = None
    attempts: int = 0
    executed_path: str | None = Field(
        default=None,
        description=(
            "Executed copy: relative to the root (what the lab shows as /) "
            "when it is inside, else absolute."
        ),
    )
    content_sha256: str | None = Field(
        default=None,
        description=(
            "Digest of what was run, without outputs and what editors note."
        ),
    )
    expected_s: float | None = Field(
        default=None,
        description="Seconds that it took when it last passed, for an ETA.",
    )
    usual: UsualTime | None = Field(
        default=None, description="Null if it has not passed before."
    )
    fault: str | None = Field(
        default=None,
        description=(
            "What is wrong, in a line that is the same for all notebooks "
            "that failed alike."
        ),
    )
    notes: list[str] = Field(
        default_factory=list,
        description="Worth knowing whatever the state, such as memory use.",
    )
    cells: list[CellResult] = Field(default_factory=list)

    @property
    def failed_cell(self) -> CellResult | None:
        """The cell that it failed in, if it is known."""
        return next((c for c in self.cells if is_problem(c.state)), None)


class RunEnvironment(LenientModel):
    """Where a run took place."""

    instance: str | None = None
    image: str | None = None
    image_description: str | None = None
    kernel: str | None = None
    python: str | None = None
    cpu_limit: float | None = None
    memory_limit_bytes: int | None = None


class RunRepository(LenientModel):
    """The repository whose notebooks were run."""

    url: str | None = None
    ref: str | None = None
    commit: str | None = None


class RunTotals(WireModel):
    """How many notebooks ended how."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    other: int = 0


class SeenService(LenientModel):
    """A service that was not well when a notebook failed."""

    id: str
    title: str
    application: str = ""
    state: str = Field(description="A service state of rsp-health.status/1.")
    evidence: str = ""
    source: str | None = Field(
        default=None, description="URL of the evidence."
    )
    until: Timestamp | None = None
    owner: str | None = None
    affected_by: list[str] = Field(default_factory=list)


class SeenServices(LenientModel):
    """The platform as it was at a time, in short."""

    observed_at: Timestamp
    verdict: str = Field(
        default="unknown", description="Kind of the first cause."
    )
    sentence: str = Field(default="", description="The first cause, in words.")
    next_step: str = ""
    up: Annotated[list[str], *KEPT] = Field(
        default_factory=list,
        description="Ids of the services that were seen to be well.",
    )
    troubled: Annotated[list[SeenService], *KEPT] = Field(
        default_factory=list,
        description="Those of which it was seen, or not known, that they are "
        "not well.",
    )


class RunDocument(WireModel):
    """The result of a run, ``rsp-health.run/1``."""

    schema_: Literal["rsp-health.run/1"] = Field(
        default="rsp-health.run/1", alias="schema"
    )
    run_id: str
    state: RunState
    reason: str | None = None
    mode: RunMode = "jupyter"
    backend: Literal["local", "dask"] = "local"
    jobs: int = Field(default=1, description="Notebooks at once.")
    started_at: Timestamp
    finished_at: Timestamp | None = None
    duration_s: float | None = None
    folder: str | None = Field(
        default=None, description="Absolute folder that paths are relative to."
    )
    environment: RunEnvironment = Field(default_factory=RunEnvironment)
    repository: RunRepository | None = None
    problems: list[str] = Field(
        default_factory=list,
        description="Rules that could not be applied, and warnings before.",
    )
    services: list[SeenServices] = Field(
        default_factory=list,
        description="The platform as it was when notebooks failed.",
    )
    totals: RunTotals = Field(default_factory=RunTotals)
    notebooks: list[NotebookResult] = Field(default_factory=list)


class RunSummary(WireModel):
    """One line of the history."""

    run_id: str
    state: RunState
    mode: RunMode
    started_at: Timestamp
    finished_at: Timestamp | None = None
    duration_s: float | None = None
    folder: str | None = None
    totals: RunTotals
    notebooks: int


class RunList(WireModel):
    """Answer of ``GET runs``, newest first."""

    schema_: Literal["rsp-health.runs/1"] = Field(
        default="rsp-health.runs/1", alias="schema"
    )
    runs: list[RunSummary]
    notices: list[str] = Field(
        default_factory=list,
        description="What its user should know: results that could not be "
        "sent, and the own test bot.",
    )


class RunRequest(WireModel):
    """Body of ``POST runs``.

    Either ``repository`` (an id) or ``paths`` (relative to the root) or both:
    paths are then relative to the repository's checkout.
    """

    repository: str | None = None
    paths: list[str] = Field(default_factory=list, max_length=1000)
    mode: RunMode = "jupyter"
    all: bool = Field(default=False, description="Ignore selection rules.")
    effects: Effects | None = Field(
        default=None,
        description="The most that its notebooks may do; null: what the "
        "site lets every run do.",
    )
    load: Load | None = Field(
        default=None, description="The heaviest of them; null: as above."
    )
    jobs: int = Field(default=1, ge=1, le=16)
    cell_timeout_s: float | None = Field(
        default=None, gt=0, allow_inf_nan=False
    )
    timeout_s: float | None = Field(default=None, gt=0, allow_inf_nan=False)


class CopyRequest(WireModel):
    """Body of ``POST runs/{run_id}/copies``."""

    notebook: str = Field(
        min_length=1, max_length=4096, description="As the run tells it."
    )
    purpose: CopyPurpose = "read"


class ExecutedCopy(WireModel):
    """An executed copy that the lab can open."""

    path: str = Field(description="Relative to the root.")
    created: bool = Field(
        description="False: it was there, perhaps changed by the user."
    )

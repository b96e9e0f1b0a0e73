"""What the server itself tells the front end, beside the features."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ..checkout.models import Inspection
from ..doctor.bundle.models import Flavour
from ..doctor.seen import Browser
from ..effects import Effects, Load
from ..wire import ErrorBody, WireModel

__all__ = [
    "BundleRequest",
    "CheckRequest",
    "ConflictBody",
    "FixRequest",
    "InfoDocument",
    "LabLimits",
    "QueryRequest",
    "RefreshRequest",
    "UndoFixRequest",
]


class LabLimits(WireModel):
    """What this lab may use, as the platform says; null: not said."""

    size: str | None = Field(default=None, description="Size in words.")
    cpu_limit: float | None = Field(default=None, description="Cores.")
    memory_limit_bytes: int | None = None


class InfoDocument(WireModel):
    """Answer of ``GET info``: the handshake of the front end."""

    schema_: Literal["rsp-health.info/1"] = Field(
        default="rsp-health.info/1", alias="schema"
    )
    version: str = Field(description="Version of the server extension.")
    instance: str | None = Field(
        default=None, description="Host name of the platform."
    )
    image: str | None = None
    image_description: str | None = None
    root: str = Field(description="Absolute folder that JupyterLab shows as /")
    features: list[str] = Field(
        description="checkout, runner, status, cleaning."
    )
    cell_timeout_s: float = Field(
        description="Seconds that a cell may run when the caller doesn't say."
    )
    limits: LabLimits = Field(default_factory=LabLimits)


class ConflictBody(ErrorBody):
    """A 409: the error, and what it is in conflict with."""

    inspection: Inspection | None = Field(
        default=None, description="The tree as it is now, if it changed."
    )
    run_id: str | None = Field(
        default=None, description="The run that has the notebook already."
    )
    effects: Effects | None = Field(
        default=None, description="What the run must be asked for."
    )
    load: Load | None = Field(default=None, description="As above.")


class RefreshRequest(WireModel):
    """Body of ``POST services/refresh``."""

    services: list[str] | None = Field(
        default=None,
        max_length=200,
        description="Ids of rows; null: all that cost no quota.",
    )


class QueryRequest(WireModel):
    """Body of ``POST services/query``."""

    service: str = Field(
        min_length=1,
        max_length=200,
        description="Id of the row whose data is read.",
    )


class BundleRequest(WireModel):
    """Body of ``POST doctor/bundle``."""

    flavour: Flavour = "public"
    preview: bool = Field(
        default=True, description="Only tell what would be in it."
    )
    run_id: str | None = Field(
        default=None, pattern=r"^[0-9A-Za-z][0-9A-Za-z-]{0,63}$"
    )
    with_tracebacks: bool = Field(
        default=False, description="They hold lines of the user's code."
    )


class CheckRequest(WireModel):
    """Body of ``POST doctor/checks/{id}``."""

    notebook: str | None = Field(
        default=None,
        max_length=4096,
        description="The notebook in trouble, relative to the root.",
    )
    browser: Browser | None = None


class FixRequest(WireModel):
    """Body of ``POST doctor/fixes/{id}``."""

    dry_run: bool = Field(
        default=True, description="Only say what would be moved."
    )


class UndoFixRequest(WireModel):
    """Body of ``POST doctor/undo``."""

    id: str | None = Field(
        default=None,
        pattern=r"^\d{14}$",
        description="Of the fix; null: the last one.",
    )

"""The base of every model that leaves rsp-health: HTTP, ``--json``, records.

Outward models forbid unknown fields, so that a typo fails a test and the
generated TypeScript is exact. What comes in from the platform is parsed by
tolerant models of its own (`rsp_health.platform.models`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

__all__ = ["ErrorBody", "Timestamp", "WireModel", "utc_now"]


def utc_now() -> datetime:
    """Return the current time, aware and in UTC."""
    return datetime.now(tz=UTC)


def _format(value: datetime) -> str:
    text = value.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


Timestamp = Annotated[datetime, PlainSerializer(_format, return_type=str)]
"""A UTC date and time, written as ``2026-11-20T21:33:41.123Z``."""


class WireModel(BaseModel):
    """A model on the wire: no unknown fields, every field always present."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_serialization_defaults_required=True,
        populate_by_name=True,
        serialize_by_alias=True,
    )


class ErrorBody(WireModel):
    """An error as the HTTP API and ``--json`` tell it."""

    error: str = Field(description="Stable code, snake_case.")
    message: str = Field(description="What happened, and where.")
    hint: str = Field(default="", description="What to do next.")

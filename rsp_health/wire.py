"""The base of every model that leaves rsp-health: HTTP, ``--json``, records.

Outward models forbid unknown fields, so that a typo fails a test and the
generated TypeScript is exact. What comes in from the platform is parsed by
tolerant models of its own (`rsp_health.platform.models`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    FailFast,
    Field,
    PlainSerializer,
    ValidationError,
    WrapValidator,
    model_validator,
)

if TYPE_CHECKING:
    from pydantic import ModelWrapValidatorHandler

__all__ = [
    "KEPT",
    "ErrorBody",
    "LenientModel",
    "Timestamp",
    "WireModel",
    "utc_now",
]


def utc_now() -> datetime:
    """Return the current time, aware and in UTC."""
    return datetime.now(tz=UTC)


def _format(value: datetime) -> str:
    try:
        value = value.astimezone(UTC)
    except OverflowError:
        # The first and last day there are, east or west of UTC.
        value = value.replace(tzinfo=UTC)
    text = value.isoformat(timespec="milliseconds")
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


class LenientModel(WireModel):
    """A model that is also read from what another version has written.

    A field that this version does not know or accept is left out, so that its
    default stands; where there is none, the whole is refused.
    """

    @model_validator(mode="wrap")
    @classmethod
    def _leave_out(
        cls, found: Any, validate: ModelWrapValidatorHandler[Self]
    ) -> Self:
        if not isinstance(found, dict):
            return validate(found)
        known = {
            name: found[name] for name in cls.model_fields if name in found
        }
        try:
            return validate(known)
        except ValidationError as exc:
            errors = exc.errors(
                include_url=False, include_context=False, include_input=False
            )
            for error in errors:
                known.pop(str(error["loc"][0]), None)
            return validate(known)


def _good_items(found: Any, validate: Any) -> list[Any]:
    """Keep the items of a list that are accepted."""
    try:
        return list(validate(found))
    except ValidationError:
        kept: list[Any] = []
        for item in found if isinstance(found, list) else ():
            try:
                kept += validate([item])
            except ValidationError:
                continue
        return kept


#: Of a list in a `LenientModel`, ``Annotated[list[...], *KEPT]``: an item that
#: is not accepted is left out, not the list. The first wrong item ends the
#: first look: there may be half a million.
KEPT = (FailFast(), WrapValidator(_good_items))


class ErrorBody(WireModel):
    """An error as the HTTP API and ``--json`` tell it."""

    error: str = Field(description="Stable code, snake_case.")
    message: str = Field(description="What happened, and where.")
    hint: str = Field(default="", description="What to do next.")

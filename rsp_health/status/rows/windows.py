"""Times in which services are announced not to work, once or each week."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    model_validator,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MaintenanceWindow", "RecurringWindow"]

_DAYS = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)


def _aware(value: datetime) -> datetime:
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
        raise ValueError("no such time zone") from exc
    return value


Moment = Annotated[datetime, AfterValidator(_aware)]


class MaintenanceWindow(BaseModel):
    """A time in which services are announced not to work."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    services: tuple[str, ...] = ("*",)
    start: Moment
    end: Moment
    title: str = "Maintenance"

    @model_validator(mode="after")
    def _has_a_length(self) -> Self:
        if self.end <= self.start:
            raise ValueError("the end must be after the start")
        return self

    def covers(self, service: str, now: datetime) -> bool:
        """Return whether a row (``tap``, ``sia:dp1``) is in it now."""
        if not self.start <= now < self.end:
            return False
        application = service.partition(":")[0]
        return bool({"*", service, application} & set(self.services))


class RecurringWindow(BaseModel):
    """A window of each week, at a time of the clock of its site."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    services: tuple[str, ...] = ("*",)
    weekday: Literal[
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ]
    time: time
    hours: Annotated[float, Field(gt=0, le=48)]
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    title: str = "Maintenance"

    def around(
        self, now: datetime, after: timedelta
    ) -> Iterator[MaintenanceWindow]:
        """Yield the windows that go on now, or begin soon.

        Parameters
        ----------
        now
            The present time.
        after
            How soon.
        """
        zone = ZoneInfo(self.timezone)
        today = now.astimezone(zone).date()
        for days in range(-3, after.days + 3):
            day = today + timedelta(days=days)
            if _DAYS[day.weekday()] != self.weekday:
                continue
            # The clock of the site: an hour of summer time moves it.
            start = datetime.combine(day, self.time, zone).astimezone(UTC)
            end = start + timedelta(hours=self.hours)
            if end > now and start <= now + after:
                yield MaintenanceWindow(
                    services=self.services,
                    start=start,
                    end=end,
                    title=self.title,
                )

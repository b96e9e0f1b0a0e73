"""What is announced for the platform as a whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rsp_health.status.announcements.announced import Announcements
from rsp_health.status.models import Broadcast
from rsp_health.status.rows.catalogue import load
from rsp_health.status.rows.windows import MaintenanceWindow

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def window(*services: str, hours: float = 1) -> MaintenanceWindow:
    return MaintenanceWindow(
        services=services,
        start=NOW - timedelta(minutes=1),
        end=NOW + timedelta(hours=hours),
        title="Patch Thursday",
    )


@pytest.mark.parametrize(
    ("windows", "expected"),
    [
        ((), None),
        ((window("*"),), "Announced: Patch Thursday until 13:00 UTC."),
        ((window("tap"),), None),
    ],
)
def test_windows(
    windows: tuple[MaintenanceWindow, ...], expected: str | None
) -> None:
    catalogue = replace(load(None), windows=windows)
    assert Announcements(catalogue, NOW).sentence() == expected


@pytest.mark.parametrize(
    ("category", "text", "expected"),
    [
        ("outage", "The RSP is down.", True),
        ("notice", "Maintenance of the platform at noon.", True),
        ("info", "The platform has a new logo.", False),
        ("outage", "Something else is down.", False),
    ],
)
def test_broadcasts(category: str, text: str, *, expected: bool) -> None:
    news = Broadcast.model_validate(
        {"id": "b", "category": category, "summary": text}
    )
    found = Announcements(load(None), NOW, [news]).sentence()
    assert (found == f"Announced: {text}") == expected
    assert (found is None) != expected

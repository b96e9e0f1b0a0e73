from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from pydantic import ValidationError

from rsp_health.status.rows.windows import RecurringWindow

DAY = timedelta(hours=24)
PATCHES = RecurringWindow(
    weekday="thursday",
    time=time(15),
    hours=3,
    timezone="America/Los_Angeles",
    title="Patches",
)


@pytest.mark.parametrize(
    ("now", "start"),
    [
        # Winter, and summer: an hour apart by UTC.
        (datetime(2026, 11, 19, 20, tzinfo=UTC), 23),
        (datetime(2026, 7, 16, 20, tzinfo=UTC), 22),
    ],
)
def test_it_follows_the_clock_of_its_place(now: datetime, start: int) -> None:
    (window,) = PATCHES.around(now, DAY)

    assert window.start == now.replace(hour=start)
    assert window.end - window.start == timedelta(hours=3)


def test_one_that_began_yesterday_still_goes_on() -> None:
    late = datetime(2026, 11, 20, 1, tzinfo=UTC)

    (window,) = PATCHES.around(late, timedelta(0))

    assert window.covers("tap", late)


def test_another_day_has_none() -> None:
    monday = datetime(2026, 11, 16, 23, tzinfo=UTC)

    assert list(PATCHES.around(monday, DAY)) == []


@pytest.mark.parametrize(
    "wrong",
    [{"weekday": "someday"}, {"timezone": "Moon/Base"}, {"hours": 0}],
)
def test_what_is_no_window_is_refused(wrong: dict[str, object]) -> None:
    fields = {"weekday": "friday", "time": "12:30", "hours": 2, **wrong}

    with pytest.raises(ValidationError):
        RecurringWindow.model_validate(fields)

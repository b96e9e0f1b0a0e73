from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.status.probes import Verdict
from rsp_health.status.watching.last_day import (
    HALF_HOUR_S,
    HALF_HOURS,
    LastDay,
    Mark,
)

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://data.example.org/api/tap"
GOOD = Verdict(state="up", evidence="fine", latency_s=0.1)
SLOW = Verdict(state="up", evidence="fine", latency_s=2.5)
BAD = Verdict(state="down", evidence="HTTP 503")
NOON = 1_800_000_000.0 - 1_800_000_000.0 % HALF_HOUR_S


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_half_hour_keeps_the_worst_that_was_shown(clock: Clock) -> None:
    day = LastDay(None, clock=clock)
    day.note("tap", URL, "up", GOOD)
    clock.now += 60
    # A single failure turns no row: it is counted, and not shown as down.
    day.note("tap", URL, "up", BAD)
    day.note("tap", URL, "up", SLOW)
    assert day.of("tap", URL) == [(NOON, Mark("up", 3, 1, 2.5))]

    day.note("tap", URL, "down", BAD)
    day.note("tap", URL, "up", GOOD)
    assert day.of("tap", URL) == [(NOON, Mark("down", 5, 2, 2.5))]

    clock.now += HALF_HOUR_S
    day.note("tap", URL, "up", GOOD)
    assert [(at - NOON, mark.state) for at, mark in day.of("tap", URL)] == [
        (0, "down"),
        (HALF_HOUR_S, "up"),
    ]


def test_it_is_a_day_and_no_more(clock: Clock) -> None:
    day = LastDay(None, clock=clock)
    for _ in range(3 * HALF_HOURS):
        day.note("tap", URL, "up", GOOD)
        clock.now += HALF_HOUR_S
    clock.now -= HALF_HOUR_S
    kept = day.of("tap", URL)
    assert len(kept) == HALF_HOURS
    assert kept[-1][0] == clock.now

    # A clock that is set back: what it had promised is no past.
    clock.now -= 10 * HALF_HOUR_S
    assert day.of("tap", URL)[-1][0] == clock.now


def test_another_address_is_another_service(clock: Clock) -> None:
    day = LastDay(None, clock=clock)
    day.note("tap", URL, "down", BAD)
    assert day.of("tap", URL + "2") == []
    day.note("tap", URL + "2", "up", GOOD)
    assert [m.state for _, m in day.of("tap", URL + "2")] == ["up"]


def test_it_outlives_the_server(clock: Clock, tmp_path: Path) -> None:
    file = tmp_path / "cache" / "last-day.json"
    day = LastDay(file, clock=clock)
    day.load()
    day.note("tap", URL, "down", BAD)
    day.note("sia", URL, "up", SLOW)
    assert not day.due, "not at each probe"
    clock.now += 301
    assert day.due
    day.save()
    assert not day.due

    again = LastDay(file, clock=clock)
    again.load()
    assert again.of("tap", URL) == day.of("tap", URL)
    assert again.of("sia", URL) == [(NOON, Mark("up", 1, 0, 2.5))]
    clock.now += HALF_HOURS * HALF_HOUR_S
    assert again.of("tap", URL) == []


def test_two_servers_keep_what_each_saw(clock: Clock, tmp_path: Path) -> None:
    first, second = (LastDay(tmp_path / "x", clock=clock) for _ in range(2))
    first.note("tap", URL, "down", BAD)
    first.save()
    clock.now += HALF_HOUR_S
    second.note("tap", URL, "up", GOOD)
    second.save()
    third = LastDay(tmp_path / "x", clock=clock)
    third.load()
    assert [m.state for _, m in third.of("tap", URL)] == ["down", "up"]


def test_thirty_rows_for_a_year_are_a_small_file(
    clock: Clock, tmp_path: Path
) -> None:
    day = LastDay(tmp_path / "x", clock=clock)
    for _ in range(2 * HALF_HOURS):
        for row in range(30):
            day.note(f"row-{row}", URL, "degraded", BAD)
        clock.now += HALF_HOUR_S
    day.save()
    assert (tmp_path / "x").stat().st_size < 200_000


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "[]",
        "null",
        '{"tap": 1}',
        '{"tap": {}}',
        '{"tap": {"url": null, "marks": [1]}}',
        '{"tap": {"url": null, "marks": [[1, "green", 1, 1, 1]]}}',
        '{"tap": {"url": null, "marks": [["x", "up", 1, 1, 1]]}}',
    ],
)
def test_what_cannot_be_read_is_forgotten(
    kept: str, clock: Clock, tmp_path: Path
) -> None:
    file = tmp_path / "last-day.json"
    file.write_text(kept)
    day = LastDay(file, clock=clock)
    day.load()
    assert day.of("tap", None) == []
    day.note("tap", None, "up", GOOD)
    day.save()
    stored: dict[str, Any] = json.loads(file.read_text())
    assert list(stored) == ["tap"]


def test_a_disk_that_is_full_ends_nothing(
    clock: Clock, tmp_path: Path
) -> None:
    (tmp_path / "cache").write_text("a file where a folder should be")
    day = LastDay(tmp_path / "cache" / "last-day.json", clock=clock)
    day.note("tap", URL, "up", GOOD)
    day.save()
    assert len(day.of("tap", URL)) == 1

"""What the lab itself lacks, with a home that may never answer."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from rsp_health.status.models import LabResources
from rsp_health.status.user.room import Room

GIB = 1024**3


def _room(clock: list[float], **found: Any) -> Room:
    return Room(lambda: LabResources(**found), lambda: clock[0])


@pytest.mark.parametrize(
    ("found", "word"),
    [
        ({}, None),
        ({"disk_free_bytes": 60_000_000}, None),
        ({"disk_free_bytes": 40_000_000}, "home full"),
        ({"memory_used_bytes": 100 * GIB}, None),
        (
            {"memory_used_bytes": 15 * GIB, "memory_limit_bytes": 16 * GIB},
            None,
        ),
        (
            {"memory_used_bytes": 31 * GIB, "memory_limit_bytes": 32 * GIB},
            "memory full",
        ),
    ],
)
def test_only_what_stops_work_is_a_lack(
    found: dict[str, int], word: str | None
) -> None:
    room = _room([0.0], **found)

    asyncio.run(room.look())

    assert (room.lack and room.lack.word) == word


def test_it_is_told_since_when_and_no_longer_than_known() -> None:
    clock = [10.0]
    left = [40_000_000]
    room = Room(
        lambda: LabResources(disk_free_bytes=left[0]), lambda: clock[0]
    )

    asyncio.run(room.look())
    clock[0], left[0] = 20.0, 30_000_000
    asyncio.run(room.look())

    assert room.lack is not None
    assert room.lack.since == 10.0
    assert room.lack.sentence.startswith(
        "Your home is full: only 30 MB are left"
    )
    clock[0] = 90.0
    assert room.lack is None
    left[0] = GIB
    asyncio.run(room.look())
    assert room.lack is None


def test_a_home_that_does_not_answer_is_asked_once_and_delays_nothing() -> (
    None
):
    answers = threading.Event()
    asked: list[threading.Thread] = []

    def read() -> LabResources:
        asked.append(threading.current_thread())
        answers.wait(60.0)
        return LabResources(disk_free_bytes=0)

    room = Room(read, lambda: 0.0)

    async def looks() -> None:
        for _ in range(3):
            await room.look()
        assert room.lack is None
        answers.set()
        await asyncio.to_thread(asked[0].join)
        await asyncio.sleep(0)

    asyncio.run(looks())

    assert room.lack is not None
    # Its thread does not keep the process from ending.
    assert [thread.daemon for thread in asked] == [True]

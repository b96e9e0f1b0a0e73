"""Durations, whatever is done to the clock."""

from __future__ import annotations

import pytest

from rsp_health.notebooks.document import CodeCell
from rsp_health.runner.execution.cell_outcome import RunningCell, duration


@pytest.mark.parametrize(
    ("idle", "measured", "clock_set", "expected"),
    [
        ("12:00:02.5", 2.6, 0.0, 2.5),
        # The messages came late.
        ("12:00:02.5", 9.0, 0.0, 2.5),
        # The clock was set while it ran: back, back a little, on.
        ("11:00:02.5", 2.6, 0.0, 2.6),
        ("12:00:01.5", 62.6, -61.0, 62.6),
        ("13:00:02.5", 2.6, 0.0, 2.6),
        ("", 2.6, 0.0, 2.6),
    ],
)
def test_durations(
    idle: str, measured: float, clock_set: float, expected: float
) -> None:
    cell = CodeCell(index=1, cell={}, id=None, source="", tags=frozenset())
    running = RunningCell(cell=cell, message_id="1", began=0, last_heard=0)
    running.busy_at = "2026-11-21T12:00:00+00:00"
    running.idle_at = f"2026-11-21T{idle}+00:00" if idle else None
    running.clock -= clock_set
    assert duration(running, measured) == expected

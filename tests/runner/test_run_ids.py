"""A run's id sorts by time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rsp_health.runner import run_ids
from rsp_health.runner.run_ids import new_run_id, valid_run_id

if TYPE_CHECKING:
    import pytest


def test_runs_of_one_second_are_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moments = [
        datetime(2026, 11, 21, 10, 0, 0, micro, tzinfo=UTC)
        for micro in (0, 20, 500_000, 999_999)
    ]
    upcoming = iter(moments)
    monkeypatch.setattr(run_ids, "_now", lambda: next(upcoming))
    made = [new_run_id() for _ in moments]
    assert made == sorted(set(made))
    assert all(valid_run_id(run_id) for run_id in made)

"""Comparisons and trends over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.runner.timings.runs import book, keep, make_run

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    type Call = Callable[..., Awaitable[tuple[int, Any]]]

TAP = "/home/me/checks/tap.ipynb"


@pytest.fixture
def runs(tmp_path: Path) -> list[str]:
    data = tmp_path / "rsp-health"
    kept = [
        make_run(1, book(1.0, 2.0)),
        make_run(2, book(1.0, 2.0, state="failed")),
    ]
    for run in kept:
        keep(data, run, record=True)
    return [run.run_id for run in kept]


async def test_two_runs_are_compared(call: Call, runs: list[str]) -> None:
    arguments = {"before": runs[0], "after": runs[1]}
    status, found = await call("GET", "comparison", params=arguments)
    assert (status, found["schema"]) == (200, "rsp-health.comparison/1")
    assert [one["kind"] for one in found["differences"]] == ["newly_failing"]


async def test_what_cannot_be_compared_is_said(
    call: Call, runs: list[str]
) -> None:
    for arguments in ({}, {"before": runs[0]}, {"before": "../x"}):
        status, found = await call("GET", "comparison", params=arguments)
        assert (status, found["error"]) == (404, "no_such_run")


async def test_the_trend_of_all_and_of_one(
    call: Call, runs: list[str]
) -> None:
    status, found = await call("GET", "trend")
    assert (status, found["schema"]) == (200, "rsp-health.trend/1")
    assert [one["notebook"] for one in found["notebooks"]] == [TAP]
    status, found = await call("GET", "trend", params={"notebook": TAP})
    (notebook,) = found["notebooks"]
    assert [one["run_id"] for one in notebook["results"]] == runs
    assert [cell["times_s"] for cell in notebook["cells"]] == [
        [1.0, None],
        [2.0, None],
    ]


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        ({"notebook": "/nothing"}, 404, "never_run"),
        ({"limit": "0"}, 422, "invalid_request"),
        ({"limit": "x"}, 422, "invalid_request"),
    ],
)
async def test_a_wrong_trend_is_refused(
    call: Call,
    runs: list[str],
    arguments: dict[str, str],
    status: int,
    code: str,
) -> None:
    found = await call("GET", "trend", params=arguments)
    assert (found[0], found[1]["error"]) == (status, code)

"""Why something failed, over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    type Call = Callable[..., Awaitable[tuple[int, Any]]]


async def test_the_error_of_a_cell_is_explained(call: Call) -> None:
    error = {
        "ename": "ModuleNotFoundError",
        "evalue": "No module named 'lsst'",
        "kernel": "python3",
    }

    status, report = await call(
        "POST", "doctor/explain", body={"error": error}
    )

    assert (status, report["schema"]) == (200, "rsp-health.explanation/1")
    cause = report["explanations"][0]["causes"][0]
    assert (cause["rule"], cause["certainty"]) == (
        "kernel.not_lsst",
        "stated",
    )


@pytest.mark.parametrize(
    ("asked", "status", "error"),
    [
        ({}, 422, "invalid_request"),
        ({"run_id": "20260101T000000Z-0000"}, 404, "no_such_run"),
        ({"run_id": "../../etc"}, 404, "no_such_run"),
        ({"service": "nothing"}, 404, "no_trouble"),
        ({"error": {"age_s": -1}}, 422, "invalid_request"),
        ({"error": {"ename": "x" * 70_000}}, 413, "body_too_large"),
        ({"error": 3}, 422, "invalid_request"),
    ],
)
async def test_what_cannot_be_explained_is_told(
    call: Call, asked: dict[str, Any], status: int, error: str
) -> None:
    code, answer = await call("POST", "doctor/explain", body=asked)

    assert (code, answer["error"]) == (status, error)
    assert answer["hint"]

"""The doctor over HTTP: the same command, in a process of its own."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    type Call = Callable[..., Awaitable[tuple[int, Any]]]


async def test_some_checks_are_run(call: Call) -> None:
    status, report = await call(
        "GET", "doctor", params={"check": "kernel.setups"}
    )

    assert (status, report["schema"]) == (200, "rsp-health.doctor/1")
    assert [f["check"] for f in report["findings"]] == ["kernel.setups"]


@pytest.mark.parametrize(
    ("check", "error"),
    [
        ("no.such", "no_such_check"),
        ("--help", "no_such_check"),
        ("x" * 100, "invalid_request"),
        ("", "invalid_request"),
    ],
)
async def test_a_check_that_does_not_exist_is_told(
    call: Call, check: str, error: str
) -> None:
    status, answer = await call("GET", "doctor", params={"check": check})

    assert (status, answer["error"]) == (422, error)


async def test_who_asks_at_the_same_time_gets_the_same_look(
    call: Call,
) -> None:
    params = {"check": "kernel.setups"}

    answers = await asyncio.gather(
        *(call("GET", "doctor", params=params) for _ in range(3))
    )

    assert len({report["observed_at"] for _, report in answers}) == 1


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("#!/bin/sh\nexit 0\n", "it ended without a report"),
        ("#!/bin/sh\nsleep 600\n", "it did not end in"),
        (None, "it cannot be started"),
    ],
)
async def test_a_doctor_that_fails_is_told(
    call: Call,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    program: str | None,
    told: str,
) -> None:
    path = tmp_path / "python"
    if program is not None:
        path.write_text(program)
        path.chmod(0o755)
    monkeypatch.setattr("rsp_health.server.jobs.doctor._LIMIT_S", 1.0)
    monkeypatch.setattr(sys, "executable", str(path))

    status, answer = await call("GET", "doctor")

    assert (status, answer["error"]) == (422, "doctor_failed")
    assert told in answer["message"]

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

#: Each look is a process of its own, with one more for each check.
pytestmark = pytest.mark.slow


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


async def test_a_symptom_is_walked(call: Call) -> None:
    status, report = await call(
        "GET", "doctor", params={"symptom": "home-full"}
    )

    assert status == 200
    assert report["playbook"]["id"] == "home-full"
    assert {f["check"] for f in report["findings"]} == {
        "home.space",
        "lab.start",
        "identity",
    }
    status, answer = await call("GET", "doctor", params={"symptom": "--seen"})
    assert (status, answer["error"]) == (422, "no_such_symptom")


async def test_the_browser_tells_of_its_websocket(call: Call) -> None:
    status, report = await call(
        "POST",
        "doctor/checks/net.websocket",
        body={"browser": {"websocket": "refused", "took_s": 0.2}},
    )

    assert status == 200
    (found,) = report["findings"]
    assert (found["check"], found["state"]) == ("net.websocket", "fault")


async def test_the_browsers_websocket_is_part_of_a_symptom(
    call: Call,
) -> None:
    params = {"check": "net.websocket", "websocket": "late", "took_s": "5"}

    status, report = await call("GET", "doctor", params=params)
    assert (status, report["verdict"]["state"]) == (200, "fault")

    params["websocket"] = "perhaps"
    status, answer = await call("GET", "doctor", params=params)
    assert (status, answer["error"]) == (422, "invalid_request")


async def test_a_notebook_is_looked_at_below_the_root_only(
    call: Call, jp_root_dir: Path
) -> None:
    (jp_root_dir / "a.ipynb").write_text("<<<<<<< mine\n")

    status, report = await call(
        "POST", "doctor/checks/notebook.save", body={"notebook": "a.ipynb"}
    )
    assert status == 200
    assert report["findings"][0]["state"] == "fault"

    status, _ = await call(
        "POST", "doctor/checks/notebook.save", body={"notebook": "../../etc"}
    )
    assert status == 422


async def test_what_offers_no_fix_is_refused(call: Call) -> None:
    for path, error in (
        ("doctor/fixes/identity", "no_fix"),
        ("doctor/fixes/no.such", "no_such_check"),
    ):
        status, answer = await call("POST", path, body={})
        assert (status, answer["error"]) == (422, error)

    status, answer = await call("POST", "doctor/undo", body={})
    assert (status, answer["error"]) == (404, "nothing_to_undo")


async def test_where_the_logs_are_is_told(call: Call) -> None:
    status, answer = await call("GET", "doctor/logs")

    assert (status, answer["schema"]) == (200, "rsp-health.doctor-logs/1")
    # What a lab cannot read is said, too.
    assert "Log of this Jupyter server" in {
        place["title"]
        for place in answer["places"]
        if place["state"] == "elsewhere"
    }


async def test_a_bundle_is_previewed_and_made(
    call: Call, jp_root_dir: Path
) -> None:
    status, preview = await call("POST", "doctor/bundle", body={})

    assert (status, preview["path"]) == (200, None)
    assert preview["summary"].startswith("## What is wrong")
    assert set(preview["texts"]) == {f["name"] for f in preview["files"]}

    status, made = await call(
        "POST", "doctor/bundle", body={"flavour": "staff", "preview": False}
    )
    folder = jp_root_dir / "rsp-health-bundles"
    assert status == 200
    assert [str(path) for path in folder.iterdir()] == [made["path"]]
    assert made["texts"] == {}

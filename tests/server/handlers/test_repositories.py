"""Repositories over HTTP, with the real checkout feature and a real git."""

from __future__ import annotations

import asyncio
import json
import subprocess
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.events import EventRecorder

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from jupyter_server.serverapp import ServerApp

    from rsp_health.server.features import Features

    type Call = Callable[..., Awaitable[tuple[int, Any]]]

NOTEBOOK = {
    "cells": [],
    "metadata": {"mobu": {"required_applications": ["tap"]}},
    "nbformat": 4,
    "nbformat_minor": 5,
}
PLACE = "notebooks/rsp-health/system-test"


def git(*args: str, folder: Path) -> None:
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *args],
        cwd=folder,
        check=True,
        capture_output=True,
    )


def program_in(folder: Path) -> subprocess.Popen[bytes]:
    """Start what stays in a folder until it is killed."""
    return subprocess.Popen(["sleep", "60"], cwd=folder)


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    folder = tmp_path / "upstream"
    folder.mkdir()
    git("init", "--quiet", "--initial-branch=main", folder=folder)
    (folder / "tap.ipynb").write_text(json.dumps(NOTEBOOK))
    git("add", ".", folder=folder)
    git("commit", "--quiet", "-m", "first", folder=folder)
    return folder


@pytest.fixture
def health_config(upstream: Path) -> dict[str, Any]:
    return {
        "allowed_git_protocols": ["file"],
        "repositories": [
            {
                "id": "system-test",
                "title": "System test",
                "url": upstream.as_uri(),
            }
        ],
    }


@pytest.fixture
def recorder(jp_serverapp: ServerApp) -> EventRecorder:
    return EventRecorder(jp_serverapp.event_logger)


async def inspect(call: Call) -> dict[str, Any]:
    status, body = await call("POST", "repositories/system-test/inspect", {})
    assert status == 200
    found: dict[str, Any] = body
    return found


async def end(recorder: EventRecorder, operation: dict[str, Any]) -> Any:
    return await recorder.until(
        "checkout",
        lambda e: e["id"] == operation["id"] and e["state"] != "running",
    )


async def check_out(call: Call, recorder: EventRecorder) -> dict[str, Any]:
    inspection = await inspect(call)
    status, operation = await call(
        "POST",
        "repositories/system-test/checkout",
        {"fingerprint": inspection["fingerprint"]},
    )
    assert (status, operation["state"]) == (202, "running")
    ended: dict[str, Any] = await end(recorder, operation)
    assert ended["state"] == "done", ended
    return ended


async def test_check_out_change_restore_remove(
    call: Call, recorder: EventRecorder, jp_root_dir: Path
) -> None:
    status, body = await call("GET", "repositories")
    assert status == 200
    assert [r["state"] for r in body["repositories"]] == ["absent"]
    assert (await call("GET", "repositories/system-test/operation"))[0] == 404

    first = await check_out(call, recorder)
    assert (first["directory"], first["backup"]) == (PLACE, None)
    notebook = jp_root_dir / PLACE / "tap.ipynb"
    assert json.loads(notebook.read_text()) == NOTEBOOK
    phases = {event["phase"] for event in recorder.of("checkout")}
    assert {"Asking upstream", "Done"} <= phases

    notebook.write_text("mine")
    second = await check_out(call, recorder)
    assert second["backup"]
    status, body = await call("GET", "repositories/system-test/backups")
    assert [b["id"] for b in body["backups"]] == [second["backup"]]
    assert json.loads(notebook.read_text()) == NOTEBOOK

    status, operation = await call(
        "POST",
        "repositories/system-test/restore",
        {"backup": second["backup"]},
    )
    assert (status, operation["kind"]) == (202, "restore")
    assert (await end(recorder, operation))["state"] == "done"
    assert notebook.read_text() == "mine"

    status, operation = await call("POST", "repositories/system-test/remove")
    assert (status, operation["kind"]) == (202, "remove")
    removed = await end(recorder, operation)
    assert (removed["state"], bool(removed["backup"])) == ("done", True)
    assert not notebook.exists()
    assert await call("GET", "repositories/system-test/operation") == (
        200,
        removed,
    )
    status, body = await call("POST", "repositories/system-test/cancel")
    assert (status, body["state"]) == (202, "done")


async def test_a_changed_tree_is_not_overwritten(
    call: Call, recorder: EventRecorder, jp_root_dir: Path
) -> None:
    done = await check_out(call, recorder)
    told = len(recorder.of("checkout"))
    old = await inspect(call)
    (jp_root_dir / PLACE / "notes.txt").write_text("mine")
    status, body = await call(
        "POST",
        "repositories/system-test/checkout",
        {"fingerprint": old["fingerprint"]},
    )
    assert (status, body["error"], body["run_id"]) == (409, "changed", None)
    fresh = body["inspection"]
    assert [c["path"] for c in fresh["changes"]] == ["notes.txt"]
    assert fresh["fingerprint"] != old["fingerprint"]
    # It is told to who asked, and to nobody else: nothing was done.
    assert len(recorder.of("checkout")) == told
    _, last = await call("GET", "repositories/system-test/operation")
    assert last["id"] == done["id"]
    assert (jp_root_dir / PLACE / "notes.txt").read_text() == "mine"
    status, _ = await call(
        "POST",
        "repositories/system-test/checkout",
        {"fingerprint": fresh["fingerprint"]},
    )
    assert status == 202


async def test_inspection_names_running_kernels(
    call: Call,
    recorder: EventRecorder,
    jp_serverapp: ServerApp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await check_out(call, recorder)

    async def list_sessions() -> list[dict[str, str]]:
        return [
            {"path": f"{PLACE}/tap.ipynb"},
            {"path": f"{PLACE}/sub/é.ipynb"},
            {"path": f"{PLACE}-other/tap.ipynb"},
            {"path": "console-1"},
            {"path": "../../elsewhere.ipynb"},
        ]

    monkeypatch.setattr(
        jp_serverapp.session_manager, "list_sessions", list_sessions
    )
    assert (await inspect(call))["kernels"] == ["sub/é.ipynb", "tap.ipynb"]


async def test_a_kernel_is_told_once(
    call: Call,
    recorder: EventRecorder,
    jp_root_dir: Path,
    jp_serverapp: ServerApp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By its notebook; other programs in the folder by their processes."""
    await check_out(call, recorder)
    tree = jp_root_dir / PLACE
    with program_in(tree) as kernel, program_in(tree) as other:

        async def list_sessions() -> list[dict[str, Any]]:
            return [{"path": f"{PLACE}/tap.ipynb", "kernel": {"id": "k"}}]

        manager = SimpleNamespace(provisioner=SimpleNamespace(process=kernel))
        monkeypatch.setattr(
            jp_serverapp.session_manager, "list_sessions", list_sessions
        )
        monkeypatch.setattr(
            jp_serverapp.kernel_manager, "get_kernel", {"k": manager}.get
        )
        found = await inspect(call)
        kernel.kill()
        other.kill()
    assert found["kernels"] == ["tap.ipynb"]
    assert found["processes"] == [f"sleep ({other.pid})"]


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("nowhere/inspect", {}, (404, "no_such_repository")),
        (
            "nowhere/checkout",
            {"fingerprint": "x"},
            (404, "no_such_repository"),
        ),
        ("nowhere/remove", None, (404, "no_such_repository")),
        ("nowhere/cancel", None, (404, "no_operation")),
        ("system-test/checkout", {}, (422, "invalid_request")),
        (
            "system-test/checkout",
            {"fingerprint": "x", "ref": "--upload-pack=x"},
            (422, "bad_ref"),
        ),
        ("system-test/inspect", {"ref": "a..b"}, (422, "bad_ref")),
        ("system-test/checkout", {"fingerprint": "x"}, (409, "changed")),
        ("system-test/restore", {"backup": "../x"}, (404, "no_such_backup")),
        ("Bad_Id/inspect", {}, (404, "not_found")),
    ],
)
async def test_refusals(
    call: Call, path: str, body: Any, expected: tuple[int, str]
) -> None:
    status, answer = await call("POST", f"repositories/{path}", body)
    assert (status, answer["error"]) == expected
    assert answer["message"]


async def test_one_operation_at_a_time(
    call: Call, features: Features, recorder: EventRecorder
) -> None:
    inspection = await inspect(call)
    answers = await asyncio.gather(
        *(
            call(
                "POST",
                "repositories/system-test/checkout",
                {"fingerprint": inspection["fingerprint"]},
            )
            for _ in range(10)
        )
    )
    started = [body for status, body in answers if status == 202]
    refused = [body for status, body in answers if status == 409]
    assert (len(started), len(refused)) == (1, 9)
    assert {body["error"] for body in refused} <= {"locked", "changed"}
    assert (await end(recorder, started[0]))["state"] == "done"
    _, body = await call("GET", "repositories")
    assert body["repositories"][0]["state"] == "present"
    assert body["repositories"][0]["operation"] is None


@pytest.mark.parametrize(
    "health_config", [{"repositories": [{"id": "x", "url": "ext::sh"}]}]
)
async def test_a_wrong_configuration_is_told(call: Call) -> None:
    status, body = await call("GET", "repositories")
    assert status == 200
    assert body["repositories"] == []
    assert len(body["problems"]) == 1
    assert (await call("GET", "info"))[0] == 200

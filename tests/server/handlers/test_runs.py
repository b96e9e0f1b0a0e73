"""Runs over HTTP: a real process, a real kernel, a real record."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from tests.support.events import EventRecorder

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from jupyter_server.serverapp import ServerApp

    from rsp_health.server.features import Features

    type Call = Callable[..., Awaitable[tuple[int, Any]]]


def write_notebook(path: Path, *sources: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = nbformat.v4.new_notebook(
        cells=cells,
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3"}
        },
    )
    path.write_text(nbformat.writes(notebook))


@pytest.fixture
def recorder(jp_serverapp: ServerApp, features: Features) -> EventRecorder:
    features.run_events.start()
    return EventRecorder(jp_serverapp.event_logger)


async def finished(recorder: EventRecorder, run_id: str) -> dict[str, Any]:
    return await recorder.until(
        "run",
        lambda e: e["run_id"] == run_id and e["kind"] == "run_finished",
    )


async def test_a_run_from_start_to_report(
    call: Call,
    recorder: EventRecorder,
    jp_root_dir: Path,
    jp_fetch: Any,
) -> None:
    write_notebook(jp_root_dir / "sub" / "good.ipynb", "1 + 1", "print('hi')")
    write_notebook(
        jp_root_dir / "sub" / "bad.ipynb", "raise ValueError('s3cret')", "2"
    )
    status, summary = await call("POST", "runs", {"paths": ["sub"]})
    assert status == 201, summary
    run_id = summary["run_id"]
    assert (summary["state"], summary["notebooks"]) == ("running", 2)

    end = await finished(recorder, run_id)
    assert end["state"] == "failed"
    cells = [
        (e["notebook"], e["cell_index"], e["state"])
        for e in recorder.of("run")
        if e["kind"] == "cell_finished"
    ]
    assert sorted(cells) == [
        ("sub/bad.ipynb", 1, "failed"),
        ("sub/good.ipynb", 1, "passed"),
        ("sub/good.ipynb", 2, "passed"),
    ]
    assert "s3cret" not in str(recorder.events)

    status, document = await call("GET", f"runs/{run_id}")
    assert (status, document["schema"]) == (200, "rsp-health.run/1")
    states = {n["path"]: n["state"] for n in document["notebooks"]}
    assert states == {"sub/bad.ipynb": "failed", "sub/good.ipynb": "passed"}
    status, runs = await call("GET", "runs", params={"limit": "1"})
    assert [r["run_id"] for r in runs["runs"]] == [run_id]
    status, document = await call("POST", f"runs/{run_id}/stop")
    assert (status, document["state"]) == (200, "failed")

    for notebook, expected in (
        ("sub/good.ipynb", 201),
        ("sub/good.ipynb", 200),
        ("sub/none.ipynb", 404),
        ("", 422),
    ):
        status, copy = await call(
            "POST", f"runs/{run_id}/copies", {"notebook": notebook}
        )
        assert status == expected, copy
    path = f"rsp-health-runs/{run_id}/sub/good.ipynb"
    outputs = nbformat.read(jp_root_dir / path, 4).cells[1].outputs
    assert outputs[0].text == "hi\n"

    for kind, start in (("json", b"{"), ("junit", b"<"), ("html", b"<!")):
        response = await jp_fetch(
            "rsp-health", "runs", run_id, "report", params={"format": kind}
        )
        assert response.body.lstrip().startswith(start)
        headers = response.headers
        assert headers["Content-Disposition"].startswith("attachment;")
        assert headers["X-Content-Type-Options"] == "nosniff"
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert policy.endswith("sandbox")


async def test_a_notebook_runs_once_at_a_time(
    call: Call,
    recorder: EventRecorder,
    features: Features,
    jp_serverapp: ServerApp,
    jp_root_dir: Path,
) -> None:
    write_notebook(jp_root_dir / "slow.ipynb", "import time; time.sleep(600)")
    write_notebook(jp_root_dir / "other.ipynb", "1")
    answers = await asyncio.gather(
        *(call("POST", "runs", {"paths": ["slow.ipynb"]}) for _ in range(3))
    )
    assert sorted(status for status, _ in answers) == [201, 409, 409]
    (run_id,) = (body["run_id"] for status, body in answers if status == 201)
    for status, body in answers:
        if status == 409:
            assert (body["error"], body["run_id"]) == (
                "already_running",
                run_id,
            )
    # The folder holds it, too.
    assert (await call("POST", "runs", {"paths": ["."]}))[0] == 409

    await recorder.until("run", lambda e: e["kind"] == "cell_started")
    # Busy, and silent: all the same it is activity.
    before = jp_serverapp.web_app.last_activity()
    await asyncio.to_thread(features.run_events.step)
    assert jp_serverapp.web_app.last_activity() > before

    status, _ = await call("POST", f"runs/{run_id}/stop")
    assert status == 200
    assert (await finished(recorder, run_id))["state"] == "stopped"
    status, _ = await call("POST", "runs", {"paths": ["other.ipynb"]})
    assert status == 201
    await recorder.until(
        "run", lambda e: e["kind"] == "run_finished" and e["state"] == "passed"
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (422, "invalid_request")),
        ({"paths": ["../outside.ipynb"]}, (422, "outside_root")),
        ({"paths": ["/etc"]}, (422, "outside_root")),
        ({"paths": ["nowhere.ipynb"]}, (404, "no_such_notebook")),
        ({"repository": "nonesuch"}, (404, "no_such_repository")),
        ({"repository": "system-test"}, (404, "not_checked_out")),
        ({"paths": ["."], "jobs": 0}, (422, "invalid_request")),
        ({"paths": ["."], "mode": "dask"}, (422, "invalid_request")),
    ],
)
async def test_refused_starts(
    call: Call, body: dict[str, Any], expected: tuple[int, str]
) -> None:
    status, answer = await call("POST", "runs", body)
    assert (status, answer["error"]) == expected
    assert (await call("GET", "runs"))[1]["runs"] == []


async def test_a_link_is_run_under_its_own_name(
    call: Call, recorder: EventRecorder, jp_root_dir: Path, tmp_path: Path
) -> None:
    write_notebook(jp_root_dir / "real" / "a.ipynb", "1")
    (jp_root_dir / "linked").symlink_to("real")
    (jp_root_dir / "real" / "b.ipynb").symlink_to("a.ipynb")
    (jp_root_dir / "out.ipynb").symlink_to(tmp_path / "out.ipynb")
    write_notebook(tmp_path / "out.ipynb", "1")
    status, summary = await call("POST", "runs", {"paths": ["linked/b.ipynb"]})
    assert status == 201, summary
    await finished(recorder, summary["run_id"])
    _, document = await call("GET", f"runs/{summary['run_id']}")
    found = [(n["path"], n["state"]) for n in document["notebooks"]]
    assert found == [("real/b.ipynb", "passed")]
    status, answer = await call("POST", "runs", {"paths": ["out.ipynb"]})
    assert (status, answer["error"]) == (422, "outside_root")


@pytest.mark.parametrize(
    ("path", "params", "expected"),
    [
        ("runs/20260101T000000Z-0000", None, (404, "no_such_run")),
        ("runs/20260101T000000Z-0000/report", None, (404, "no_such_run")),
        ("runs/x", None, (404, "no_such_run")),
        ("runs", {"limit": "0"}, (422, "invalid_request")),
        ("runs", {"limit": "9" * 50}, (422, "invalid_request")),
        ("runs", {"limit": "-1"}, (422, "invalid_request")),
        ("runs/x/report", {"format": "pdf"}, (422, "invalid_request")),
        ("notebooks", None, (422, "invalid_request")),
        ("notebooks", {"repository": "../x"}, (422, "invalid_request")),
        ("notebooks", {"repository": "x"}, (404, "no_such_repository")),
        ("notebooks", {"repository": "system-test"}, (404, "not_checked_out")),
    ],
)
async def test_refused_reads(
    call: Call,
    path: str,
    params: dict[str, str] | None,
    expected: tuple[int, str],
) -> None:
    status, answer = await call("GET", path, params=params)
    assert (status, answer["error"]) == expected


async def test_a_run_of_a_checkout(
    call: Call, recorder: EventRecorder, jp_root_dir: Path, features: Features
) -> None:
    checkout = jp_root_dir / "notebooks" / "rsp-health" / "system-test"
    write_notebook(checkout / "tap.ipynb", "1")
    write_notebook(checkout / "excluded" / "x.ipynb", "1")
    (checkout / "mobu.yaml").write_text(
        json.dumps({"exclude_dirs": ["excluded"]})
    )
    url = "https://example.com/system-test.git"
    (checkout / ".git").mkdir()
    (checkout / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (checkout / ".git" / "config").write_text(
        f'[remote "origin"]\n\turl = {url}\n'
    )
    status, listed = await call(
        "GET", "notebooks", params={"repository": "system-test"}
    )
    assert status == 200, listed
    selected = {n["path"]: n["selected"] for n in listed["notebooks"]}
    assert selected["tap.ipynb"] is True
    assert all(n["modified_at"].endswith("Z") for n in listed["notebooks"])
    assert selected.get("excluded/x.ipynb", False) is False
    status, summary = await call("POST", "runs", {"repository": "system-test"})
    assert status == 201, summary
    assert summary["folder"] == str(checkout)
    end = await finished(recorder, summary["run_id"])
    assert end["state"] == "passed"
    _, document = await call("GET", f"runs/{summary['run_id']}")
    assert document["repository"] == {
        "url": url,
        "ref": "main",
        "commit": None,
    }


async def test_a_name_alone_commands_no_hardware(
    call: Call, recorder: EventRecorder, jp_root_dir: Path
) -> None:
    write_notebook(jp_root_dir / "sub" / "a.ipynb", "1")
    path = jp_root_dir / "sub" / "mover.ipynb"
    write_notebook(path, "1")
    content = json.loads(path.read_text())
    content["metadata"]["rsp_health"] = {"effects": "hardware"}
    path.write_text(json.dumps(content))
    body = {"paths": ["sub/mover.ipynb"], "all": True}
    status, answer = await call("POST", "runs", body)
    assert (status, answer["error"]) == (409, "must_ask")
    assert (answer["effects"], answer["load"]) == ("hardware", "moderate")
    assert (await call("GET", "runs"))[1]["runs"] == []

    states = {}
    asked = {"effects": answer["effects"], "load": answer["load"]}
    bodies = [{"paths": ["sub"]}, {**body, **asked}]
    for number, one in enumerate(bodies):
        status, summary = await call("POST", "runs", one)
        assert status == 201, summary
        await finished(recorder, summary["run_id"])
        _, run = await call("GET", f"runs/{summary['run_id']}")
        for notebook in run["notebooks"]:
            name = notebook["path"].removeprefix("sub/")
            states[number, name] = notebook["state"]
    assert states == {
        (0, "a.ipynb"): "passed",
        (0, "mover.ipynb"): "skipped",
        (1, "mover.ipynb"): "passed",
    }

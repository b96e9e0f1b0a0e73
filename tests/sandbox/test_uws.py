"""Asynchronous queries: IVOA UWS 1.1, as a client meets it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from defusedxml import ElementTree

if TYPE_CHECKING:
    import httpx

    from rsp_health.sandbox.app import SandboxServer

UWS = "{http://www.ivoa.net/xml/UWS/v1.0}"
ASYNC = "/api/tap/async"
QUERY = {"LANG": "ADQL", "QUERY": "SELECT TOP 2 visit FROM dp1.Visit"}


@pytest.fixture(autouse=True)
def own_clock(
    sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> list[float]:
    now = [sandbox.state.now()]
    for owner in (sandbox.state, sandbox.state.jobs):
        monkeypatch.setattr(owner, "_clock", lambda: now[0])
    sandbox.state.jobs.clear()
    return now


def _job(lab: httpx.Client, **parameters: str) -> str:
    response = lab.post(ASYNC, data=QUERY | parameters)
    assert response.status_code == 303
    return response.headers["Location"]


def _text(lab: httpx.Client, url: str) -> str:
    return lab.get(url).text


def test_a_job_waits_runs_and_ends(
    lab: httpx.Client, own_clock: list[float]
) -> None:
    url = _job(lab)
    assert _text(lab, f"{url}/phase") == "PENDING"

    assert lab.post(f"{url}/phase", data={"PHASE": "RUN"}).status_code == 303
    assert _text(lab, f"{url}/phase") == "QUEUED"
    own_clock[0] += 2
    assert _text(lab, f"{url}/phase") == "EXECUTING"
    own_clock[0] += 5
    job = ElementTree.fromstring(_text(lab, url))
    result = job.find(f".//{UWS}result")
    assert job.findtext(f"{UWS}phase") == "COMPLETED"
    assert job.findtext(f"{UWS}endTime")
    assert result is not None
    table = _text(lab, result.attrib["{http://www.w3.org/1999/xlink}href"])
    assert table.count("<TR>") == 2


def test_a_wrong_query_ends_with_its_error(
    lab: httpx.Client, own_clock: list[float]
) -> None:
    url = _job(lab, QUERY="SELECT nothing FROM nowhere", PHASE="RUN")
    own_clock[0] += 9

    job = ElementTree.fromstring(_text(lab, url))

    message = job.findtext(f"{UWS}errorSummary/{UWS}message")
    assert message == "Table [nowhere] not found in TapSchema"
    assert "QUERY_STATUS" in _text(lab, f"{url}/error")


def test_jobs_are_listed_ended_and_forgotten(lab: httpx.Client) -> None:
    first, second = _job(lab), _job(lab, PHASE="RUN")
    lab.post(f"{second}/phase", data={"PHASE": "ABORT"})
    listed = ElementTree.fromstring(_text(lab, f"{ASYNC}?PHASE=ABORTED"))
    assert [e.get("id") for e in listed] == [second.rpartition("/")[2]]

    assert lab.delete(first).status_code == 303
    assert lab.get(first).status_code == 404
    assert len(ElementTree.fromstring(_text(lab, ASYNC))) == 1


def test_the_scenario_has_jobs_that_hang(
    lab: httpx.Client, sandbox: SandboxServer, own_clock: list[float]
) -> None:
    sandbox.set_scenario("tap-jobs-hang")
    try:
        phases = [
            e.findtext(f"{UWS}phase")
            for e in ElementTree.fromstring(_text(lab, ASYNC))
        ]
        url = _job(lab, PHASE="RUN")
        own_clock[0] += 3600
        assert set(phases) == {"ERROR", "EXECUTING"}
        assert _text(lab, f"{url}/phase") == "QUEUED"
    finally:
        sandbox.set_scenario("healthy")


def test_the_platforms_clock_can_be_wrong(
    lab: httpx.Client, sandbox: SandboxServer
) -> None:
    sandbox.set_scenario("clock-skew")
    try:
        skewed = lab.get("/").headers["Date"]
    finally:
        sandbox.set_scenario("healthy")

    assert skewed != lab.get("/").headers["Date"]

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from rsp_health.sandbox.app import SandboxServer
    from rsp_health.sandbox.uws_jobs import Jobs

    from ...conftest import Lab

QUERY = {"QUERY": "SELECT TOP 1 * FROM dp1.Visit"}


@pytest.fixture
def jobs(sandbox: SandboxServer) -> Jobs:
    sandbox.state.jobs.clear()
    return sandbox.state.jobs


@pytest.mark.usefixtures("jobs")
def test_no_query_is_well(lab: Lab) -> None:
    found = lab.look("tap.jobs")

    assert found.state == "ok"
    assert found.sentence == "You have no asynchronous query."


def test_one_that_waits_for_long_is_the_services(lab: Lab, jobs: Jobs) -> None:
    job = jobs.add(
        "vrubin", "tap", QUERY, age_s=900, stalls="queued", run=True
    )

    found = lab.look("tap.jobs")

    assert (found.state, found.whose) == ("attention", "application")
    assert "queue for 15 min" in found.sentence
    assert job.id in found.next_step


def test_one_that_waits_for_a_moment_is_well(lab: Lab, jobs: Jobs) -> None:
    jobs.add("vrubin", "tap", QUERY, stalls="queued", run=True)

    assert lab.look("tap.jobs").state == "ok"


def test_one_that_works_for_hours_is_told(lab: Lab, jobs: Jobs) -> None:
    jobs.add("vrubin", "tap", QUERY, age_s=9000, stalls="executing", run=True)

    found = lab.look("tap.jobs")

    assert (found.state, found.whose) == ("attention", "your_code")
    assert "abort()" in found.next_step


def test_one_that_failed_says_why(lab: Lab, jobs: Jobs) -> None:
    jobs.add(
        "vrubin",
        "tap",
        QUERY,
        age_s=600,
        error="Column [ra2] does not exist",
        run=True,
    )

    found = lab.look("tap.jobs")

    assert "Column [ra2] does not exist" in found.sentence
    assert found.next_step.endswith("/error")


def test_one_that_was_never_told_to_run_is_told(lab: Lab, jobs: Jobs) -> None:
    jobs.add("vrubin", "tap", QUERY, age_s=60)

    assert "not told to run" in lab.look("tap.jobs").sentence


def test_queries_of_others_are_not_seen(lab: Lab, jobs: Jobs) -> None:
    jobs.add("somebody", "tap", QUERY, age_s=9000, stalls="queued", run=True)

    assert lab.look("tap.jobs").state == "ok"


@pytest.mark.parametrize("scenario", ["expired-token", "tap-down"])
def test_who_does_not_answer_tells_nothing(
    lab: Lab, sandbox: SandboxServer, scenario: str
) -> None:
    sandbox.set_scenario(scenario)

    assert lab.look("tap.jobs").state == "cannot_tell"


def test_it_spends_one_request_so_it_is_not_run_unasked(
    lab: Lab, sandbox: SandboxServer
) -> None:
    before = sandbox.state.spend("vrubin", "tap")
    lab.look("tap.jobs")
    after = sandbox.state.spend("vrubin", "tap")

    assert before is not None
    assert after is not None
    assert after.used - before.used - 1 <= 2

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from rsp_health.doctor.one_check import find_all
from rsp_health.doctor.seen import Seen
from rsp_health.status.models import (
    LabResources,
    QuotaDocument,
    QuotaEntry,
    TokenStatus,
)
from rsp_health.wire import utc_now

if TYPE_CHECKING:
    from rsp_health.sandbox.app import SandboxServer

    from ...conftest import Lab


@pytest.mark.usefixtures("sandbox")
def test_quotas_that_are_not_used_up_are_well(lab: Lab) -> None:
    found = lab.look("quota")

    assert (found.check, found.state) == ("quota", "ok")
    assert "tap: 1000 requests a minute" in found.evidence[0].value


def test_the_look_spends_nothing(lab: Lab, sandbox: SandboxServer) -> None:
    before = sandbox.state.spend("vrubin", "tap")
    lab.look("quota")
    after = sandbox.state.spend("vrubin", "tap")

    assert before is not None
    assert after is not None
    assert after.used == before.used + 1


def test_a_quota_of_nothing_is_a_fault(
    lab: Lab, sandbox: SandboxServer
) -> None:
    sandbox.set_scenario("blocked")

    found = lab.look("quota")

    assert (found.check, found.state) == ("quota.vo-cutouts", "fault")
    assert "your quota is 0" in found.sentence
    assert lab.look("quota.tap").state == "ok"


@pytest.mark.parametrize(
    ("remaining", "state"), [(0, "fault"), (5, "attention"), (50, "ok")]
)
def test_what_is_used_up_is_told_with_the_time_to_wait(
    lab: Lab, remaining: int, state: str
) -> None:
    lab.variables["EXTERNAL_INSTANCE_URL"] = "https://rsp.example"
    until = utc_now() + timedelta(seconds=30)
    seen = Seen(
        quota=QuotaDocument(
            observed_at=utc_now(),
            token=TokenStatus(state="valid"),
            api=[
                QuotaEntry(
                    service="sia",
                    limit=70,
                    remaining=remaining,
                    resets_at=until,
                )
            ],
            lab=LabResources(may_spawn=True),
        )
    )

    found = lab.look("quota", seen=seen)

    assert found.state == state
    assert (f"{until:%H:%M:%S}" in found.next_step) == (state != "ok")


def test_a_token_that_is_not_accepted_tells_nothing_of_quotas(
    lab: Lab, sandbox: SandboxServer
) -> None:
    sandbox.set_scenario("expired-token")

    (found,) = find_all("quota", lab.context())

    assert found.state == "cannot_tell"
    assert found.next_step.endswith("rsp-health doctor token")


def test_who_may_start_no_lab_is_told(lab: Lab) -> None:
    lab.variables["EXTERNAL_INSTANCE_URL"] = "https://rsp.example"
    seen = Seen(
        quota=QuotaDocument(
            observed_at=utc_now(),
            token=TokenStatus(state="valid"),
            api=[],
            lab=LabResources(may_spawn=False),
        )
    )

    found = lab.look("quota", seen=seen)

    assert (found.check, found.state) == ("quota.spawn", "attention")

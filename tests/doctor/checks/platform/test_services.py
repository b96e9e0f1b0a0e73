from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rsp_health.doctor.one_check import find_all
from rsp_health.doctor.seen import Seen
from rsp_health.status.models import (
    DiscoveryStatus,
    PlatformVerdict,
    ServiceStatus,
    StatusDocument,
)
from rsp_health.wire import utc_now

if TYPE_CHECKING:
    from rsp_health.doctor.models import Finding
    from rsp_health.sandbox.app import SandboxServer

    from ...conftest import Lab


def _seen(*rows: ServiceStatus) -> Seen:
    """Return what a server says whose monitor knows these rows."""
    return Seen(
        status=StatusDocument(
            instance="data.example.org",
            observed_at=utc_now(),
            discovery=DiscoveryStatus(state="fresh"),
            verdict=PlatformVerdict(state="well", word="", sentence=""),
            services=list(rows),
        )
    )


def _row(id: str, state: str, **fields: object) -> ServiceStatus:
    known: dict[str, object] = {
        "id": id,
        "title": id.upper(),
        "application": id,
        "state": state,
        "evidence": "it says so",
        "age_s": 4.0,
        "state_age_s": 600.0,
    }
    return ServiceStatus.model_validate(known | fields)


def _look(
    lab: Lab, seen: Seen | None, check: str = "service"
) -> list[Finding]:
    lab.variables.setdefault("EXTERNAL_INSTANCE_URL", "https://rsp.example")
    return find_all(check, lab.context(seen=seen))


@pytest.mark.usefixtures("sandbox")
def test_services_that_answer_are_well(lab: Lab) -> None:
    (found,) = _look(lab, None)

    assert (found.check, found.state) == ("service", "ok")
    assert "services of the platform are up" in found.sentence


def test_one_that_is_down_is_told_after_three_looks(
    lab: Lab, sandbox: SandboxServer
) -> None:
    sandbox.set_scenario("tap-down")

    (found,) = _look(lab, None)

    assert (found.check, found.state) == ("service.tap", "fault")
    assert found.title == "Services: TAP"
    assert found.sentence.startswith("TAP is down: ")
    assert any(e.source == "works" for e in found.evidence)


def test_an_announced_outage_is_the_sites(
    lab: Lab, sandbox: SandboxServer
) -> None:
    sandbox.set_scenario("maintenance")

    found = _look(lab, None)

    assert {f.whose for f in found} == {"announced"}
    assert {"service.tap", "service.sia:dp1"} <= {f.check for f in found}


def test_nobody_who_answers_is_not_known(
    lab: Lab, sandbox: SandboxServer
) -> None:
    sandbox.set_scenario("unreachable")

    assert [f.state for f in _look(lab, None)] == ["cannot_tell"]


def test_the_monitor_is_believed_and_its_age_is_told(lab: Lab) -> None:
    (found,) = _look(lab, _seen(_row("sia", "up"), _row("tap", "down")))

    assert found.check == "service.tap"
    assert found.sentence == "TAP is down, for 10 min: it says so."
    assert found.evidence[0].age_s == 4.0


def test_what_others_need_stands_first_with_what_needs_it(lab: Lab) -> None:
    first, second = _look(
        lab,
        _seen(
            _row("tap", "down", depends_on=["gafaelfawr"]),
            _row("gafaelfawr", "degraded"),
            _row("sia", "unknown", affected_by=["gafaelfawr"]),
        ),
    )

    assert (first.check, second.check) == ("service.gafaelfawr", "service.tap")
    assert ("needs it, too", "SIA") in [
        (e.source, e.value) for e in first.evidence
    ]


def test_an_owner_is_named_with_the_contact(lab: Lab) -> None:
    row = _row("tap", "down", owner="Data team", contact="#data")

    (found,) = _look(lab, _seen(row))

    assert found.whose == "application"
    assert "#data" in found.next_step


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        ("up", "ok"),
        ("throttled", "attention"),
        ("restricted", "attention"),
        ("unknown", "cannot_tell"),
        ("degraded", "attention"),
    ],
)
def test_one_that_is_asked_for_is_always_told(
    lab: Lab, state: str, verdict: str
) -> None:
    (found,) = _look(lab, _seen(_row("tap", state)), "service.tap")

    assert (found.check, found.state) == ("service.tap", verdict)


def test_one_that_is_not_here_is_told_with_those_that_are(lab: Lab) -> None:
    (found,) = _look(lab, _seen(_row("tap", "up")), "service.finder")

    assert found.state == "cannot_tell"
    assert found.evidence[0].value == "tap"

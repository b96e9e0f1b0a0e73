"""What the service says when the platform, or the way to it, fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from rsp_health.status.models import StatusDocument
    from rsp_health.status.service import StatusService

    from .conftest import Lab


async def _settle(service: StatusService) -> StatusDocument:
    return await service.settle()


def _states(document: StatusDocument) -> dict[str, str]:
    return {s.id: s.state for s in document.services}


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("tap-down", {"tap": "down", "ssotap": "up", "sia:dp1": "up"}),
        ("tap-says-no", {"tap": "degraded", "ssotap": "up"}),
        ("sia-says-no", {"sia:dp1": "degraded", "tap": "up"}),
        (
            "maintenance",
            {
                "tap": "maintenance",
                "sia:dp02": "maintenance",
                "ssotap": "maintenance",
                "nublado": "up",
            },
        ),
        ("gafaelfawr-down", {"gafaelfawr": "down", "nublado": "unknown"}),
        ("semaphore-down", {"semaphore": "down", "tap": "up"}),
        (
            "expired-token",
            {"tap": "restricted", "vo-cutouts": "restricted"},
        ),
        ("blocked", {"tap": "up", "vo-cutouts": "blocked"}),
        ("drift", {"sia:dp1": "up", "tap": "up", "livetap": "unknown"}),
        ("usdf", {"tap": "up", "consdbtap": "up", "portal": "unknown"}),
        ("hostile", {"tap": "degraded", "ssotap": "up"}),
    ],
)
def test_scenarios(lab: Lab, scenario: str, expected: dict[str, str]) -> None:
    lab.set_scenario(scenario)

    async def use(service: StatusService) -> StatusDocument:
        await service.quota()
        return await service.settle()

    states = _states(lab.use(use))

    assert {k: states[k] for k in expected} == expected


def test_everything_down_is_down_and_not_our_network(lab: Lab) -> None:
    lab.use(_settle)
    lab.set_scenario("everything-down")

    document = lab.use(_settle)

    probed = [s for s in document.services if s.age_s is not None]
    assert {s.state for s in probed} == {"down"}
    assert not document.observer_offline


def test_an_unreachable_platform_is_not_twenty_outages(lab: Lab) -> None:
    lab.use(_settle)
    lab.set_scenario("unreachable")

    document = lab.use(_settle)

    probed = [s for s in document.services if s.age_s is not None]
    assert {s.state for s in probed} == {"unknown"}
    assert document.observer_offline
    assert all(s.evidence.startswith("nothing on the") for s in probed)


def test_a_network_cut_in_an_outage_is_still_told(lab: Lab) -> None:
    async def use(service: StatusService) -> list[StatusDocument]:
        await service.settle()
        documents = []
        for scenario in ("everything-down", "unreachable"):
            lab.set_scenario(scenario)
            for _ in range(3):
                probed = [
                    s.id
                    for s in (await service.snapshot()).services
                    if s.age_s is not None
                ]
                document = await service.refresh(probed)
            documents.append(document)
        return documents

    outage, cut = lab.use(use)

    assert not outage.observer_offline
    assert cut.observer_offline
    states = {s.state for s in cut.services if s.age_s is not None}
    assert states == {"unknown"}


def test_without_discovery_it_says_what_it_can(lab: Lab) -> None:
    lab.set_scenario("discovery-down")

    document = lab.use(_settle)

    assert document.discovery.state == "none"
    assert "HTTP 503" in document.discovery.message
    assert _states(document) == {
        "nublado": "up",
        "gafaelfawr": "up",
        "repertoire": "down",
    }

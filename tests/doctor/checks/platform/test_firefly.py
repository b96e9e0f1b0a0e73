from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .test_services import _row, _seen

if TYPE_CHECKING:
    from ...conftest import Lab

PORTAL = "https://rsp.example/portal/app"


@pytest.fixture
def told(lab: Lab) -> Lab:
    lab.variables |= {
        "EXTERNAL_INSTANCE_URL": "https://rsp.example",
        "FIREFLY_URL": PORTAL,
    }
    return lab


def test_an_address_on_the_platform_is_well(told: Lab) -> None:
    found = told.look("portal.firefly", packages=())

    assert found.state == "ok"
    assert found.evidence[0].value == PORTAL
    assert found.evidence[1].value.startswith("none")


def test_an_address_elsewhere_is_told(told: Lab) -> None:
    told.variables["FIREFLY_URL"] = "https://irsa.example.edu/irsaviewer"

    found = told.look("portal.firefly")

    assert (found.state, found.whose) == ("attention", "your_environment")


@pytest.mark.parametrize(
    ("state", "verdict"),
    [("up", "ok"), ("down", "fault"), ("maintenance", "attention")],
)
def test_the_portals_row_is_told(told: Lab, state: str, verdict: str) -> None:
    found = told.look("portal.firefly", seen=_seen(_row("portal", state)))

    assert found.state == verdict


def test_a_lab_that_is_told_nothing_has_none(lab: Lab) -> None:
    assert lab.look("portal.firefly").state == "not_applicable"

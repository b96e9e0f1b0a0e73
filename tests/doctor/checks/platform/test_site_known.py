from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from rsp_health.sandbox.app import SandboxServer

    from ...conftest import Lab

#: A Thursday, 15:30 at the observatory's partners in California.
DURING = datetime(2026, 11, 19, 23, 30, tzinfo=UTC)
BEFORE = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
PATCHES = """
[[recurring]]
title = "Patch Thursday"
weekday = "thursday"
time = 15:00:00
hours = 3
timezone = "America/Los_Angeles"
"""


@pytest.mark.usefixtures("sandbox")
def test_nothing_announced_is_well_with_what_was_read(lab: Lab) -> None:
    found = lab.look("site.known")

    assert found.state == "ok"
    assert found.evidence[-1].value == "none"


def test_an_announced_outage_is_told(lab: Lab, sandbox: SandboxServer) -> None:
    sandbox.set_scenario("maintenance")

    found = lab.look("site.known")

    assert (found.state, found.whose) == ("attention", "announced")
    assert "TAP and SIA are down for maintenance" in found.sentence


@pytest.mark.parametrize("scenario", ["semaphore-down", "unreachable"])
def test_who_does_not_answer_announced_nothing_that_is_known(
    lab: Lab, sandbox: SandboxServer, scenario: str
) -> None:
    sandbox.set_scenario(scenario)

    assert lab.look("site.known").state == "cannot_tell"


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize(
    ("now", "state", "told"),
    [
        (DURING, "attention", "Patch Thursday, until Fri 20 Nov 02:00 UTC"),
        (BEFORE, "ok", "Next: Patch Thursday, from Thu 19 Nov 23:00 UTC"),
    ],
)
def test_a_window_of_each_week_is_told(
    lab: Lab,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    now: datetime,
    state: str,
    told: str,
) -> None:
    catalogue = tmp_path / "site.toml"
    catalogue.write_text(PATCHES)
    monkeypatch.setattr(
        "rsp_health.doctor.checks.platform.site_known.utc_now", lambda: now
    )

    found = lab.look("site.known", find_catalogue=lambda: catalogue)

    assert found.state == state
    assert told in found.sentence


@pytest.mark.usefixtures("sandbox")
def test_a_catalogue_that_is_wrong_is_told_and_hides_nothing(
    lab: Lab, tmp_path: Path
) -> None:
    catalogue = tmp_path / "site.toml"
    catalogue.write_text("[[recurring]]\nweekday = 'someday'\n")

    found = lab.look("site.known", find_catalogue=lambda: catalogue)

    assert found.state == "ok"
    assert found.evidence[0].source == "catalogue"

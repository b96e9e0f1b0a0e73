from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from rsp_health.sandbox.app import SandboxServer

    from ...conftest import Lab


@pytest.mark.usefixtures("sandbox")
def test_datasets_that_can_be_read_are_well(lab: Lab) -> None:
    found = lab.look("data")

    assert (found.check, found.state) == ("data", "ok")
    assert "dp1" in found.sentence


@pytest.mark.usefixtures("sandbox")
def test_one_that_is_not_here_is_told_with_those_that_are(lab: Lab) -> None:
    found = lab.look("data.dp9")

    assert (found.check, found.state) == ("data.dp9", "fault")
    assert found.whose == "your_code"
    assert "dp1" in found.next_step


def test_a_butler_that_does_not_answer_is_a_fault(
    lab: Lab, sandbox: SandboxServer
) -> None:
    sandbox.set_scenario("gafaelfawr-down")
    lab.mounts = (Path(lab.variables["NUBLADO_RUNTIME_MOUNTS_DIR"]),)

    found = lab.look("data.dp1")

    assert (found.check, found.state) == ("data.dp1", "fault")
    assert "HTTP 500" in found.sentence


def test_what_nobody_tells_is_not_known(
    lab: Lab, sandbox: SandboxServer
) -> None:
    sandbox.set_scenario("unreachable")

    assert lab.look("data").state == "cannot_tell"


def test_a_site_without_datasets_has_nothing_to_look_at(
    lab: Lab, sandbox: SandboxServer
) -> None:
    sandbox.set_scenario("empty-discovery")

    assert lab.look("data").state == "not_applicable"

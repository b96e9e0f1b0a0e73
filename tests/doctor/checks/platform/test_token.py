from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from rsp_health.wire import utc_now

if TYPE_CHECKING:
    from pathlib import Path

    from rsp_health.sandbox.app import SandboxServer

    from ...conftest import Lab


@pytest.mark.usefixtures("sandbox")
def test_an_accepted_token_is_well_and_not_told(lab: Lab) -> None:
    found = lab.look("token")

    assert found.state == "ok"
    assert "user vrubin, scopes: " in found.evidence[0].value
    assert lab.variables["NUBLADO_TOKEN"] not in found.model_dump_json()


@pytest.mark.parametrize(
    ("scenario", "seen"),
    [
        ("expired-token", "it answered HTTP 401"),
        ("login-page", "it sends this lab to the login page"),
    ],
)
def test_a_rejected_token_is_a_fault(
    lab: Lab, sandbox: SandboxServer, scenario: str, seen: str
) -> None:
    sandbox.set_scenario(scenario)

    found = lab.look("token")

    assert (found.state, found.whose) == ("fault", "your_lab")
    assert found.evidence[0].value == seen
    assert "start it again" in found.next_step


@pytest.mark.parametrize("scenario", ["gafaelfawr-down", "unreachable"])
def test_nobody_who_could_tell_is_no_verdict_on_the_token(
    lab: Lab, sandbox: SandboxServer, scenario: str
) -> None:
    sandbox.set_scenario(scenario)

    assert lab.look("token").state == "cannot_tell"


@pytest.mark.usefixtures("sandbox")
def test_no_token_is_a_fault(lab: Lab) -> None:
    lab.variables |= {"NUBLADO_TOKEN": "", "ACCESS_TOKEN": ""}

    assert lab.look("token").state == "fault"


@pytest.mark.usefixtures("sandbox")
def test_a_variable_with_another_token_is_told(
    lab: Lab, tmp_path: Path
) -> None:
    (tmp_path / "secrets").mkdir()
    token = tmp_path / "secrets" / "token"
    token.write_text(lab.variables["NUBLADO_TOKEN"])
    lab.mounts = (tmp_path,)
    lab.variables["ACCESS_TOKEN"] = "gt-somebody-elses-or-an-old-one"

    found = lab.look("token")

    assert found.state == "attention"
    assert "ACCESS_TOKEN holds another token" in found.sentence
    assert "somebody" not in found.model_dump_json()


@pytest.mark.usefixtures("sandbox")
def test_a_login_that_ends_soon_is_told(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    almost = utc_now() + timedelta(days=29, hours=22)
    monkeypatch.setattr(
        "rsp_health.doctor.checks.platform.token.utc_now", lambda: almost
    )

    found = lab.look("token")

    assert found.state == "attention"
    assert found.sentence.startswith("Your login ends in ")


def test_without_a_platform_there_is_nothing_to_look_at(lab: Lab) -> None:
    assert lab.look("token").state == "not_applicable"

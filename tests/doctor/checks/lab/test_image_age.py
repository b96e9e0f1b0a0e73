from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from ...talking import answer, closed_port, talking

if TYPE_CHECKING:
    from pathlib import Path

    from ...conftest import Lab


@pytest.mark.parametrize(
    ("tag", "described", "state", "told"),
    [
        ("w_2026_40", "Recommended (Weekly 2026_40)", "ok", "recommended"),
        ("w_2026_45", "Weekly 2026_45", "ok", "17 days old"),
        ("w_2026_10", "Weekly 2026_10", "attention", "262 days old"),
        ("d_2026_11_20", "Daily 2026_11_20", "ok", "2 days old"),
        ("d_2026_09_20", "", "attention", "63 days old"),
        ("r29_2_0", "Release 29.2.0", "ok", "a release"),
        ("exp_w_2026_45_mine", "", "attention", "experimental"),
        ("latest", "", "cannot_tell", "(latest)"),
        ("w_2026_99", "", "cannot_tell", "w_2026_99"),
    ],
)
def test_the_age_is_read_from_the_tag(
    lab: Lab,
    monkeypatch: pytest.MonkeyPatch,
    tag: str,
    described: str,
    state: str,
    told: str,
) -> None:
    lab.variables |= {
        "JUPYTER_IMAGE_SPEC": f"reg.example.org/lab:{tag}@sha256:12",
        "IMAGE_DESCRIPTION": described,
    }
    monkeypatch.setattr(
        "rsp_health.doctor.checks.lab.image_age.utc_now",
        lambda: datetime(2026, 11, 22, tzinfo=UTC),
    )

    found = lab.look("image.age")

    assert found.state == state
    assert told in found.sentence


def test_a_machine_of_yours_has_no_image(lab: Lab) -> None:
    assert lab.look("image.age").state == "not_applicable"


@pytest.mark.parametrize(
    ("hub", "state"),
    [('{"version": "6.0.1"}', "attention"), ('{"version": "5.9"}', "ok")]
    + [(odd, "ok") for odd in ("[]", "<html>", '{"version": 6}')],
)
def test_a_hub_of_another_major_version_is_told(
    lab: Lab,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    hub: str,
    state: str,
) -> None:
    metadata = tmp_path / "site" / "jupyterhub-5.2.1.dist-info" / "METADATA"
    metadata.parent.mkdir(parents=True)
    metadata.write_text("Name: jupyterhub\nVersion: 5.2.1\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    body = hub.encode()
    head = answer("200 OK", f"Content-Length: {len(body)}")
    with talking(head + body) as port:
        lab.variables |= {
            "JUPYTER_IMAGE_SPEC": "reg.example.org/lab:r29_2_0",
            "JUPYTERHUB_API_URL": f"http://127.0.0.1:{port}/nb/hub/api",
        }

        found = lab.look("image.age")

    assert found.state == state
    assert ("JupyterHub 5.2.1" in found.sentence) == (state == "attention")


def test_a_hub_that_does_not_answer_decides_nothing(lab: Lab) -> None:
    lab.variables |= {
        "JUPYTER_IMAGE_SPEC": "reg.example.org/lab:r29_2_0",
        "JUPYTERHUB_API_URL": f"http://127.0.0.1:{closed_port()}/api",
    }

    assert lab.look("image.age").state == "ok"

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ...conftest import Lab


@pytest.fixture(autouse=True)
def _in_a_lab(lab: Lab) -> None:
    lab.variables["EXTERNAL_INSTANCE_URL"] = "https://data.example.org"
    lab.variables["HOME"] = "/home/vrubin"


def test_a_usual_start_is_well(lab: Lab) -> None:
    assert lab.look("lab.start").state == "ok"


@pytest.mark.parametrize(
    ("code", "whose", "said"),
    [
        ("EDQUOT", "your_environment", "your disk quota was used up"),
        ("ENOSPC", "your_environment", "your home was full"),
        ("EROFS", "platform", "your home was read-only"),
        ("EACCES", "platform", "your home may not be written to"),
        ("EBADENV", "platform", "the lab's settings were not complete"),
        ("EUNKNOWN", "platform", "odd things happened"),
    ],
)
def test_an_abnormal_start_says_why_and_whose_it_is(
    lab: Lab, code: str, whose: str, said: str
) -> None:
    lab.variables |= {
        "ABNORMAL_STARTUP": "TRUE",
        "ABNORMAL_STARTUP_ERRORCODE": code,
        "ABNORMAL_STARTUP_STRERROR": "Odd things happened",
        "ABNORMAL_STARTUP_MESSAGE": "Do not trust this lab",
        "HOME": "/tmp",
    }

    found = lab.look("lab.start")

    assert (found.state, found.whose) == ("fault", whose)
    assert f"({said})" in found.sentence
    assert "Do not keep work here" in found.sentence
    assert found.evidence[0].value == f"{code} Do not trust this lab"


@pytest.mark.parametrize("home", ["/tmp/x", "/scratch/vrubin"])
def test_a_temporary_home_is_told(lab: Lab, home: str) -> None:
    lab.variables |= {"HOME": home, "SCRATCH_DIR": "/scratch/vrubin"}

    found = lab.look("lab.start")

    assert found.state == "attention"
    assert "lost when the lab ends" in found.sentence


def test_elsewhere_there_is_nothing_to_look_at(lab: Lab) -> None:
    lab.variables.clear()

    assert lab.look("lab.start").state == "not_applicable"


def test_a_secret_in_a_message_is_not_told(lab: Lab) -> None:
    lab.variables |= {
        "ABNORMAL_STARTUP": "TRUE",
        "ABNORMAL_STARTUP_MESSAGE": "refused s3cr3t-of-this-lab\x1b[2J",
        "ACCESS_TOKEN": "s3cr3t-of-this-lab",
    }

    found = lab.look("lab.start")

    assert Path(found.evidence[1].value).is_absolute()
    assert found.evidence[0].value == "EUNKNOWN refused [secret]"

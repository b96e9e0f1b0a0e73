from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from rsp_health.doctor.checks.environment.kernel_setups import NAME

if TYPE_CHECKING:
    from pathlib import Path

    from ...conftest import Lab

GOOD = """\
# My packages.
setup -r ~/repos/mine
if [ -d ~/more ]; then
    setup -r ~/more || exit 1
fi
"""


def test_a_right_file_is_well(lab: Lab) -> None:
    lab.write(NAME, GOOD)

    found = lab.look("kernel.setups")

    assert found.state == "ok"
    assert "was not tried" in found.sentence


def test_no_file_is_nothing_to_look_at(lab: Lab) -> None:
    assert lab.look("kernel.setups").state == "not_applicable"


def test_an_error_of_syntax_is_told_with_its_line(lab: Lab) -> None:
    lab.write(NAME, GOOD.replace("; then", ""))

    found = lab.look("kernel.setups")

    assert (found.state, found.whose) == ("fault", "your_environment")
    assert found.sentence.startswith(f"~/{NAME} is not valid, line 5:")
    assert "syntax error" in found.evidence[0].value


def test_line_ends_of_windows_are_told(lab: Lab) -> None:
    lab.write(NAME, "# mine\nsetup a\r\nsetup b\r\n")

    found = lab.look("kernel.setups")

    assert found.state == "fault"
    assert found.evidence[0].source == f"~/{NAME}, line 2"
    assert "sed -i" in found.next_step


def test_what_ends_the_start_is_told(lab: Lab) -> None:
    lab.write(NAME, "setup a\nexit 1\n")

    found = lab.look("kernel.setups")

    assert found.state == "attention"
    assert found.evidence[0].value == "exit 1"


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_not_a_file_is_told_and_not_waited_for(
    lab: Lab, make: object
) -> None:
    path = lab.write(NAME, "")
    path.unlink()
    assert callable(make)
    make(path)

    assert lab.look("kernel.setups").state == "fault"


def test_nothing_of_it_is_run(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.write(NAME, f"touch {tmp_path}/ran\n")
    lab.write("env", f"touch {tmp_path}/ran\n")
    monkeypatch.setenv("BASH_ENV", str(lab.home / "env"))

    assert lab.look("kernel.setups").state == "ok"
    assert not (tmp_path / "ran").exists()

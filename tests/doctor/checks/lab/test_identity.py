from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ...conftest import Lab


def test_a_home_of_ones_own_is_well(lab: Lab) -> None:
    found = lab.look("identity")

    assert found.state == "ok"
    assert f"({os.getuid()})" in found.evidence[0].value


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_a_home_of_somebody_else_is_the_platforms(lab: Lab) -> None:
    os.chown(lab.home, 12345, -1)

    found = lab.look("identity")

    assert (found.state, found.whose) == ("fault", "platform")
    assert "owned by 12345" in found.evidence[1].value


def test_a_read_only_home_says_nothing_of_who_you_are(lab: Lab) -> None:
    found = lab.isolated("identity", 'mount -t tmpfs -o ro none "$HOME"')

    assert found.state == "ok"


def test_a_home_that_is_not_there_is_not_known(lab: Lab) -> None:
    lab.home.rmdir()

    assert lab.look("identity").state == "cannot_tell"

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rsp_health.doctor.seen import Browser, Seen

if TYPE_CHECKING:
    from ...conftest import Lab


@pytest.mark.parametrize(
    ("websocket", "took_s", "state"),
    [
        ("opened", 0.1, "ok"),
        ("opened", 9.0, "attention"),
        ("refused", 0.2, "fault"),
        ("late", 5.0, "fault"),
    ],
)
def test_what_the_browser_found_is_judged(
    lab: Lab, websocket: str, took_s: float, state: str
) -> None:
    browser = Browser.model_validate(
        {"websocket": websocket, "took_s": took_s}
    )

    found = lab.look("net.websocket", seen=Seen(browser=browser))

    assert found.state == state
    assert found.whose == (None if state == "ok" else "network")


def test_without_a_browser_nobody_can_look(lab: Lab) -> None:
    found = lab.look("net.websocket")

    assert found.state == "not_applicable"
    assert "Only a browser" in found.sentence

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
)

from rsp_health.status.probes import Verdict
from rsp_health.status.watching.tracker import DOWN_AFTER, UP_AFTER, Tracker

if TYPE_CHECKING:
    from rsp_health.status.models import ServiceState

UP = Verdict(state="up", evidence="fine")
DOWN = Verdict(state="down", evidence="no answer in 10 s", answered=False)
NO = Verdict(state="degraded", evidence="says no")
LOGIN = Verdict(state="restricted", evidence="asks for a login")
GONE = Verdict(state="unknown", evidence="nothing is there")
WAIT = Verdict(state="throttled", evidence="used up", wait_s=30.0)


def _run(*verdicts: Verdict, on_request: bool = False) -> list[str]:
    tracker = Tracker(on_request=on_request)
    shown: list[str] = []
    for number, verdict in enumerate(verdicts):
        tracker.observe(verdict, float(number))
        shown.append(tracker.state)
    return shown


@pytest.mark.parametrize(
    ("verdicts", "shown"),
    [
        ([UP], ["up"]),
        ([DOWN, UP], ["unknown", "up"]),
        ([DOWN, DOWN, DOWN], ["unknown", "unknown", "down"]),
        ([UP, DOWN, DOWN, DOWN], ["up", "up", "up", "down"]),
        ([UP, DOWN, UP, DOWN, UP, DOWN], ["up"] * 6),
        ([UP, DOWN, NO, DOWN], ["up", "up", "up", "down"]),
        ([UP, DOWN, DOWN, NO], ["up", "up", "up", "degraded"]),
        ([DOWN] * 3 + [UP, UP], ["unknown", "unknown", "down", "down", "up"]),
        (
            [DOWN] * 3 + [UP, DOWN, UP, UP],
            ["unknown", "unknown", "down", "down", "down", "down", "up"],
        ),
        # From one kind of trouble to another takes more than one probe too.
        (
            [NO] * 3 + [DOWN] * 3,
            ["unknown", "unknown"] + ["degraded"] * 3 + ["down"],
        ),
        (
            [DOWN] * 3 + [NO] * 2,
            ["unknown", "unknown", "down", "down", "degraded"],
        ),
        ([LOGIN] * 3, ["unknown", "unknown", "restricted"]),
        # What says nothing of the service is no failure of it.
        ([UP, LOGIN, LOGIN, DOWN], ["up", "up", "up", "restricted"]),
        ([UP, *[DOWN] * 3, LOGIN, DOWN], ["up"] * 3 + ["down"] * 3),
        (
            [GONE] * 4 + [DOWN] * 3,
            ["unknown"] * 6 + ["down"],
        ),
        (
            [UP, LOGIN, DOWN, DOWN, DOWN],
            ["up", "up", "up", "restricted", "down"],
        ),
    ],
)
def test_what_is_shown_after_each_probe(
    verdicts: list[Verdict], shown: list[str]
) -> None:
    assert _run(*verdicts) == shown


def test_a_click_shows_at_once_what_it_says_about_the_user() -> None:
    assert _run(WAIT, on_request=True) == ["throttled"]
    assert _run(UP, LOGIN, on_request=True) == ["up", "restricted"]
    assert _run(UP, DOWN, on_request=True) == ["up", "up"]


def test_alone_it_is_not_called_down() -> None:
    tracker = Tracker()
    states: list[str] = []
    # Somebody else answered in the meantime: then it is this service.
    for now, alone in enumerate([True, True, True, False]):
        tracker.observe(DOWN, float(now), alone=alone)
        states.append(tracker.state)
    assert states[-2:] == ["unknown", "down"]


def test_changes_and_their_moment_are_told() -> None:
    tracker = Tracker()
    changes = [
        tracker.observe(verdict, float(now))
        for now, verdict in enumerate([UP, DOWN, DOWN, DOWN, UP, UP])
    ]

    told = [None if c is None else (c.previous, c.state) for c in changes]
    assert told == [
        ("unknown", "up"),
        None,
        None,
        ("up", "down"),
        None,
        ("down", "up"),
    ]
    assert tracker.since == 5.0
    assert [seen.state for seen in tracker.history] == [
        "up",
        "down",
        "down",
        "down",
        "up",
        "up",
    ]


class Honest(RuleBasedStateMachine):
    """Whatever comes: never green without evidence, never by one probe."""

    def __init__(self) -> None:
        super().__init__()
        self.tracker = Tracker()
        self.now = 0.0
        self.seen: list[ServiceState] = []
        self.before: ServiceState = "unknown"

    @rule(
        verdict=st.sampled_from([UP, DOWN, NO, LOGIN, WAIT]),
        alone=st.booleans(),
        pause=st.floats(0, 1e6),
    )
    def probe(self, verdict: Verdict, pause: float, *, alone: bool) -> None:
        self.now += pause
        self.before = self.tracker.state
        self.tracker.observe(
            verdict, self.now, alone=alone and not verdict.answered
        )
        self.seen.append(verdict.state)

    @invariant()
    def up_rests_on_a_good_probe_among_the_last(self) -> None:
        if self.tracker.state == "up":
            assert "up" in self.seen[-DOWN_AFTER:]

    @invariant()
    def down_rests_on_failures_in_a_row(self) -> None:
        if self.tracker.state == "down" and self.before != "down":
            assert len(self.seen) >= DOWN_AFTER
            assert "up" not in self.seen[-DOWN_AFTER:]

    @precondition(lambda self: len(self.seen) >= DOWN_AFTER)
    @invariant()
    def trouble_shows_within_three_probes(self) -> None:
        if "up" not in self.seen[-DOWN_AFTER:]:
            assert self.tracker.state != "up"

    @precondition(lambda self: len(self.seen) >= UP_AFTER)
    @invariant()
    def recovery_shows_within_two_probes(self) -> None:
        if self.seen[-UP_AFTER:] == ["up"] * UP_AFTER:
            assert self.tracker.state == "up"

    @invariant()
    def one_failure_never_flips(self) -> None:
        if self.seen[-2:-1] == ["up"] and self.seen[-1] != "up":
            assert self.tracker.state == self.before


TestHonest = Honest.TestCase
TestHonest.settings = settings(max_examples=150, deadline=None)

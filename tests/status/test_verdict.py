"""One verdict: the first cause that applies, with whose it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rsp_health.status.announcements.announced import Announcements
from rsp_health.status.models import (
    Broadcast,
    PlatformVerdict,
    ServiceState,
    ServiceStatus,
)
from rsp_health.status.order import worst_first
from rsp_health.status.rows.catalogue import Catalogue
from rsp_health.status.rows.targets import Target
from rsp_health.status.user.login import Obstacle
from rsp_health.status.user.room import Lack
from rsp_health.status.verdict import judge, with_checks
from rsp_health.status.wording import advise

AT = datetime(2026, 11, 20, 14, 2, tzinfo=UTC)


def _row(
    name: str, state: ServiceState = "up", **fields: Any
) -> ServiceStatus:
    return ServiceStatus(
        **{
            "id": name,
            "title": name.upper(),
            "application": name,
            "state": state,
            "evidence": f"says {state}",
            "age_s": 1.0,
            "state_age_s": 120.0,
            **fields,
        }
    )


def _judge(
    *rows: ServiceStatus,
    obstacle: Obstacle | None = None,
    offline: bool = False,
) -> PlatformVerdict:
    return judge(rows, at=AT, now=500.0, obstacle=obstacle, offline=offline)


REFUSED = Obstacle(
    root="login",
    what="your login is not accepted",
    seen="it answered HTTP 401",
    since=440.0,
)
OUTAGE = Obstacle(
    root="gafaelfawr",
    what="the service Login and tokens does not work",
    seen="answered HTTP 503",
    since=440.0,
)
ANNOUNCED = _row("tap", "maintenance", maintenance="Qserv upgrade")
LOGGED_OUT = _row("sia", "restricted", affected_by=["login"])
BLOCKED = _row("cutout", "blocked")
BEHIND = _row("sia", "unknown", affected_by=["gafaelfawr"])
DOWN = _row("portal", "down", contact="#portal", owner="Portal team")


def test_the_first_cause_is_told() -> None:
    """Each is the verdict until one that stands before it comes."""
    told = [
        _judge(),
        _judge(_row("a")),
        _judge(_row("a"), DOWN),
        _judge(_row("a"), DOWN, offline=True),
        _judge(DOWN, BEHIND, obstacle=OUTAGE),
        _judge(DOWN, BEHIND, BLOCKED, obstacle=OUTAGE),
        _judge(DOWN, LOGGED_OUT, BLOCKED, obstacle=REFUSED),
        _judge(DOWN, ANNOUNCED, BLOCKED),
    ]

    assert [verdict.state for verdict in told] == [
        "unknown",
        "well",
        "service",
        "network",
        "root_service",
        "quota",
        "login",
        "announced",
    ]


@pytest.mark.parametrize("obstacle", [REFUSED, OUTAGE])
def test_an_announcement_does_not_hide_a_login_that_fails_without_it(
    obstacle: Obstacle,
) -> None:
    rows = [DOWN, LOGGED_OUT, BEHIND, ANNOUNCED]
    assert _judge(*rows, obstacle=obstacle).state != "announced"
    login = _row("gafaelfawr", "maintenance", maintenance="Key rotation")
    assert _judge(*rows, login, obstacle=obstacle).state == "announced"


def test_a_remembered_quota_does_not_hide_that_nothing_answers() -> None:
    assert _judge(DOWN, BLOCKED, offline=True).state == "network"


def test_what_was_looked_at_just_now_counts() -> None:
    closed = _row("herald", "restricted", age_s=0.0)
    assert "1 not open to your token" in _judge(_row("a"), closed).sentence


def test_a_rejected_login_is_the_user_s_to_fix() -> None:
    verdict = _judge(_row("web"), LOGGED_OUT, obstacle=REFUSED)

    assert verdict.word == "login not accepted"
    assert verdict.sentence == (
        "Your login is not accepted: the platform was asked whose token this "
        "lab has, and it answered HTTP 401."
    )
    assert verdict.whose == "you"
    assert verdict.since == datetime(2026, 11, 20, 14, 1, tzinfo=UTC)
    assert verdict.services == ["sia"]


def test_an_announcement_ends_when_it_says_so() -> None:
    row = ANNOUNCED.model_copy(
        update={"until": datetime(2026, 11, 20, 17, tzinfo=UTC)}
    )

    verdict = _judge(row, _row("sia", "maintenance"))

    assert verdict.word == "TAP and 1 more in maintenance"
    assert "It should end at 17:00 UTC." in verdict.sentence
    assert "Not working now: TAP, SIA." in verdict.sentence


def test_a_single_service_has_an_owner() -> None:
    verdict = _judge(DOWN, _row("tap", "degraded"))

    assert verdict.word == "PORTAL down, 1 more"
    assert verdict.whose == "Portal team"
    assert "#portal" in verdict.next_step
    assert _judge(_row("x", "down")).whose == "the owner of X"


def test_a_verdict_is_told_in_the_same_words_everywhere() -> None:
    verdict = _judge(DOWN, _row("a"), _row("b"))

    assert verdict.told == (
        "PORTAL is down: says down. 2 others are up. Since 14:00 UTC."
    )
    assert verdict.advice == (
        "For Portal team to fix. "
        "Nothing to fix in this lab: wait, or tell #portal."
    )
    old = _judge(_row("x", "down", state_age_s=3 * 86400.0))
    assert old.told.endswith("Since 17 Nov 14:02 UTC.")
    well = _judge(_row("a"))
    assert (well.told, well.advice) == (well.sentence, "")
    refused = _judge(LOGGED_OUT, obstacle=REFUSED)
    assert refused.advice.startswith("Yours to fix. Save your work, ")


def test_that_nobody_is_named_is_said() -> None:
    verdict = _judge(_row("x", "down"))

    assert verdict.advice == (
        "For the owner of X to fix. Nothing to fix in this lab: wait, or "
        "tell whoever runs the site (nobody is named here for X)."
    )


@pytest.mark.parametrize(
    ("fields", "advice"),
    [
        (
            {"state": "degraded", "owner": "T", "contact": "#t"},
            "For T to fix. Nothing to fix in this lab: wait, or tell #t.",
        ),
        (
            {"state": "down", "owner": "T"},
            "For T to fix. Nothing to fix in this lab: wait, or tell T.",
        ),
        ({"state": "down"}, "For the owner of X to fix. "),
        ({"state": "maintenance"}, "For your site to fix. "),
        (
            {"state": "blocked"},
            "For your site to fix. Ask whoever runs the site (nobody is named",
        ),
        (
            {"state": "blocked", "contact": "#t"},
            "For your site to fix. Ask #t to open it for you.",
        ),
        ({"state": "throttled"}, "Yours to fix. "),
        (
            {"state": "restricted", "affected_by": ["login"]},
            "Yours to fix. Save your work, ",
        ),
        (
            {"state": "restricted", "owner": "Team T"},
            "For your site to fix. Ask Team T whether you may use it.",
        ),
        (
            {"state": "unknown", "affected_by": ["gafaelfawr"]},
            "For your site to fix. ",
        ),
        ({"state": "unknown"}, "Wait for the next check"),
        (
            {"state": "unknown", "spends_quota": True, "age_s": None},
            "",
        ),
        ({"state": "up"}, ""),
        ({"state": "unmonitored"}, ""),
        ({"state": "not_deployed"}, ""),
    ],
)
def test_each_row_says_whose_it_is_and_what_to_do(
    fields: dict[str, Any], advice: str
) -> None:
    told = advise(_row("x", **fields))

    assert told.startswith(advice)
    assert bool(told) is bool(advice)


def test_what_is_not_known_is_not_well() -> None:
    unasked = _row("c", "unknown", spends_quota=True, age_s=None)

    assert _judge(_row("a"), _row("b", "unknown")).word == "1 up, 1 unknown"
    assert _judge(_row("a"), _row("b", "unknown")).state == "unknown"
    assert _judge(_row("a"), unasked).state == "well"
    assert "1 not open to your token" in (
        _judge(_row("a"), _row("b", "restricted")).sentence
    )


def test_what_fails_beside_the_login_service_is_told() -> None:
    root = _row("gafaelfawr", "down", title="Login and tokens")

    verdict = _judge(root, BEHIND, DOWN, obstacle=OUTAGE)

    assert verdict.services == ["gafaelfawr", "sia"]
    assert verdict.sentence == (
        "The service Login and tokens does not work (answered HTTP 503). "
        "1 service that needs it cannot be used or judged. Not well either: PORTAL."
    )


def test_failed_checks_count_where_all_else_is_well() -> None:
    well, failed = (
        _judge(_row("a")),
        ["notebooks/x.ipynb", "notebooks/y.ipynb"],
    )

    assert with_checks(well, []) is well
    told = with_checks(well, failed)
    assert (told.state, told.word) == ("checks", "2 checks failed")
    assert told.checks == failed
    assert told.sentence == "1 service is up, but 2 checks failed: x, y."
    assert told.told == told.sentence
    assert "failed cell" in told.advice
    down = with_checks(_judge(DOWN), failed)
    assert (down.state, down.checks) == ("service", failed)
    assert down.word == "PORTAL down, 2 checks failed"


def test_what_the_lab_lacks_stands_before_single_services() -> None:
    lack = Lack(
        word="home full",
        sentence="It is full.",
        next_step="Delete.",
        since=440.0,
    )
    options: dict[str, Any] = {"at": AT, "now": 500.0, "lack": lack}

    told = judge([_row("a")], obstacle=None, offline=False, **options)
    beside = judge([DOWN], obstacle=None, offline=False, **options)
    alone = judge([DOWN], obstacle=None, offline=True, **options)
    refused = judge([_row("a")], obstacle=REFUSED, offline=False, **options)

    assert (told.state, told.word, told.whose) == ("lab", "home full", "you")
    assert told.since == AT - timedelta(seconds=60)
    assert told.advice == "Yours to fix. Delete."
    assert beside.sentence == "It is full. Not well either: PORTAL."
    assert alone.sentence.endswith("Nothing on the platform answers either.")
    assert refused.state == "login"


def test_what_only_a_click_asks_has_no_next_check() -> None:
    asked = _row("a", "unknown", spends_quota=True)
    polled = _row("b", "unknown")

    assert "Wait for the next check" not in advise(asked)
    assert _judge(asked).advice == advise(asked)
    assert _judge(polled).advice == advise(polled)
    assert _judge(asked, polled).advice == advise(polled)


def test_the_cause_of_others_stands_before_them() -> None:
    rows = [
        _row("a", "down", depends_on=["z"]),
        _row("b", "down", depends_on=["z"]),
        _row("z", "down"),
        _row("c", "unknown", spends_quota=True, age_s=None),
        _row("d", "unknown"),
    ]

    assert [r.id for r in worst_first(rows)] == ["z", "a", "b", "d", "c"]


TARGETS = [
    Target(id="tap", application="tap", title="TAP"),
    Target(id="ssotap", application="ssotap", title="TAP (Solar System)"),
    Target(id="sia:dp1", application="sia", title="SIA dp1", dataset="dp1"),
    Target(id="vo-cutouts", application="vo-cutouts", title="Cutouts"),
    Target(id="portal", application="portal", title="Portal"),
]


@pytest.mark.parametrize(
    ("category", "text", "named"),
    [
        ("outage", "TAP and SIA are down.", {"tap", "ssotap", "sia:dp1"}),
        ("outage", "Cutouts do not work", {"vo-cutouts"}),
        ("outage", "vo-cutouts: restarting", {"vo-cutouts"}),
        ("outage", "Please tap here; a siamese cat", set()),
        ("outage", "The MAP-TAP-X is broken", set()),
        ("outage", "New images are late", set()),
        ("outage", "The RSP is down", {t.id for t in TARGETS}),
        ("notice", "System maintenance on Thursday", {t.id for t in TARGETS}),
        ("notice", "The portal will be down", {"portal"}),
        ("notice", "The platform: the Portal is down", {"portal"}),
        ("notice", "The Portal has a new feature", set()),
        ("info", "TAP is down", set()),
    ],
)
def test_an_announcement_names_its_rows(
    category: Any, text: str, named: set[str]
) -> None:
    broadcast = Broadcast(id="1", category=category, summary=text)
    found = Announcements(Catalogue(entries={}), AT, [broadcast], TARGETS)

    assert {t.id for t in TARGETS if found.of(t)} == named

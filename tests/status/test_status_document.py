from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rsp_health.status.announcements.announced import Announcement
from rsp_health.status.models import QuotaEntry, ServiceStatus, TokenStatus
from rsp_health.status.order import is_unasked
from rsp_health.status.probes import Verdict
from rsp_health.status.rows.catalogue import CatalogueEntry
from rsp_health.status.rows.targets import Target
from rsp_health.status.status_document import Known, describe
from rsp_health.status.watching.monitor import Row
from rsp_health.status.watching.schedule import Schedule
from rsp_health.status.watching.tracker import Tracker

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
UP = Verdict(state="up", evidence="VOSI says available", latency_s=0.2)
LOGIN = Verdict(state="restricted", evidence="asks for a login")
DOWN = Verdict(state="down", evidence="no answer in 10 s", answered=False)


def _row(*verdicts: Verdict, token: bool = False, **fields: Any) -> Row:
    entry = CatalogueEntry(
        probe="vosi",
        depth="backend",
        quota="tap",
        scope="read:tap",
        access="token" if token else "anonymous",
    )
    defaults: dict[str, Any] = {
        "id": "tap",
        "application": "tap",
        "title": "TAP",
        "url": "https://data.example.org/api/tap/availability",
        "entry": entry,
    }
    target = Target(**(defaults | fields))
    row = Row(target=target, tracker=Tracker(on_request=target.on_request))
    for number, verdict in enumerate(verdicts):
        row.tracker.observe(verdict, 1000.0 + 60 * number)
        row.due = 1060.0 + 60 * number
    return row


def _describe(row: Row, age_s: float = 5.0, **more: Any) -> ServiceStatus:
    options: dict[str, Any] = {
        "now": (row.tracker.last_at or 1000.0) + age_s,
        "at": AT,
        "schedule": Schedule(60.0),
        "quotas": {},
        "offline": False,
    }
    about = {k: more.pop(k) for k in ("queried", "announced") if k in more}
    return describe(row, Known(**(options | more)), **about)


def test_a_good_row_in_full() -> None:
    shown = _describe(_row(UP, UP))

    assert shown.model_dump(exclude={"history"}, exclude_defaults=True) == {
        "id": "tap",
        "title": "TAP",
        "application": "tap",
        "state": "up",
        "state_age_s": 65.0,
        "evidence": "VOSI says available",
        "source": "https://data.example.org/api/tap/availability",
        "depth": "backend",
        "looked_at": "what is behind it was asked, too",
        "age_s": 5.0,
        "latency_s": 0.2,
        "checks": 2,
        "docs": "https://phalanx.lsst.io/applications/tap/",
    }
    assert [(o.state, o.age_s) for o in shown.history] == [
        ("up", 65.0),
        ("up", 5.0),
    ]


@pytest.mark.parametrize(
    ("verdicts", "state", "evidence"),
    [
        ([], "unknown", "not checked yet"),
        ([DOWN], "unknown", "no answer in 10 s (1 of 3 checks)"),
        (
            [UP, DOWN, DOWN],
            "up",
            "no answer in 10 s (2 of 3 checks); up before that",
        ),
        ([DOWN] * 3, "down", "no answer in 10 s (3 checks in a row)"),
        (
            [UP, LOGIN, LOGIN, DOWN],
            "restricted",
            "no answer in 10 s (1 of the last 3 checks)",
        ),
        (
            [*[DOWN] * 3, UP],
            "down",
            "answers again (1 of 2 checks): VOSI says available",
        ),
    ],
)
def test_sentences_say_what_is_known_and_how(
    verdicts: list[Verdict], state: str, evidence: str
) -> None:
    shown = _describe(_row(*verdicts))

    assert (shown.state, shown.evidence) == (state, evidence)


def test_old_evidence_is_unknown_and_marked() -> None:
    row = _row(UP, UP)

    fresh = _describe(row, age_s=179.0)
    stale = _describe(row, age_s=181.0)

    assert (fresh.state, fresh.stale) == ("up", False)
    assert (stale.state, stale.stale) == ("unknown", True)
    assert stale.evidence == (
        "no fresh check; the last one said: VOSI says available"
    )


def test_what_is_asked_less_often_on_purpose_is_not_stale() -> None:
    row = _row(*[DOWN] * 6)
    row.due = (row.tracker.last_at or 0) + 500.0

    assert _describe(row, age_s=520.0).state == "down"
    assert _describe(row, age_s=540.0).state == "unknown"


@pytest.mark.parametrize(
    ("fields", "docs"),
    [
        (
            {"docs": "https://dp1.example.org/"},
            "https://dp1.example.org/",
        ),
        (
            {
                "docs": "https://dp1.example.org/",
                "entry": CatalogueEntry(docs="https://site.example.org/"),
            },
            "https://site.example.org/",
        ),
        ({"application": "Odd name/../x"}, None),
    ],
)
def test_the_nearest_documentation_is_named(
    fields: dict[str, Any], docs: str | None
) -> None:
    assert _describe(_row(**fields)).docs == docs


def test_when_everything_is_silent_the_row_says_so() -> None:
    shown = _describe(_row(*[DOWN] * 3), offline=True)

    assert shown.evidence.startswith("nothing on the platform answers: ")


def test_rows_without_a_probe_say_why() -> None:
    shown = _describe(_row(url=None, reason="it has a login of its own"))
    absent = _describe(
        _row(url=None, reason="it is not deployed here", deployed=False)
    )

    assert (shown.state, shown.evidence, shown.depth) == (
        "unmonitored",
        "it has a login of its own",
        None,
    )
    assert absent.state == "not_deployed"


def _quota(limit: int) -> dict[str, QuotaEntry]:
    return {"tap": QuotaEntry(service="tap", limit=limit)}


@pytest.mark.parametrize(
    ("token", "state", "evidence"),
    [
        (
            TokenStatus(state="valid", scopes=["read:tap"]),
            "unknown",
            (
                "checked on request only; a check uses 1 of your 35 requests "
                "a minute"
            ),
        ),
        (
            TokenStatus(state="valid", scopes=["exec:notebook"]),
            "restricted",
            "needs the scope read:tap, which your token lacks",
        ),
        (
            TokenStatus(state="rejected"),
            "restricted",
            "can be asked with a valid token only",
        ),
        (
            TokenStatus(state="unknown"),
            "unknown",
            (
                "checked on request only; a check uses 1 of your 35 requests "
                "a minute"
            ),
        ),
    ],
)
def test_a_check_on_request_says_its_cost_before(
    token: TokenStatus, state: str, evidence: str
) -> None:
    shown = _describe(_row(token=True), quotas=_quota(35), token=token)

    assert (shown.state, shown.evidence) == (state, evidence)
    assert shown.spends_quota
    assert shown.quota is not None
    assert shown.quota.limit == 35


def test_throttled_until_a_moment_and_no_longer() -> None:
    used_up = Verdict(state="throttled", evidence="used up", wait_s=40.0)
    row = _row(used_up, token=True)

    during = _describe(row, age_s=10.0)
    after = _describe(row, age_s=41.0)

    assert (during.state, during.until) == (
        "throttled",
        AT + timedelta(seconds=30),
    )
    assert (after.state, after.until) == ("unknown", None)
    assert after.evidence == "the wait is over; check again"
    # It says nothing of now, and nobody asks it again but the user.
    assert (during.stale, after.stale) == (False, True)
    assert is_unasked(after)
    assert after.advice == ""


def test_a_quota_of_zero_is_a_block_whatever_the_service_says() -> None:
    shown = _describe(_row(UP), quotas=_quota(0))

    assert shown.state == "blocked"
    assert "administrator" in shown.evidence


def test_announced_maintenance_is_not_an_outage() -> None:
    end = AT + timedelta(hours=2)
    window = Announcement(title="Qserv upgrade", until=end)

    down = _describe(_row(*[DOWN] * 3), announced=window)
    early = _describe(_row(UP, DOWN), announced=window)
    well = _describe(_row(UP), announced=window)
    unasked = _describe(_row(token=True), announced=window)

    assert (down.state, down.until) == ("maintenance", end)
    assert down.evidence == (
        "announced: Qserv upgrade; now: no answer in 10 s (3 checks in a row)"
    )
    # One failure is enough where two say so.
    assert early.state == "maintenance"
    assert unasked.state == "unknown"
    # A positive check during the window is still a positive check.
    assert (well.state, well.maintenance) == ("up", "Qserv upgrade")

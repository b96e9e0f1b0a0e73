"""From rows to the document: the words that users read.

Sentences say what is known and how. Old evidence is `unknown`, whatever it
once said; a row never stays green for lack of news.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from .models import Observation, ServiceQuota, ServiceStatus
from .query import query_cost
from .user.login import needs
from .watching.tracker import DOWN_AFTER, UP_AFTER
from .wording import advise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .announcements.announced import Announcement
    from .models import QuotaEntry, ServiceState, TokenStatus
    from .query import Queried
    from .rows.targets import Target
    from .user.login import Obstacle
    from .watching.monitor import Row
    from .watching.schedule import Schedule
    from .watching.tracker import Tracker

__all__ = ["Known", "describe"]

_GRACE_S = 30.0

_APPLICATION = re.compile(r"[a-z0-9-]{1,60}")

_ALONE = "nothing on the platform answers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What one look at the platform knows beside its rows.

    Parameters
    ----------
    now
        Monotonic time, in seconds.
    at
        The same moment as a date.
    schedule
        Says when evidence is old.
    quotas
        The user's quota by Gafaelfawr service.
    offline
        Nothing at all answers.
    token
        What is known of the lab's token.
    obstacle
        What keeps the user out, if anything does.
    """

    now: float
    at: datetime
    schedule: Schedule
    quotas: Mapping[str, QuotaEntry]
    offline: bool
    token: TokenStatus | None = None
    obstacle: Obstacle | None = None


def describe(
    row: Row,
    known: Known,
    *,
    queried: Queried | None = None,
    announced: Announcement | None = None,
) -> ServiceStatus:
    """Return one row as users see it.

    Parameters
    ----------
    row
        The row.
    known
        What is known beside it.
    queried
        What was read of its data, if the user asked for that.
    announced
        What was announced of this row for now.
    """
    target, tracker, entry = row.target, row.tracker, row.target.entry
    now, last_at = known.now, tracker.last_at
    quota = None if target.quota is None else known.quotas.get(target.quota)
    age = None if last_at is None else max(0.0, now - last_at)
    stale = age is not None and age > _old_after(row, known.schedule)
    cost = _cost(row, quota)
    affected = _is_affected(target, known.obstacle)
    shown = _itself(row, known, age, stale=stale, cost=cost)
    if quota is not None and quota.limit == 0 and target.deployed:
        shown.state = "blocked"
        shown.evidence = "an administrator set your quota for it to 0"
    if queried is not None:
        _doubt(shown, queried, now)
    if affected is not None:
        _hinder(shown, row, affected)
    elif shown.state == "up":
        _allow(shown, target, known.token)
    if announced is not None:
        _excuse(shown, announced, tracker)
    status = ServiceStatus(
        id=target.id,
        title=target.title,
        application=target.application,
        category=entry.category,
        dataset=target.dataset,
        datasets=list(target.datasets),
        state=shown.state,
        state_age_s=None if shown.since is None else now - shown.since,
        stale=shown.stale,
        evidence=shown.evidence,
        source=target.url,
        depth=entry.depth if target.url is not None else None,
        looked_at=_looked_at(target),
        age_s=age,
        latency_s=None if tracker.last is None else tracker.last.latency_s,
        until=shown.until,
        checks=tracker.same,
        history=_history(tracker, now),
        quota=None if quota is None else _quota(quota),
        spends_quota=target.on_request,
        cost=cost,
        query=None if queried is None else queried.check(now),
        query_cost=query_cost(target, quota),
        version=row.version,
        maintenance=None if announced is None else announced.title,
        depends_on=list(entry.depends_on),
        affected_by=[]
        if affected is None or affected.root == target.application
        else [affected.root],
        facility=entry.facility,
        open_url=target.open_url,
        docs=_docs(target),
        runbook=entry.runbook,
        logs=entry.logs,
        owner=entry.owner,
        contact=entry.contact,
    )
    return status.model_copy(update={"advice": advise(status)})


@dataclass(slots=True)
class _Shown:
    """What a row says first; each rule may change what the last one said."""

    state: ServiceState
    evidence: str
    since: float | None
    stale: bool
    until: datetime | None = None


def _itself(
    row: Row, known: Known, age: float | None, *, stale: bool, cost: str
) -> _Shown:
    """Return what the probes alone say of a row."""
    last = row.tracker.last
    state, evidence = _judge(row, stale=stale, offline=known.offline)
    shown = _Shown(state, evidence, row.tracker.since, stale)
    if row.target.on_request and last is None:
        shown.state, shown.evidence = _unasked(row, cost, known.token)
    if shown.state == "throttled" and last is not None:
        left = (last.wait_s or 0.0) - (age or 0.0)
        if left > 0:
            shown.until = known.at + timedelta(seconds=left)
        else:
            # What was said of then says nothing of now.
            shown.state, shown.stale = "unknown", True
            shown.evidence = "the wait is over; check again"
    return shown


def _history(tracker: Tracker, now: float) -> list[Observation]:
    return [
        Observation(
            state=seen.state,
            latency_s=seen.latency_s,
            age_s=max(0.0, now - seen.at),
        )
        for seen in tracker.history
    ]


def _is_affected(target: Target, obstacle: Obstacle | None) -> Obstacle | None:
    if obstacle is None or not target.deployed or target.url is None:
        return None
    return obstacle if needs(target, obstacle.root) else None


def _doubt(shown: _Shown, queried: Queried, now: float) -> None:
    """Let a query that failed take away what a probe claims, never add."""
    if queried.holds(now) and shown.state == "up":
        shown.state, shown.since = "degraded", queried.failing_since
        shown.evidence = f"{queried.failure}; its probe: {shown.evidence}"


def _excuse(shown: _Shown, announced: Announcement, tracker: Tracker) -> None:
    """Tell what was announced of a row that is out."""
    if _is_out(shown.state, tracker):
        shown.state, shown.until = "maintenance", announced.until
        title = announced.title.rstrip(".")
        shown.evidence = f"announced: {title}; now: {shown.evidence}"


def _hinder(shown: _Shown, row: Row, obstacle: Obstacle) -> None:
    """Say what a row is to a user who is kept out.

    What is worse by itself stays so: a service that is down is down for those
    who are let in, too.
    """
    if row.target.application == obstacle.root:
        if shown.state not in {"down", "degraded"}:
            shown.state = "degraded"
            shown.evidence = f"{obstacle.seen}; itself: {shown.evidence}"
        return
    own, last = "itself", row.tracker.last
    if obstacle.root == "login":
        if shown.state in {"down", "degraded", "blocked", "throttled"}:
            return
        shown.state = "restricted"
        # What is probed on request sends the token that is refused.
        if not row.target.on_request:
            own = "without a login"
    elif shown.state == "down" and last is not None and last.status != 500:
        return
    else:
        shown.state = "unknown"
    cause = f"{obstacle.what} ({obstacle.seen})"
    shown.evidence = f"{cause}; {own}: {shown.evidence}"


def _allow(shown: _Shown, target: Target, token: TokenStatus | None) -> None:
    """Say what a row that is well is to a user whose token lacks a scope."""
    missing = _missing_scopes(target, token)
    if missing:
        shown.state = "restricted"
        lacks = f"needs the scope {missing}, which your token lacks"
        shown.evidence = f"{lacks}; without a login: {shown.evidence}"


def _missing_scopes(target: Target, token: TokenStatus | None) -> str:
    if token is None or token.state != "valid":
        return ""
    return ", ".join(s for s in target.scopes if s not in token.scopes)


def _is_out(state: ServiceState, tracker: Tracker) -> bool:
    """Whether a row does not work, as was announced.

    One failure is enough then: it is not the only witness.
    """
    last = tracker.last
    if last is None:
        return False
    out = {"down", "degraded"}
    return state in {*out, "unknown"} or last.state in out


def _looked_at(target: Target) -> str:
    """Say what the probe of a row looks at."""
    if target.url is None or target.entry.probe is None:
        return ""
    if target.entry.looks_at is not None:
        return target.entry.looks_at
    if target.entry.depth == "backend":
        return "what is behind it was asked, too"
    return "only its frontend was asked"


def _docs(target: Target) -> str | None:
    """Name a page: the site's, discovery's, or Phalanx's own."""
    if target.entry.docs is not None:
        return target.entry.docs
    if target.docs is not None:
        return target.docs
    if not _APPLICATION.fullmatch(target.application):
        return None
    return f"https://phalanx.lsst.io/applications/{target.application}/"


def _old_after(row: Row, schedule: Schedule) -> float:
    limit = schedule.stale_after_s
    tracker = row.tracker
    if tracker.state != "up" and tracker.last_at is not None:
        # A row that is not well is asked less and less often, on purpose.
        limit = max(limit, row.due - tracker.last_at + _GRACE_S)
    return limit


def _judge(
    row: Row, *, stale: bool, offline: bool
) -> tuple[ServiceState, str]:
    target, tracker = row.target, row.tracker
    if not target.deployed:
        return "not_deployed", target.reason
    if target.url is None:
        return "unmonitored", target.reason
    if tracker.last is None:
        return "unknown", "not checked yet"
    if stale:
        return (
            "unknown",
            f"no fresh check; the last one said: {tracker.last.evidence}",
        )
    return tracker.state, _sentence(tracker, offline=offline)


def _sentence(tracker: Tracker, *, offline: bool) -> str:
    last = tracker.last
    if last is None:
        return "not checked yet"
    if last.state == "up":
        if tracker.state == "up":
            return last.evidence
        return (
            f"answers again ({tracker.good} of {UP_AFTER} checks): "
            f"{last.evidence}"
        )
    if tracker.bad < DOWN_AFTER and tracker.state != last.state:
        said = f"{last.evidence} ({tracker.bad} of {DOWN_AFTER} checks)"
        if tracker.state == "up":
            said += "; up before that"
        return said
    said = last.evidence
    if tracker.state not in {last.state, "unknown"}:
        said += f" ({tracker.same} of the last {tracker.bad} checks)"
    elif tracker.bad > 1:
        said += f" ({tracker.bad} checks in a row)"
    if offline and not last.answered:
        return f"{_ALONE}: {said}"
    return said


def _unasked(
    row: Row, cost: str, token: TokenStatus | None
) -> tuple[ServiceState, str]:
    """Say what is known of a row that only a click asks."""
    if token is not None and token.state in {"missing", "rejected"}:
        return "restricted", "can be asked with a valid token only"
    missing = _missing_scopes(row.target, token)
    if missing:
        return (
            "restricted",
            f"needs the scope {missing}, which your token lacks",
        )
    return "unknown", f"checked on request only; {cost}"


def _cost(row: Row, quota: QuotaEntry | None) -> str:
    if not row.target.on_request:
        return ""
    if quota is None:
        return "a check sends one request with your token"
    return f"a check uses 1 of your {quota.limit} requests a minute"


def _quota(entry: QuotaEntry) -> ServiceQuota:
    return ServiceQuota(
        limit=entry.limit,
        remaining=entry.remaining,
        resets_at=entry.resets_at,
    )

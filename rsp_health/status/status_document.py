"""From rows to the document: the words that users read.

Sentences say what is known and how. Old evidence is `unknown`, whatever it
once said; a row never stays green for lack of news.
"""

from __future__ import annotations

import re
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

__all__ = ["describe"]

_GRACE_S = 30.0

_APPLICATION = re.compile(r"[a-z0-9-]{1,60}")

_ALONE = "nothing on the platform answers"


def describe(
    row: Row,
    *,
    now: float,
    at: datetime,
    schedule: Schedule,
    quotas: Mapping[str, QuotaEntry],
    offline: bool,
    token: TokenStatus | None = None,
    obstacle: Obstacle | None = None,
    queried: Queried | None = None,
    announced: Announcement | None = None,
) -> ServiceStatus:
    """Return one row as users see it.

    Parameters
    ----------
    row
        The row.
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
    queried
        What was read of its data, if the user asked for that.
    announced
        What was announced of this row for now.
    """
    target, tracker, entry = row.target, row.tracker, row.target.entry
    quota = None if target.quota is None else quotas.get(target.quota)
    age = None if tracker.last_at is None else max(0.0, now - tracker.last_at)
    stale = age is not None and age > _old_after(row, schedule)
    state, evidence = _judge(row, stale=stale, offline=offline)
    cost = _cost(row, quota)
    if target.on_request and tracker.last is None:
        state, evidence = _unasked(row, cost, token)
    until = None
    if state == "throttled" and tracker.last is not None:
        left = (tracker.last.wait_s or 0.0) - (age or 0.0)
        if left > 0:
            until = at + timedelta(seconds=left)
        else:
            state, evidence = "unknown", "the wait is over; check again"
    if quota is not None and quota.limit == 0 and target.deployed:
        state = "blocked"
        evidence = "an administrator set your quota for it to 0"
    since = tracker.since
    if queried is not None and queried.holds(now) and state == "up":
        # A query only ever takes away what a probe claims.
        state, since = "degraded", queried.failing_since
        evidence = f"{queried.failure}; its probe: {evidence}"
    affected = _is_affected(target, obstacle)
    if affected is not None:
        state, evidence = _hindered(row, state, evidence, affected)
    elif state == "up":
        state, evidence = _allowed(target, token, evidence)
    if announced is not None and _is_out(state, tracker):
        state, until = "maintenance", announced.until
        title = announced.title.rstrip(".")
        evidence = f"announced: {title}; now: {evidence}"
    status = ServiceStatus(
        id=target.id,
        title=target.title,
        application=target.application,
        category=entry.category,
        dataset=target.dataset,
        datasets=list(target.datasets),
        state=state,
        state_age_s=None if since is None else now - since,
        stale=stale,
        evidence=evidence,
        source=target.url,
        depth=entry.depth if target.url is not None else None,
        looked_at=_looked_at(target),
        age_s=age,
        latency_s=None if tracker.last is None else tracker.last.latency_s,
        until=until,
        checks=tracker.same,
        history=[
            Observation(
                state=seen.state,
                latency_s=seen.latency_s,
                age_s=max(0.0, now - seen.at),
            )
            for seen in tracker.history
        ],
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


def _is_affected(target: Target, obstacle: Obstacle | None) -> Obstacle | None:
    if obstacle is None or not target.deployed or target.url is None:
        return None
    return obstacle if needs(target, obstacle.root) else None


def _hindered(
    row: Row, state: ServiceState, evidence: str, obstacle: Obstacle
) -> tuple[ServiceState, str]:
    """Say what a row is to a user who is kept out.

    What is worse by itself stays so: a service that is down is down for those
    who are let in, too.
    """
    cause = f"{obstacle.what} ({obstacle.seen})"
    if row.target.application == obstacle.root:
        if state in {"down", "degraded"}:
            return state, evidence
        return "degraded", f"{obstacle.seen}; itself: {evidence}"
    if obstacle.root == "login":
        if state in {"down", "degraded", "blocked", "throttled"}:
            return state, evidence
        # What is probed on request sends the token that is refused.
        own = "itself" if row.target.on_request else "without a login"
        return "restricted", f"{cause}; {own}: {evidence}"
    last = row.tracker.last
    if state == "down" and last is not None and last.status != 500:
        return state, evidence
    return "unknown", f"{cause}; itself: {evidence}"


def _allowed(
    target: Target, token: TokenStatus | None, evidence: str
) -> tuple[ServiceState, str]:
    """Say what a row that is well is to a user whose token lacks a scope."""
    missing = _missing_scopes(target, token)
    if not missing:
        return "up", evidence
    lacks = f"needs the scope {missing}, which your token lacks"
    return "restricted", f"{lacks}; without a login: {evidence}"


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

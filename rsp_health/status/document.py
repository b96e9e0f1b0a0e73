"""From rows to the document: the words that users read.

Sentences say what is known and how. Old evidence is `unknown`, whatever it
once said; a row never stays green for lack of news.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from .models import Observation, ServiceQuota, ServiceStatus
from .tracker import DOWN_AFTER, UP_AFTER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .catalogue import Catalogue, MaintenanceWindow
    from .models import QuotaEntry, ServiceState, TokenStatus
    from .monitor import Row
    from .schedule import Schedule
    from .targets import Target
    from .tracker import Tracker

__all__ = ["describe", "shown"]

_GRACE_S = 30.0

_APPLICATION = re.compile(r"[a-z0-9-]{1,60}")

_ALONE = "nothing on the platform answers"


def describe(
    row: Row,
    *,
    now: float,
    at: datetime,
    schedule: Schedule,
    catalogue: Catalogue,
    quotas: Mapping[str, QuotaEntry],
    offline: bool,
    token: TokenStatus | None = None,
) -> ServiceStatus:
    """Return one row as users see it.

    Parameters
    ----------
    row
        The row.
    now
        Monotonic time, in seconds.
    at
        The same moment as a date, for maintenance windows.
    schedule
        Says when evidence is old.
    catalogue
        Announced maintenance.
    quotas
        The user's quota by Gafaelfawr service.
    offline
        Nothing at all answers.
    token
        What is known of the lab's token.
    """
    target, tracker, entry = row.target, row.tracker, row.target.entry
    quota = quotas.get(entry.quota) if entry.quota is not None else None
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
    window = catalogue.window(target.id, at)
    if window is not None and shown(state, window) != state:
        state, until = shown(state, window), window.end
        evidence = f"announced: {window.title}; now: {evidence}"
    return ServiceStatus(
        id=target.id,
        title=target.title,
        application=target.application,
        category=entry.category,
        dataset=target.dataset,
        datasets=list(target.datasets),
        state=state,
        state_age_s=None if tracker.since is None else now - tracker.since,
        stale=stale,
        evidence=evidence,
        source=target.url,
        depth=entry.depth if target.url is not None else None,
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
        version=row.version,
        maintenance=None if window is None else window.title,
        depends_on=list(entry.depends_on),
        facility=entry.facility,
        open_url=target.open_url,
        docs=_docs(target),
        runbook=entry.runbook,
        logs=entry.logs,
        owner=entry.owner,
        contact=entry.contact,
    )


def shown(
    state: ServiceState, window: MaintenanceWindow | None
) -> ServiceState:
    """Return a state as it is told while maintenance is announced.

    Parameters
    ----------
    state
        What the probes found.
    window
        The maintenance that covers now.
    """
    if window is not None and state in {"down", "degraded", "unknown"}:
        return "maintenance"
    return state


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
    scope = row.target.entry.scope
    if token is not None and token.state in {"missing", "rejected"}:
        return "restricted", "can be asked with a valid token only"
    if (
        token is not None
        and token.state == "valid"
        and scope is not None
        and scope not in token.scopes
    ):
        return (
            "restricted",
            f"needs the scope {scope}, which your token lacks",
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

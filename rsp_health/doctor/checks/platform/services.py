"""Tell which of the platform's services does not work, the cause first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....status.wording import owner_of, tell_owner
from ...evidence import monitor
from ...evidence.words import counted, duration, listed
from ...models import Evidence, attention, cannot_tell, fault, ok
from ..base import Family

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ....status.models import ServiceStatus, StatusDocument
    from ...context import Context
    from ...evidence.monitor import Monitored
    from ...models import Finding, Whose

__all__ = ["Services"]

_OUT = frozenset({"down", "degraded", "maintenance"})
#: Seconds after which it is worth telling since when.
_SINCE_S = 60.0
#: The checks `token` and `quota` tell these.
_ABOUT_THE_USER = frozenset({"blocked", "throttled", "restricted"})


class Services(Family):
    """Reads the monitor's document, or asks each service once."""

    id = "service"
    title = "Services"
    otherwise = "No platform is known here."
    asks_platform = True

    def applies(self, context: Context) -> bool:
        """Return whether there is a platform."""
        return context.environment.base_url is not None

    def look_at(self, context: Context, part: str) -> list[Finding]:
        """Return what is found."""
        known = monitor.services(context)
        rows = known.document.services
        if part:
            rows = [r for r in rows if part in {r.id, r.application}]
        if not rows:
            return [_no_such_row(known.document, part)]
        silent = known.document.observer_offline or not any(
            row.age_s is not None for row in rows
        )
        if silent and not part:
            why = known.document.verdict.sentence or "Nobody answered."
            return [cannot_tell(f"No service could be looked at. {why}")]
        out = _roots_first([r for r in rows if _is_out(r, known)])
        found = [self._tell(row, known) for row in out]
        if part:
            found += [
                self.of(r.id, _well(r)) for r in rows if not _is_out(r, known)
            ]
        return found or [_all_well(rows)]

    def _tell(
        self, row: ServiceStatus, known: Monitored[StatusDocument]
    ) -> Finding:
        needing = [
            other.title
            for other in known.document.services
            if row.application in other.affected_by
        ]
        seen = [_evidence(row)]
        if needing:
            seen.append(
                Evidence(
                    source="needs it, too", value=listed(needing, most=10)
                )
            )
        works = [r for r in known.document.services if r.state == "up"]
        if works:
            names = listed([r.title for r in works], most=10)
            seen.append(Evidence(source="works", value=names))
        if row.last_run is not None:
            seen.append(
                Evidence(
                    source=row.last_run.notebook,
                    value=f"its last check: {row.last_run.state}",
                )
            )
        finding = _told(row, known, seen)
        title = f"{self.title}: {row.title}"
        return self.of(row.id, finding.model_copy(update={"title": title}))


def _told(
    row: ServiceStatus,
    known: Monitored[StatusDocument],
    seen: Sequence[Evidence],
) -> Finding:
    since = (
        f", for {duration(row.state_age_s or 0.0)}"
        if known.is_watched and (row.state_age_s or 0.0) >= _SINCE_S
        else ""
    )
    says = row.evidence[:1].lower() + row.evidence[1:]
    if row.state == "maintenance":
        until = f" until {row.until:%H:%M} UTC" if row.until else ""
        return fault(
            f"{row.title} is in maintenance{until}, as was announced.",
            *seen,
            whose="announced",
            next_step="Nothing to fix in this lab: wait until it is over.",
        )
    whose: Whose = "platform" if row.owner is None else "application"
    if row.state == "down":
        return fault(
            f"{row.title} is down{since}: {says}.",
            *seen,
            whose=whose,
            next_step=_step(row),
        )
    once = "" if row.state == "degraded" else " (one look is no proof)"
    return attention(
        f"{row.title} does not work as it should{since}: {says}{once}.",
        *seen,
        whose=whose,
        next_step=_step(row)
        if row.state == "degraded"
        else "Look again in a minute: rsp-health status --watch",
    )


def _step(row: ServiceStatus) -> str:
    runbook = f" What is known to help: {row.runbook}" if row.runbook else ""
    return f"{tell_owner(row)}{runbook}"


def _is_out(row: ServiceStatus, known: Monitored[StatusDocument]) -> bool:
    if row.state in _OUT:
        return True
    # One look proves no outage to a monitor; here it is all there is.
    last = row.history[-1].state if row.history else None
    return (
        not known.is_watched
        and row.state == "unknown"
        and not row.affected_by
        and last in _OUT
    )


def _roots_first(rows: list[ServiceStatus]) -> list[ServiceStatus]:
    """Put what others need before them, and what is down first."""
    needed = {name for row in rows for name in row.depends_on}
    order = ("maintenance", "down", "degraded", "unknown")
    return sorted(
        rows,
        key=lambda r: (r.application not in needed, order.index(r.state)),
    )


def _evidence(row: ServiceStatus) -> Evidence:
    depth = f" ({row.looked_at})" if row.looked_at else ""
    return Evidence(
        source=row.source or row.title,
        value=f"{row.evidence}{depth}",
        age_s=row.age_s or 0.0,
    )


def _well(row: ServiceStatus) -> Finding:
    seen = _evidence(row)
    if row.state == "up":
        return ok(f"{row.title} is up: {row.evidence}.", seen)
    if row.state in _ABOUT_THE_USER:
        return attention(
            f"{row.title} is {row.state} for you: {row.evidence}.",
            seen,
            whose="your_lab" if "login" in row.affected_by else "platform",
            next_step=row.advice or f"Ask {owner_of(row)}.",
        )
    return cannot_tell(f"{row.title}: {row.evidence}.", seen)


def _all_well(rows: Sequence[ServiceStatus]) -> Finding:
    up = [row for row in rows if row.state == "up"]
    if not up:
        return cannot_tell(
            "No service gave a sign of life, and none is known to be down.",
            *[_evidence(row) for row in rows if row.age_s is not None][:5],
        )
    rest = [r for r in rows if r.state in _ABOUT_THE_USER | {"unknown"}]
    apart = (
        f" Not known, or not open to you: {listed([r.title for r in rest])}."
        if rest
        else ""
    )
    return ok(
        f"{counted(len(up), 'service')} of the platform "
        f"{'is' if len(up) == 1 else 'are'} up.{apart}",
        *[_evidence(row) for row in up],
    )


def _no_such_row(document: StatusDocument, part: str) -> Finding:
    if not part or not document.services:
        why = document.discovery.message or "It named none."
        return cannot_tell(f"What services there are is not known. {why}")
    ids = listed(sorted(row.id for row in document.services), most=30)
    return cannot_tell(
        f"There is no service {part} here.",
        Evidence(source="services of this site", value=ids),
    )

"""Tell which of the user's quotas keep them from something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...evidence import monitor
from ...evidence.words import counted, listed
from ...models import Evidence, attention, cannot_tell, fault, ok
from ..base import Family

if TYPE_CHECKING:
    from ....status.models import QuotaDocument, QuotaEntry
    from ...context import Context
    from ...models import Finding

__all__ = ["Quota"]

_SOURCE = "the platform's user-info"
_LITTLE = 0.1


class Quota(Family):
    """Asks Gafaelfawr for the limits, which costs none of them."""

    id = "quota"
    title = "Your quota"
    otherwise = "No platform is known here."
    asks_platform = True

    def applies(self, context: Context) -> bool:
        """Return whether there is a platform that could set limits."""
        return context.environment.base_url is not None

    def look_at(self, context: Context, part: str) -> list[Finding]:
        """Return what is found."""
        document = monitor.quota(context)
        if document.token.state != "valid":
            why = document.token.message or "the token was not accepted"
            return [
                cannot_tell(
                    f"Your quotas are not known: {why.rstrip('.')}.",
                    next_step="Look at your login first: rsp-health doctor "
                    "token",
                )
            ]
        entries = [e for e in document.api if part in {"", e.service}]
        found = [
            self.of(entry.service, finding)
            for entry in entries
            if (finding := _judge(entry)) is not None
        ]
        if not part and document.lab.may_spawn is False:
            found.append(self.of("spawn", _may_not_spawn()))
        return found or [_well(document, entries, part)]


def _judge(entry: QuotaEntry) -> Finding | None:
    seen = Evidence(source=_SOURCE, value=_told(entry))
    if entry.limit == 0:
        by = " for everybody, for now" if entry.overridden else ""
        return fault(
            f"You may not use {entry.service}: your quota is 0, set{by} by "
            "an administrator.",
            seen,
            whose="platform",
            next_step="Ask whoever runs the site which group you need to be "
            f"in for {entry.service}."
            if not entry.overridden
            else "Wait, or ask whoever runs the site until when.",
        )
    if entry.remaining is None or entry.resets_at is None:
        return None
    when = f"{entry.resets_at:%H:%M:%S} UTC"
    if entry.remaining == 0:
        return fault(
            f"Your {entry.limit} requests a minute to {entry.service} are "
            "used up (the Portal's count, too).",
            seen,
            whose="your_code",
            next_step=f"Wait until {when}, then send fewer at a time.",
        )
    if entry.remaining <= _LITTLE * entry.limit:
        return attention(
            f"Of your {entry.limit} requests a minute to {entry.service}, "
            f"{entry.remaining} are left.",
            seen,
            whose="your_code",
            next_step=f"Wait until {when} before you send more.",
        )
    return None


def _may_not_spawn() -> Finding:
    return attention(
        "You may not start labs at present: once this one ends, you have "
        "none.",
        Evidence(source=_SOURCE, value="notebook.spawn: false"),
        whose="platform",
        next_step="Save your work elsewhere, and ask whoever runs the site "
        "before you stop this lab.",
    )


def _well(
    document: QuotaDocument, entries: list[QuotaEntry], part: str
) -> Finding:
    if part and not entries:
        return ok(
            f"You have no quota for {part}: nothing limits you.",
            Evidence(source=_SOURCE, value=f"has nothing about {part}"),
        )
    queries = [
        f"{database}: {count} queries at a time"
        for database, count in document.concurrent_queries.items()
    ]
    told = [_told(entry) for entry in entries] + queries
    parts = [
        *([f"{len(entries)} for requests a minute"] if entries else []),
        *([f"{len(queries)} for queries at a time"] if queries else []),
    ]
    return ok(
        f"None of your {counted(len(told), 'quota')} is used up: "
        f"{' and '.join(parts)}."
        if told
        else "You have no quotas: nothing limits you.",
        Evidence(source=_SOURCE, value=listed(told, most=30) or "none"),
    )


def _told(entry: QuotaEntry) -> str:
    left = "" if entry.remaining is None else f", {entry.remaining} left"
    return f"{entry.service}: {entry.limit} requests a minute{left}"

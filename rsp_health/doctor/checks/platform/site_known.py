"""Tell what the site has announced: outages, maintenance, usual times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....errors import BadInputError
from ....status.rows.catalogue import load
from ....wire import utc_now
from ...evidence import monitor
from ...models import Evidence, attention, cannot_tell, ok
from ..base import Check

if TYPE_CHECKING:
    from datetime import datetime

    from ....status.rows.catalogue import MaintenanceWindow
    from ...context import Context
    from ...models import Finding

__all__ = ["SiteKnown"]

_SOON_H = 24


class SiteKnown(Check):
    """Reads announcements, and the windows in the site's catalogue."""

    id = "site.known"
    title = "Announced by the site"
    otherwise = "No platform is known here."
    asks_platform = True

    def applies(self, context: Context) -> bool:
        """Return whether there is a site."""
        return context.environment.base_url is not None

    def look(self, context: Context) -> Finding:
        """Return what is found."""
        now = utc_now()
        windows, seen = _windows(context, now)
        running = [w for w in windows if w.start <= now < w.end]
        if running:
            last = max(running, key=lambda w: w.end)
            return attention(
                f"Announced for now: {last.title}, until {_moment(last.end)}.",
                *map(_told, running),
                whose="announced",
                next_step=f"Wait until {_moment(last.end)}, then look again.",
            )
        news = monitor.announcements(context)
        outages = [b for b in news.broadcasts if b.category == "outage"]
        notices = [b for b in news.broadcasts if b.category == "notice"]
        seen += [
            Evidence(source=f"announcement ({b.category})", value=b.summary)
            for b in (*outages, *notices)
        ]
        if outages or notices:
            first = (outages or notices)[0]
            return attention(
                f"Announced: {_sentence(first.summary)}",
                *seen,
                whose="announced",
                next_step="Read it in full on the platform's home page; wait "
                "if it is what you have trouble with.",
            )
        coming = min(windows, key=lambda w: w.start, default=None)
        if news.state not in {"fresh", "not_deployed"}:
            return cannot_tell(
                f"What the site announces is not known. {news.message}", *seen
            )
        seen.append(
            Evidence(
                source="announcements",
                value="none"
                if news.state == "fresh"
                else "this site has no service for them",
            )
        )
        if coming is None:
            return ok("Nothing is announced for now.", *seen)
        return ok(
            f"Nothing is announced for now. Next: {coming.title}, from "
            f"{_moment(coming.start)}.",
            *seen,
            _told(coming),
        )


def _windows(
    context: Context, now: datetime
) -> tuple[list[MaintenanceWindow], list[Evidence]]:
    """Return the windows of today, and what is wrong with their file."""
    try:
        catalogue = load(context.find_catalogue())
    except BadInputError as exc:
        return [], [Evidence(source="catalogue", value=exc.message)]
    return list(catalogue.around(now, hours=_SOON_H)), []


def _told(window: MaintenanceWindow) -> Evidence:
    services = ", ".join(window.services).replace("*", "all services")
    return Evidence(
        source=window.title,
        value=f"{_moment(window.start)} to {_moment(window.end)}: {services}",
    )


def _moment(at: datetime) -> str:
    return f"{at:%a %d %b %H:%M} UTC"


def _sentence(text: str) -> str:
    short = text if len(text) <= 300 else f"{text[:299]}…"
    return short if short.endswith((".", "!", "?", "…")) else f"{short}."

"""The table as it is now: rows, and the verdict over them, in one look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..wire import utc_now
from .announcements.announced import Announcements
from .status_document import Known, describe
from .verdict import judge

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .announcements.broadcasts import Broadcasts
    from .models import PlatformVerdict, ServiceState, ServiceStatus
    from .query import Queries
    from .rows.site_catalogue import SiteCatalogue
    from .user.quota import QuotaReader
    from .user.room import Room
    from .watching.monitor import Monitor
    from .watching.schedule import Schedule

__all__ = ["Table", "View"]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One look at everything that is known."""

    rows: list[ServiceStatus]
    verdict: PlatformVerdict
    offline: bool


class Table:
    """Puts together what the parts of the feature know.

    Parameters
    ----------
    monitor
        The rows and their probes.
    queries
        What was read of services' data.
    quota
        The user's token and quotas.
    broadcasts
        What Semaphore announced.
    room
        What the lab itself lacks.
    site
        The catalogue, with the overlay's maintenance windows.
    schedule
        Says when evidence is old.
    clock
        Monotonic clock, in seconds.
    publish
        Takes an event ``{id, state, previous}`` when a row changes.
    """

    def __init__(
        self,
        *,
        monitor: Monitor,
        queries: Queries,
        quota: QuotaReader,
        broadcasts: Broadcasts,
        room: Room,
        site: SiteCatalogue,
        schedule: Schedule,
        clock: Callable[[], float],
        publish: Callable[[dict[str, Any]], None] | None,
    ) -> None:
        self._monitor = monitor
        self._queries = queries
        self._quota = quota
        self._broadcasts = broadcasts
        self._room = room
        self._site = site
        self._schedule = schedule
        self._clock = clock
        self._publish = publish
        self._told: dict[str, ServiceState] = {}

    def view(self) -> View:
        """Return what is known now."""
        rows, offline = self._monitor.rows, self._monitor.offline
        known = Known(
            now=self._clock(),
            at=utc_now(),
            schedule=self._schedule,
            quotas={q.service: q for q in self._quota.entries()},
            offline=offline,
            token=self._quota.token,
            obstacle=self._quota.login.obstacle(rows, offline=offline),
        )
        announcements = Announcements(
            self._site.current,
            known.at,
            self._broadcasts.current,
            [row.target for row in rows],
        )
        shown = [
            describe(
                row,
                known,
                queried=self._queries.of(row.target),
                announced=announcements.of(row.target),
            )
            for row in rows
        ]
        verdict = judge(
            shown,
            at=known.at,
            now=known.now,
            obstacle=known.obstacle,
            offline=offline,
            lack=self._room.lack,
        )
        return View(rows=shown, verdict=verdict, offline=offline)

    def publish_changes(self) -> None:
        """Publish which rows are shown in another state than before.

        A login or an announcement changes many rows, and none of their
        probes: so what is shown is compared, not what was probed.
        """
        if self._publish is None:
            return
        told = {}
        for row in self.view().rows:
            previous = self._told.get(row.id, "unknown")
            # What was never checked has not changed.
            told[row.id] = previous if row.age_s is None else row.state
            if told[row.id] != previous:
                self._publish(
                    {"id": row.id, "state": row.state, "previous": previous}
                )
        self._told = told

"""The status feature: what the doors call."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ..platform.clock import seconds
from ..platform.http.client import PlatformHttp
from ..wire import utc_now
from .announcements.announced import Announcements
from .announcements.broadcasts import Broadcasts
from .announcements.user_messages import Messages
from .deployed import Deployed
from .models import QuotaDocument, StatusDocument
from .query import Queries
from .rounds import Rounds
from .rows.site_catalogue import SiteCatalogue
from .rows.targets import resolve
from .table import Table
from .user import testbots
from .user.lab import MAY_NOT_SPAWN, Lab
from .user.login import LOGIN_SERVICE
from .user.quota import QuotaReader
from .user.room import Room
from .watching.last_day import LastDay
from .watching.monitor import Monitor, run_probe
from .watching.schedule import Schedule
from .watching.tracker import DOWN_AFTER
from .watching.watch import CauseWatch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from typing import Any

    from ..platform.discovery import DiscoveryService
    from ..platform.environment import LabEnvironment
    from ..platform.models import Discovery
    from .models import BroadcastList, ServiceHistory
    from .probes import Verdict
    from .rows.targets import Target

__all__ = ["StatusService"]

#: Seconds that the first question waits for the first round of probes.
_FIRST_ROUND_S = 2.0
#: Seconds that a question waits for news when nobody looked for a while.
_NEXT_ROUND_S = 0.25
_SETTLE_PAUSES_S = (1.0, 2.0)


class StatusService:
    """Watches the platform while somebody looks.

    Parameters
    ----------
    environment
        The lab.
    discovery
        What is deployed.
    overlay
        The site's addition to the catalogue.
    poll_interval
        Seconds between two probes of a service that is well.
    probe_timeout
        Seconds that one probe may take in total.
    last_day
        Where what was seen in the last 24 hours is kept; `None` keeps it
        until the end of this process.
    publish
        Takes an event ``{id, state, previous}`` when a row changes.
    clock
        Monotonic clock, in seconds.
    """

    def __init__(
        self,
        *,
        environment: LabEnvironment,
        discovery: DiscoveryService,
        overlay: Path | None = None,
        poll_interval: float = 60.0,
        probe_timeout: float = 10.0,
        last_day: Path | None = None,
        publish: Callable[[dict[str, Any]], None] | None = None,
        clock: Callable[[], float] = seconds,
    ) -> None:
        self._environment = environment
        self._deployed = Deployed(
            discovery=discovery, take=self._set_targets, clock=clock
        )
        self._clock = clock
        self._http = PlatformHttp(
            environment=environment,
            timeout_s=min(max(probe_timeout, 0.1), 10.0),
        )
        self._quota = QuotaReader(
            http=self._http, environment=environment, clock=clock
        )
        self._http.listen(self._quota.observe)
        self._broadcasts = Broadcasts(
            http=self._http, base_url=environment.base_url, clock=clock
        )
        self._messages = Messages(
            http=self._http,
            environment=environment,
            may_spend=self._quota.may_spend,
            clock=clock,
        )
        self._lab = Lab(environment=environment, clock=clock)
        self._room = Room(self._lab.read_room, clock)
        self._schedule = Schedule(poll_interval)
        self._last_day = LastDay(last_day)
        self._monitor = Monitor(
            ask=self._ask,
            schedule=self._schedule,
            on_change=lambda *_: self._table.publish_changes(),
            on_probe=self._last_day.take,
            clock=clock,
        )
        self._site = SiteCatalogue(overlay, clock)
        self._queries = Queries(http=self._http, clock=clock)
        self._table = Table(
            monitor=self._monitor,
            queries=self._queries,
            quota=self._quota,
            broadcasts=self._broadcasts,
            room=self._room,
            site=self._site,
            schedule=self._schedule,
            clock=clock,
            publish=publish,
        )
        self._causes = CauseWatch(
            login=self._check_login,
            news=self._read_news,
            lab=self._room.look,
            watched=self._monitor.watched,
            interval_s=self._schedule.interval_s,
            clock=clock,
        )
        self._rounds = Rounds(
            deployed=self._deployed,
            monitor=self._monitor,
            causes=self._causes,
            quota=self._quota,
        )
        self._bots = testbots.BotsReader(
            self._http, environment.base_url, clock
        )

    async def start(self) -> None:
        """Read the catalogue. Nothing is sent before somebody asks."""
        await self._last_day.begin()
        if await self._site.update() and self._deployed.known is not None:
            self._set_targets(self._deployed.known)

    @property
    def problem(self) -> str:
        """What is wrong with the site's overlay; empty if nothing is."""
        return self._site.current.problem

    async def aclose(self) -> None:
        """Stop polling and close connections."""
        await self._rounds.aclose()
        await self._queries.aclose()
        await self._causes.aclose()
        await self._monitor.aclose()
        await self._http.aclose()
        await asyncio.to_thread(self._last_day.save)

    async def snapshot(self) -> StatusDocument:
        """Return what is known, at once, and keep it current for a while.

        The first call waits for the first round. After a time in which
        nobody looked, it waits a moment for news: else a new page would
        begin with evidence that is stale.
        """
        slept = not self._monitor.watched()
        await self._look()
        if self._rounds.in_first:
            await self._rounds.first(_FIRST_ROUND_S)
        elif slept:
            again = self._rounds.spawn(self._monitor.probe())
            await asyncio.wait({again}, timeout=_NEXT_ROUND_S)
        return self.known()

    def history(self, service: str) -> ServiceHistory:
        """Return a row's last 24 hours; see `Monitor.row` for its errors."""
        target = self._monitor.row(service).target
        return self._last_day.document(target.id, target.url)

    async def refresh(
        self, services: list[str] | None = None
    ) -> StatusDocument:
        """Probe now, and return what was found.

        Parameters
        ----------
        services
            Rows to probe. Those that spend the user's quota are probed only
            if they are named here.

        Raises
        ------
        rsp_health.errors.NotFoundError
            Raised if a row does not exist.
        """
        await self._look()
        await self._rounds.first()
        if services is None:
            await self._deployed.ask_anew()
        else:
            for name in services:
                self._monitor.row(name)
        await asyncio.gather(
            self._monitor.probe(services), self._causes.look(refresh=True)
        )
        return self.known()

    async def query(self, service: str) -> StatusDocument:
        """Read a row of a service's data, as the user asked, and judge.

        Parameters
        ----------
        service
            The row's id.

        Raises
        ------
        rsp_health.errors.RSPHealthError
            Raised if the row does not exist or has no query.
        """
        await self._look()
        await self._rounds.first()
        await self._queries.ask(self._monitor.row(service).target)
        self._table.publish_changes()
        return self.known()

    async def settle(
        self,
        services: list[str] | None = None,
        *,
        pauses_s: Sequence[float] = _SETTLE_PAUSES_S,
    ) -> StatusDocument:
        """Probe until every row and the login are sure, or all looks taken.

        Parameters
        ----------
        services
            Rows to probe; see `refresh`.
        pauses_s
            Seconds before each further look at what fails.
        """
        await self.refresh(services)
        for pause in pauses_s:
            unsure = [
                r.target.id
                for r in self._monitor.rows
                if r.target.probed
                and not r.tracker.settled
                and (services is None or r.target.id in services)
            ]
            if not unsure and self._quota.login.is_sure:
                break
            await asyncio.sleep(pause)
            await asyncio.gather(
                self._monitor.probe(unsure), self._causes.look()
            )
        return self.known()

    async def quota(self, *, refresh: bool = False) -> QuotaDocument:
        """Return the user's token, quota and lab.

        Parameters
        ----------
        refresh
            Ask Gafaelfawr again, unless it answered seconds ago.
        """
        await self.start()
        known = await self._deployed.soon()
        await self._quota.read(known, refresh=refresh)
        self._table.publish_changes()
        lab = await asyncio.to_thread(self._lab.read)
        allowed = self._quota.lab_quota
        if allowed.get("may_spawn") is False:
            lab.hints.append(MAY_NOT_SPAWN)
        return QuotaDocument(
            observed_at=utc_now(),
            token=self._quota.token,
            api=self._quota.entries(),
            concurrent_queries=self._quota.concurrent_queries,
            lab=lab.model_copy(update=allowed),
            test_bots=await self._bots.read(known, self._quota.token),
        )

    @property
    def disk_quota(self) -> int | None:
        """Disk quota of the user's home in bytes, as far as it was told."""
        quota = self._quota.lab_quota.get("quota_disk_bytes")
        return None if quota is None else int(quota)

    @property
    def memory_quota(self) -> int | None:
        """Memory of the user's labs in bytes, as far as it was told."""
        quota = self._quota.lab_quota.get("quota_memory_bytes")
        return None if quota is None else int(quota)

    async def broadcasts(self, *, refresh: bool = False) -> BroadcastList:
        """Return what the platform announces, to all and to the user.

        Parameters
        ----------
        refresh
            Ask Semaphore again, unless it answered seconds ago.
        """
        await self.start()
        known = await self._deployed.soon()
        news, (messages, note) = await asyncio.gather(
            self._broadcasts.get(known, refresh=refresh),
            self._messages.get(known, refresh=refresh),
        )
        return news.model_copy(
            update={"messages": messages, "messages_note": note}
        )

    async def announced(self) -> str | None:
        """Say what is announced for the whole platform; probe nothing."""
        news = await self.broadcasts()
        known = await self._deployed.soon()
        site = self._site.current
        rows = resolve(known, site, self._environment.base_url)
        return Announcements(site, utc_now(), news.broadcasts, rows).sentence()

    async def _look(self) -> None:
        await self.start()
        self._rounds.look()

    def _set_targets(self, found: Discovery) -> None:
        self._monitor.set_targets(
            resolve(found, self._site.current, self._environment.base_url)
        )

    async def _ask(self, target: Target) -> Verdict:
        verdict = await run_probe(self._http, target)
        if verdict.state != "up" and self._monitor.begins_to_fail(target.id):
            self._causes.wonder()
        return verdict

    async def _check_login(self, usual_s: float) -> float:
        await self._quota.check_login(await self._deployed.soon())
        if 0 < self._quota.login.failures <= DOWN_AFTER:
            # Whether it is all of it that fails shows its own row.
            _ = self._rounds.spawn(self._monitor.probe([LOGIN_SERVICE]))
        self._table.publish_changes()
        return self._quota.login.delay(usual_s)

    async def _read_news(self, refresh: bool) -> None:
        before = {b.id for b in self._broadcasts.current}
        await self._broadcasts.get(
            await self._deployed.soon(), refresh=refresh
        )
        if {b.id for b in self._broadcasts.current} - before:
            # What is announced to be out may be out by now.
            _ = self._rounds.spawn(self._monitor.probe())
        self._table.publish_changes()

    def known(self) -> StatusDocument:
        """Return what is known, for somebody who does not look at it."""
        view = self._table.view()
        return StatusDocument(
            instance=self._deployed.instance or self._environment.instance,
            observed_at=utc_now(),
            observer_offline=view.offline,
            discovery=self._deployed.status(),
            verdict=view.verdict,
            catalogue_problem=self._site.current.problem,
            services=view.rows,
        )

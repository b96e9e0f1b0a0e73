"""The one poller of a server: probes what is due while somebody looks.

However many tabs ask, a row is probed once at a time. Without a question for
`IDLE_AFTER_S` seconds nothing is sent. When nothing on the platform answers
any more, the monitor says that it may be this lab that is cut off, instead of
calling every service down.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ...errors import NotFoundError
from ...platform.clock import seconds
from ..probes import PROBES, Subject, Verdict, from_error, from_status
from .tracker import DOWN_AFTER, StateTransition, Tracker

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from ...platform.http.client import PlatformHttp
    from ..rows.targets import Target
    from .schedule import Schedule

__all__ = ["IDLE_AFTER_S", "Monitor", "Row", "run_probe"]

_log = logging.getLogger(__name__)

IDLE_AFTER_S = 60.0
"""Seconds after the last question in which rows are still probed."""

_JUST_NOW_S = 1.0
"""Seconds within which a refresh of everything does not ask again."""

_SLOW_SHARE = 0.3
"""Share of the deadline after which a good answer is slow, by default."""


@dataclass(slots=True)
class Row:
    """A row and where it stands in the schedule."""

    target: Target
    tracker: Tracker
    due: float = 0.0
    version: str | None = None
    running: asyncio.Task[None] | None = field(default=None, repr=False)


async def run_probe(http: PlatformHttp, target: Target) -> Verdict:
    """Ask a service once, and judge.

    Parameters
    ----------
    http
        The bounded client.
    target
        What to ask; it must have an address and a probe.
    """
    from ...platform.http.answers import FetchError

    url, kind = target.url, target.entry.probe
    if url is None or kind is None:
        return Verdict(state="unmonitored", evidence=target.reason)
    probe = PROBES[kind]
    token = target.entry.access == "token"
    try:
        response = await http.get(
            url, token=token, accept=probe.accept, truncate=probe.truncate
        )
    except FetchError as exc:
        return from_error(exc)
    subject = Subject(token=token, marker=target.entry.marker)
    verdict = from_status(response, subject) or probe.judge(response, subject)
    kept_s = http.kept_s(response)
    if verdict.state == "up" and kept_s is not None:
        verdict = replace(
            verdict,
            state="unknown",
            evidence="a cache answered for it, with what it kept "
            f"{_span(kept_s)} ago",
        )
    slow = target.entry.slow_s or _SLOW_SHARE * http.timeout_s
    if verdict.state == "up" and response.elapsed_s > slow:
        verdict = replace(
            verdict,
            state="degraded",
            evidence=f"{verdict.evidence}, after {response.elapsed_s:.1f} s",
        )
    return replace(verdict, status=response.status)


class Monitor:
    """Keeps the rows and probes those that are due.

    Parameters
    ----------
    ask
        Makes one probe; `run_probe` bound to a client.
    schedule
        When to ask again.
    on_change
        Told when a row is shown in another state.
    on_probe
        Told each row whose probe ended.
    clock
        Monotonic clock, in seconds.
    """

    def __init__(
        self,
        *,
        ask: Callable[[Target], Awaitable[Verdict]],
        schedule: Schedule,
        on_change: Callable[[str, StateTransition], None] | None = None,
        on_probe: Callable[[Row], None] | None = None,
        clock: Callable[[], float] = seconds,
    ) -> None:
        self._ask = ask
        self._schedule = schedule
        self._on_change = on_change
        self._on_probe = on_probe
        self._clock = clock
        self._rows: dict[str, Row] = {}
        self._asked_at: float | None = None
        self._answered_at: float | None = None
        self._wake = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None

    @property
    def rows(self) -> list[Row]:
        """All rows, in the order of the catalogue."""
        return list(self._rows.values())

    @property
    def offline(self) -> bool:
        """Whether nothing at all answers: suspect this lab's network."""
        failing = [r for r in self._rows.values() if _silent(r)]
        return len(failing) >= 2 and all(self._alone(r) for r in failing)

    def begins_to_fail(self, name: str) -> bool:
        """Whether a row's failures are too few yet to be shown."""
        row = self._rows.get(name)
        return row is not None and row.tracker.bad < DOWN_AFTER

    def row(self, name: str) -> Row:
        """Return a row by its id.

        Raises
        ------
        rsp_health.errors.NotFoundError
            Raised if there is none.
        """
        row = self._rows.get(name)
        if row is None:
            raise NotFoundError(
                f"There is no service named {name!r} here.",
                hint=f"Known are: {', '.join(sorted(self._rows))}.",
                code="no_such_service",
            )
        return row

    def set_targets(self, targets: Iterable[Target]) -> None:
        """Take over what discovery says now, keeping what is known."""
        rows: dict[str, Row] = {}
        for target in targets:
            row = self._rows.get(target.id)
            if row is None or row.target.url != target.url:
                row = Row(
                    target=target,
                    tracker=Tracker(on_request=target.on_request),
                )
            row.target = target
            rows[target.id] = row
        for name, row in self._rows.items():
            if rows.get(name) is not row and row.running is not None:
                row.running.cancel()
        self._rows = rows
        self._wake.set()

    def touch(self) -> None:
        """Note that somebody looks; polling goes on for a while."""
        self._asked_at = self._clock()
        self._wake.set()

    def watched(self) -> bool:
        """Whether somebody asked lately."""
        asked = self._asked_at
        return asked is not None and self._clock() - asked <= IDLE_AFTER_S

    def start(self) -> None:
        """Begin to poll."""
        if self._loop is None or self._loop.done():
            self._loop = asyncio.create_task(self._run())

    async def aclose(self) -> None:
        """Stop polling; probes under way are abandoned."""
        tasks = [r.running for r in self._rows.values() if r.running]
        if self._loop is not None:
            tasks.append(self._loop)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._loop = None

    async def probe(self, ids: Iterable[str] | None = None) -> None:
        """Probe rows now, or join the probe that is under way.

        Parameters
        ----------
        ids
            Rows; by default all that cost nothing. Those that spend the
            user's quota must be named.
        """
        if ids is None:
            just_now = self._clock() - _JUST_NOW_S
            rows = [
                r
                for r in self._rows.values()
                if r.target.probed and (r.tracker.last_at or 0.0) <= just_now
            ]
        else:
            rows = [self._rows[i] for i in ids if i in self._rows]
        tasks = [
            self._begin(r) for r in rows if r.target.url and self._may_ask(r)
        ]
        await asyncio.gather(
            *(asyncio.shield(t) for t in tasks), return_exceptions=True
        )

    def _may_ask(self, row: Row) -> bool:
        """Honour ``Retry-After`` even when the user asks again."""
        verdict = row.tracker.last
        return not (
            verdict is not None
            and verdict.wait_s is not None
            and self._clock() < (row.tracker.last_at or 0.0) + verdict.wait_s
        )

    def _begin(self, row: Row) -> asyncio.Task[None]:
        if row.running is None or row.running.done():
            row.running = asyncio.create_task(self._probe_row(row))
        return row.running

    async def _probe_row(self, row: Row) -> None:
        try:
            verdict = await self._ask(row.target)
        except Exception:  # noqa: BLE001 - any bug of a probe ends here
            # A bug of ours must not look like a service that is down, and
            # must not make the loop below spin.
            _log.exception("The probe of %s failed.", row.target.id)
            verdict = Verdict(
                state="unknown", evidence="the check itself failed"
            )
        now = self._clock()
        if verdict.answered:
            if self.offline:
                self._back_online(now)
            self._answered_at = now
        row.version = verdict.version or row.version
        change = row.tracker.observe(
            verdict, now, alone=not verdict.answered and self._alone(row)
        )
        row.due = now + self._schedule.delay(row.tracker)
        if self._on_probe is not None:
            self._on_probe(row)
        if not verdict.answered:
            self._call_witness(row, now)
        if change is not None and self._on_change is not None:
            self._on_change(row.target.id, change)
        self._wake.set()

    def _alone(self, row: Row) -> bool:
        """Whether nothing has answered since this row fell silent."""
        since = row.tracker.silent_since
        others = any(
            r is not row and r.target.probed for r in self._rows.values()
        )
        if not others or since is None:
            return False
        return self._answered_at is None or self._answered_at < since

    def _call_witness(self, row: Row, now: float) -> None:
        """See soon whether another service answers, or nothing does."""
        if not self._alone(row):
            return
        others = [
            r
            for r in self._rows.values()
            if r is not row and r.target.probed and not _silent(r)
        ]
        if others:
            witness = min(others, key=lambda r: (r.tracker.bad, r.due))
            witness.due = min(witness.due, now)

    def _back_online(self, now: float) -> None:
        """Do not let rows wait out a back-off that was not their fault."""
        for row in self._rows.values():
            if _silent(row):
                row.due = min(row.due, now + self._schedule.spread())

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            now = self._clock()
            pause: float | None = None
            if self.watched():
                idle = [
                    r
                    for r in self._rows.values()
                    if r.target.probed
                    and (r.running is None or r.running.done())
                ]
                for row in idle:
                    if row.due <= now:
                        _ = self._begin(row)
                    else:
                        wait = row.due - now
                        pause = wait if pause is None else min(pause, wait)
            try:
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            except TimeoutError:
                continue


def _span(seconds: float) -> str:
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h"


def _silent(row: Row) -> bool:
    """Whether the last probe found nothing that speaks HTTP."""
    return row.tracker.last is not None and not row.tracker.last.answered

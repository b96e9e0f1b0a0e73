"""One row of a service's data, read when the user asks for it: the deep check.

VOSI's word is cheap: a TAP service may call itself available after a look at
its list of tables, or with its database stopped. Only a query shows that data
can be read. It is sent with the user's token and counts against the user's
quota, so no timer ever makes one.

Standard: IVOA TAP 1.1, section 2 (``/sync``); CADC's implementation, which
the platform uses, answers ``/sync`` by a redirect to ``/sync/<job>/run``.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlencode, urljoin, urlsplit

from ..errors import BadInputError
from ..platform.clock import seconds
from ..platform.http.answers import FetchError
from .models import QueryCheck
from .probes import Subject, Verdict, from_error, from_status
from .probes.markup import is_xml
from .probes.votable import TABLE, VoTable, read_votable

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..platform.http.client import HttpResponse, PlatformHttp
    from .models import QuotaEntry
    from .rows.targets import Target

__all__ = ["FAILED_HOLDS_S", "QUERY_S", "Queried", "Queries", "query_cost"]

QUERY_S = 30.0
"""Seconds that one check may take, both of its queries together."""

FAILED_HOLDS_S = 300.0
"""Seconds for which a failed query keeps its row from being shown as up."""

_MAX_BYTES = 2 * 1024 * 1024
"""One row of a table with a thousand described columns is half of it."""

_TABLES = 100
_LIST = (
    "SELECT TOP 100 schema_name, table_name FROM TAP_SCHEMA.tables "
    "WHERE schema_name <> 'tap_schema'"
)

#: Qserv keeps these whole on each worker: one row of them is one worker's
#: work. One row of a table that is cut up may be asked of all of them.
_SMALL = ("visit", "ccdvisit", "visits", "detectorvisit")

_TOKEN = Subject(token=True)
_FAILED = frozenset({"down", "degraded"})

State = Literal["passed", "failed", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Queried:
    """What came of the queries of one row.

    Parameters
    ----------
    url
        The service that was asked.
    state
        How the newest one ended; ``unknown`` says nothing of the service.
    evidence
        What it found, without a full stop.
    at
        Monotonic time of its end, in seconds.
    latency_s
        Seconds until the row was there.
    wait_s
        Seconds to wait before another one (429).
    failure
        What the newest failed one found, if none passed since.
    failed_at
        When that was.
    failing_since
        When the first of those that failed in a row ended.
    """

    url: str
    state: State
    evidence: str
    at: float
    latency_s: float | None = None
    wait_s: float | None = None
    failure: str | None = None
    failed_at: float | None = None
    failing_since: float | None = None

    def holds(self, now: float) -> bool:
        """Whether a query failed lately and none has passed since."""
        failed = self.failed_at
        return failed is not None and now - failed <= FAILED_HOLDS_S

    def check(self, now: float) -> QueryCheck:
        """Return it as it is told."""
        return QueryCheck(
            state=self.state,
            evidence=self.evidence,
            age_s=max(0.0, now - self.at),
            latency_s=self.latency_s,
        )


def query_cost(target: Target, quota: QuotaEntry | None) -> str:
    """Say what a query does and costs, before it is made.

    Parameters
    ----------
    target
        The row.
    quota
        The user's quota for it, if known.
    """
    if not target.queried:
        return ""
    # Each may be answered by a redirect to its result.
    most = 2 if target.entry.query_table is not None else 4
    whose = "" if quota is None else f" of your {quota.limit} a minute"
    return (
        "a query reads one row of data with your token: "
        f"up to {most} requests{whose}"
    )


class Queries:
    """Makes the queries, and remembers what came of them.

    Parameters
    ----------
    http
        The bounded client.
    clock
        Monotonic clock, in seconds.
    timeout_s
        Seconds that one check may take in total.
    """

    def __init__(
        self,
        *,
        http: PlatformHttp,
        clock: Callable[[], float] = seconds,
        timeout_s: float = QUERY_S,
    ) -> None:
        self._http = http
        self._clock = clock
        self._timeout_s = timeout_s
        self._known: dict[str, Queried] = {}
        self._running: dict[str, asyncio.Task[None]] = {}

    def of(self, target: Target) -> Queried | None:
        """Return what is known of a row's data; `None` if nothing is."""
        known = self._known.get(target.id)
        return None if known is None or known.url != target.url else known

    async def ask(self, target: Target) -> None:
        """Make a query, or join the one that is under way.

        Parameters
        ----------
        target
            The row.

        Raises
        ------
        rsp_health.errors.BadInputError
            Raised if its data cannot be queried.
        """
        if not target.queried:
            raise BadInputError(
                f"{target.title} has no query to try.",
                hint="Only TAP services have one, where it is known where "
                "they are.",
                code="no_query",
            )
        running = self._running.get(target.id)
        if running is None or running.done():
            if not self._may_ask(target):
                return
            running = asyncio.create_task(self._ask(target))
            self._running[target.id] = running
        await asyncio.shield(running)

    async def aclose(self) -> None:
        """Give up the queries under way."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _may_ask(self, target: Target) -> bool:
        """Honour ``Retry-After``, whoever asks."""
        known = self.of(target)
        wait = None if known is None else known.wait_s
        return known is None or wait is None or self._clock() > known.at + wait

    async def _ask(self, target: Target) -> None:
        check = _Check(self._http, target, self._timeout_s)
        verdict = await check.run()
        state: State = "passed" if verdict.state == "up" else "unknown"
        if verdict.state in _FAILED:
            state = "failed"
        before, now = self.of(target), self._clock()
        failure, failed_at, since = None, None, None
        if state == "failed":
            failure, failed_at, since = verdict.evidence, now, now
            if before is not None and before.holds(now):
                since = before.failing_since
        elif state == "unknown" and before is not None:
            failure, failed_at = before.failure, before.failed_at
            since = before.failing_since
        self._known[target.id] = Queried(
            url=target.url or "",
            state=state,
            evidence=verdict.evidence,
            at=now,
            latency_s=verdict.latency_s,
            wait_s=verdict.wait_s,
            failure=failure,
            failed_at=failed_at,
            failing_since=since,
        )


class _Check:
    """One check: find a table, and read one row of it."""

    def __init__(
        self, http: PlatformHttp, target: Target, timeout_s: float
    ) -> None:
        self._http = http
        self._table = target.entry.query_table
        self._base = (target.service_url or "").rstrip("/")
        self._timeout_s = timeout_s
        self._end = seconds() + timeout_s

    async def run(self) -> Verdict:
        """Return what was found; ``up`` if a row was read."""
        table = self._table
        if table is None:
            listed = await self._query(_LIST, _TABLES)
            if isinstance(listed, Verdict):
                return _of("TAP_SCHEMA.tables", listed)
            table = _choose(listed)
        if table is None:
            return Verdict(
                state="unknown",
                evidence="no query was made: TAP_SCHEMA names no table of "
                "data that can be asked",
            )
        begin = seconds()
        # A name and nothing else: it has the form of `TABLE`.
        adql = f"SELECT TOP 1 * FROM {table}"  # noqa: S608
        found = await self._query(adql, 1)
        if isinstance(found, Verdict):
            return _of(table, found)
        if not found.has_rows:
            return Verdict(
                state="unknown",
                evidence=f"a query of {table} found no row, which proves "
                "nothing",
            )
        took = seconds() - begin
        return Verdict(
            state="up",
            evidence=f"one row of {table} was read in {took:.1f} s",
            latency_s=took,
        )

    async def _query(self, adql: str, rows: int) -> VoTable | Verdict:
        asked = {
            "REQUEST": "doQuery",
            "LANG": "ADQL",
            "MAXREC": str(rows),
            "QUERY": adql,
        }
        try:
            response = await self._get(f"{self._base}/sync?{urlencode(asked)}")
            job = self._job(response)
            if job is not None:
                response = await self._get(job)
        except FetchError as exc:
            return from_error(exc)
        return await self._judge(response)

    async def _get(self, url: str) -> HttpResponse:
        left = self._end - seconds()
        if left <= 0:
            raise FetchError("timeout", f"no answer in {self._timeout_s:g} s")
        try:
            return await self._http.get(
                url,
                token=True,
                accept="application/x-votable+xml, text/xml",
                timeout_s=left,
                max_bytes=_MAX_BYTES,
            )
        except FetchError as exc:
            if exc.cause != "timeout":
                raise
            # The limit is that of the check, of which this was a part.
            raise FetchError(
                "timeout", f"no answer in {self._timeout_s:g} s"
            ) from exc

    def _job(self, response: HttpResponse) -> str | None:
        """Return where the result is, if the service says so: below it."""
        if response.status != 303:
            return None
        url = urljoin(response.url, response.headers.get("location", ""))
        inside = f"{urlsplit(self._base).path}/sync/"
        path = urlsplit(url).path
        return url if path.startswith(inside) and ".." not in path else None

    async def _judge(self, response: HttpResponse) -> VoTable | Verdict:
        if self._http.kept_s(response) is not None:
            return Verdict(
                state="unknown", evidence="a cache answered in its place"
            )
        # An error of the service comes as a VOTable with status 400 or 500;
        # what the platform refuses comes from in front of it.
        ours = response.status in {401, 403, 429} or response.status < 400
        said = from_status(response, _TOKEN)
        if said is not None and (ours or not is_xml(response)):
            return said
        # Two megabytes of XML take a while: not on the event loop's thread.
        return await asyncio.to_thread(read_votable, response)


def _of(table: str, verdict: Verdict) -> Verdict:
    """Say which query it was that did not succeed."""
    failed = verdict.state in _FAILED
    said = "failed" if failed else "says nothing of the service"
    return Verdict(
        state=verdict.state,
        evidence=f"a query of {table} {said}: {verdict.evidence}",
        wait_s=verdict.wait_s,
    )


def _choose(listed: VoTable) -> str | None:
    """Return a table of data, a small one if one is known to be small."""
    names = sorted(
        row[1]
        for row in listed.texts
        if len(row) == 2
        and row[0].casefold().strip('"') != "tap_schema"
        and not row[1].casefold().startswith("tap_schema.")
        and len(row[1]) <= 200
        and re.fullmatch(TABLE, row[1])
    )
    return min(names, key=_rank, default=None)


def _rank(name: str) -> int:
    last = name.rpartition(".")[2].strip('"').casefold()
    return _SMALL.index(last) if last in _SMALL else len(_SMALL)

"""The deep check: a row of data is read when the user asks, never else."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from rsp_health.errors import BadInputError
from rsp_health.platform.environment import LabEnvironment
from rsp_health.platform.http.client import PlatformHttp
from rsp_health.status.query import FAILED_HOLDS_S, Queried, Queries
from rsp_health.status.rows.catalogue import CatalogueEntry
from rsp_health.status.rows.targets import Target
from tests.faults.status.answers import votable
from tests.faults.status.kinds import HANGING, KINDS, SLOW
from tests.faults.status.places import CANARY, CONNECTION_KINDS, open_places
from tests.faults.status.server import Exchange, FaultServer, http_answer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rsp_health.status.models import ServiceStatus, StatusDocument
    from rsp_health.status.service import StatusService

    from .conftest import Lab

VOTABLE = "application/x-votable+xml"


def _row(document: StatusDocument, name: str = "tap") -> ServiceStatus:
    return next(row for row in document.services if row.id == name)


def _target(base: str, *, table: str | None = "dp1.Visit") -> Target:
    entry = CatalogueEntry(
        probe="vosi", suffix="/availability", query="tap", query_table=table
    )
    return Target(
        id="tap",
        application="tap",
        title="TAP",
        url=f"{base}/availability",
        entry=entry,
    )


class Tap:
    """A TAP service that answers what it is told to, in turn."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def behave(self, kind: str, exchange: Exchange) -> None:
        """Send the next answer."""
        del kind
        await exchange.send(self.answers.pop(0))

    def use(
        self,
        *,
        table: str | None = "dp1.Visit",
        times: int = 1,
        at: Sequence[float] = (1000.0,),
    ) -> Queried:
        """Make queries at these times; return what is known at the end."""

        async def run() -> Queried:
            now = [0.0]
            async with FaultServer(self.behave) as server:
                http = PlatformHttp(
                    environment=LabEnvironment(
                        variables={
                            "EXTERNAL_INSTANCE_URL": server.url,
                            "NUBLADO_TOKEN": CANARY,
                        },
                        mounts=(),
                    )
                )
                queries = Queries(http=http, clock=lambda: now[0])
                target = _target(f"{server.url}/api/tap", table=table)
                try:
                    for moment in at:
                        now[0] = moment
                        await asyncio.gather(
                            *(queries.ask(target) for _ in range(times))
                        )
                finally:
                    await http.aclose()
                self.asked = [
                    head.split(b" ", 2)[1].decode() for head in server.heads
                ]
                known = queries.of(target)
                assert known is not None
                return known

        return asyncio.run(run())

    @property
    def queries(self) -> list[str]:
        """The queries that came."""
        return [
            parse_qs(urlsplit(url).query)["QUERY"][0]
            for url in self.asked
            if "QUERY=" in url
        ]


def _answer(body: bytes, status: str = "200 OK") -> bytes:
    return http_answer(body, status=status, kind=VOTABLE)


def _listed(*names: str) -> bytes:
    rows = "".join(
        f"<TR><TD>{name.partition('.')[0]}</TD><TD>{name}</TD></TR>"
        for name in names
    )
    return _answer(
        votable().replace(b"<TABLEDATA>", b"<TABLEDATA>" + rows.encode())
    )


def test_a_row_of_data_is_read_when_asked(lab: Lab) -> None:
    async def use(service: StatusService) -> list[StatusDocument]:
        return [await service.settle(), await service.query("tap")]

    before, after = (_row(d) for d in lab.use(use))

    assert before.query is None
    assert before.query_cost == (
        "a query reads one row of data with your token: "
        "up to 4 requests of your 1000 a minute"
    )
    assert after.query is not None
    assert after.query.state == "passed"
    assert after.query.evidence.startswith("one row of dp1.Visit was read in")
    assert after.state == "up"
    asked = [
        r["status"]
        for r in lab.sandbox.state.requests
        if r["path"] == "/api/tap/sync"
    ]
    assert asked == [200, 200]


def test_timers_and_refreshes_make_no_query(lab: Lab) -> None:
    async def use(service: StatusService) -> None:
        await service.settle()
        await service.refresh()
        await service.refresh(["tap", "ssotap"])

    lab.use(use)

    assert "/api/tap/sync" not in lab.asked()


def test_queries_that_fail_take_away_what_vosi_claims(lab: Lab) -> None:
    now = [1000.0]
    lab.set_scenario("tap-queries-fail")

    async def use(service: StatusService) -> list[ServiceStatus]:
        seen = [_row(await service.settle())]
        for wait in (0.0, FAILED_HOLDS_S + 1.0):
            seen.append(_row(await service.query("tap")))
            now[0] += wait
        # It was some minutes ago: the probe's word is taken again.
        seen.append(_row(await service.refresh(["tap"])))
        seen.append(_row(await service.query("tap")))
        lab.set_scenario("healthy")
        seen.append(_row(await service.query("tap")))
        return seen

    before, failed, again, old, anew, well = lab.use(use, clock=lambda: now[0])

    assert before.state == "up"
    said = "a query of dp1.Visit failed: it says: No Qserv worker answers"
    for row in (failed, again, anew):
        assert row.state == "degraded"
        assert row.evidence == f"{said}; its probe: VOSI says available"
        assert row.query is not None
        assert (row.query.state, row.query.evidence) == ("failed", said)
        assert row.state_age_s == 0.0
    assert old.state == "up"
    assert old.query is not None
    assert old.query.age_s == pytest.approx(FAILED_HOLDS_S + 1.0)
    assert well.state == "up"
    assert {"id": "tap", "state": "degraded", "previous": "up"} in lab.events


@pytest.mark.parametrize(
    ("scenario", "state", "query", "said"),
    [
        ("tap-down", "down", "failed", "answered HTTP 503"),
        ("tap-says-no", "degraded", "failed", "Qserv czar is not reachable"),
        ("throttled", "up", "unknown", "used up (HTTP 429)"),
        ("expired-token", "restricted", "unknown", "not accepted (HTTP 401)"),
        ("login-page", "restricted", "unknown", "sends to the login page"),
    ],
)
def test_a_query_makes_nothing_greener(
    lab: Lab, scenario: str, state: str, query: str, said: str
) -> None:
    lab.set_scenario(scenario)

    async def use(service: StatusService) -> StatusDocument:
        await service.settle()
        return await service.query("tap")

    row = _row(lab.use(use))

    assert row.state == state
    assert row.query is not None
    assert row.query.state == query
    assert said in row.query.evidence


def test_only_tap_services_have_one(lab: Lab) -> None:
    async def use(service: StatusService) -> StatusDocument:
        with pytest.raises(BadInputError) as caught:
            await service.query("sia:dp1")
        assert caught.value.code == "no_query"
        return await service.snapshot()

    document = lab.use(use)

    assert {r.id for r in document.services if r.query_cost} == {
        "tap",
        "ssotap",
    }


def test_many_who_ask_at_once_share_one_query() -> None:
    tap = Tap(_answer(votable("1")))

    known = tap.use(times=20)

    assert known.state == "passed"
    assert tap.queries == ["SELECT TOP 1 * FROM dp1.Visit"]
    asked = parse_qs(urlsplit(tap.asked[0]).query)
    assert (asked["LANG"], asked["MAXREC"]) == (["ADQL"], ["1"])


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["dp1.Object", "dp1.Visit"], "dp1.Visit"),
        (["b.Large", "a.Large"], "a.Large"),
        (['s."odd name"'], 's."odd name"'),
        # Neither what describes tables, nor what is more than a name.
        (["TAP_SCHEMA.columns", "x; DROP TABLE y", "dp1.t"], "dp1.t"),
        (["tap_schema.tables", "x WHERE 1=0"], None),
        ([], None),
    ],
)
def test_the_table_is_one_of_data(
    names: list[str], chosen: str | None
) -> None:
    tap = Tap(_listed(*names), _answer(votable("1")))

    known = tap.use(table=None)

    assert "FROM TAP_SCHEMA.tables" in tap.queries[0]
    if chosen is None:
        assert (known.state, len(tap.queries)) == ("unknown", 1)
    else:
        assert known.state == "passed"
        assert tap.queries[1].removeprefix("SELECT TOP 1 * FROM ") == chosen


@pytest.mark.parametrize(
    ("answer", "state", "said"),
    [
        (_answer(votable("1", status="OVERFLOW")), "passed", "was read"),
        (
            _answer(
                votable(
                    "1",
                    behind='<INFO name="QUERY_STATUS" value="OVERFLOW"/>',
                )
            ),
            "passed",
            "was read",
        ),
        (
            _answer(votable().replace(b"TABLEDATA", b"BINARY2").replace(
                b"<BINARY2>", b"<BINARY2><STREAM encoding='base64'>AA=="
                b"</STREAM>")),
            "passed",
            "was read",
        ),
        (
            _answer(
                votable(
                    "1",
                    behind='<INFO name="QUERY_STATUS" value="ERROR">disk'
                    "</INFO>",
                )
            ),
            "failed",
            "it says: disk",
        ),
        (
            _answer(
                votable(status="ERROR", said="\x1b[31m&lt;b&gt;\n no").replace(
                    b"\x1b", b""
                ),
                "500 Oops",
            ),
            "failed",
            "it says: [31m<b> no",
        ),
        (_answer(votable(status="ERROR")), "failed", "does not say why"),
        (_answer(votable()), "unknown", "found no row"),
        (_answer(votable("1", status="")), "failed", "how it went"),
        (_answer(votable("1"), "500 Oops"), "failed", "how it went"),
        (_answer(b"<a/>"), "failed", "XML that is no VOTable"),
        (
            http_answer(b"<html></html>", kind="text/html"),
            "unknown",
            "perhaps a login page",
        ),
        (http_answer(b"busy", status="503 Busy"), "failed", "HTTP 503"),
    ],
)  # fmt: skip
def test_what_an_answer_says(answer: bytes, state: str, said: str) -> None:
    known = Tap(answer).use()

    assert known.state == state
    assert said in known.evidence
    assert known.holds(1000.0) == (state == "failed")


def _moved(to: str) -> bytes:
    return http_answer(status="303 See Other", headers=(f"Location: {to}",))


def test_the_result_may_be_at_the_job_s_own_address() -> None:
    tap = Tap(_moved("/api/tap/sync/j1/run"), _answer(votable("1")))

    known = tap.use()

    assert known.state == "passed"
    assert tap.asked[1] == "/api/tap/sync/j1/run"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://example.org/api/tap/sync/j1/run",
        "/api/other",
        "/api/tap/sync/../../../auth/x",
        "/login?rd=x",
        "",
    ],
)
def test_no_other_redirect_is_followed(elsewhere: str) -> None:
    tap = Tap(_moved(elsewhere), _answer(votable("1")))

    known = tap.use()

    assert known.state == "unknown"
    assert len(tap.asked) == 1


def test_a_wait_that_was_asked_for_is_kept() -> None:
    busy = http_answer(status="429 Slow", headers=("Retry-After: 60",))
    tap = Tap(busy, _answer(votable("1")))

    known = tap.use(at=(1000.0, 1030.0, 1061.0))

    assert known.state == "passed"
    assert len(tap.asked) == 2


def test_what_says_nothing_ends_no_failure() -> None:
    error = _answer(votable(status="ERROR", said="disk"))
    tap = Tap(error, error, http_answer(status="401 Who"))

    known = tap.use(at=(1000.0, 1100.0, 1200.0))

    assert known.state == "unknown"
    assert known.holds(1100.0 + FAILED_HOLDS_S)
    assert not known.holds(1101.0 + FAILED_HOLDS_S)
    assert known.failing_since == 1000.0


def test_no_fault_passes_for_a_row(tmp_path: Path) -> None:
    async def meet() -> dict[str, str]:
        async with open_places(tmp_path) as places:

            async def ask(kind: str) -> str:
                http, url = places.of(kind, "votable", 1)
                # A server that awaits TLS says nothing to plain HTTP.
                hangs = kind in HANGING or kind == "tls_expected"
                patience = 0.5 if hangs else 20.0
                queries = Queries(http=http, timeout_s=patience)
                target = _target(url.rstrip("/"))
                await queries.ask(target)
                known = queries.of(target)
                assert known is not None
                return known.state

            kinds = [k for k in (*KINDS, *CONNECTION_KINDS) if k not in SLOW]
            states = await asyncio.gather(*map(ask, [*kinds, "healthy"]))
            assert places.stranger.authorized == 0
            return dict(zip([*kinds, "healthy"], states, strict=True))

    states = asyncio.run(meet())

    assert states.pop("healthy") == "passed"
    assert [k for k, state in states.items() if state == "passed"] == []

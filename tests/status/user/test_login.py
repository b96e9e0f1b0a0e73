"""A login that does not work: nothing that needs it is green, and why."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.platform.environment import LabEnvironment
from rsp_health.platform.http.client import PlatformHttp
from rsp_health.status.probes import Verdict
from rsp_health.status.rows.catalogue import CatalogueEntry
from rsp_health.status.rows.targets import Target
from rsp_health.status.user.login import LoginCheck
from rsp_health.status.watching.monitor import Row
from rsp_health.status.watching.tracker import Tracker

if TYPE_CHECKING:
    from rsp_health.platform.http.answers import HttpResponse
    from rsp_health.status.models import ServiceStatus, StatusDocument
    from rsp_health.status.service import StatusService

    from ..conftest import Lab

#: Rows whose use needs the user's token, by the sandbox's own routes.
NEED_LOGIN = {
    "butler:dp02", "butler:dp1", "datalinker", "ghostwriter", "herald",
    "hips:dp02", "hips:dp1", "noteburst", "nublado", "portal", "sia:dp02",
    "sia:dp1", "ssotap", "tap", "times-square", "vo-cutouts",
}  # fmt: skip

#: Rows that answer without anybody's login, through a plain ingress.
PLAIN = {"squareone", "semaphore", "sasquatch"}


async def _settle(service: StatusService) -> StatusDocument:
    return await service.settle()


def _rows(document: StatusDocument) -> dict[str, ServiceStatus]:
    return {row.id: row for row in document.services}


def _green(document: StatusDocument) -> set[str]:
    return {row.id for row in document.services if row.state == "up"}


@pytest.mark.parametrize("scenario", ["expired-token", "login-page"])
def test_a_rejected_login_leaves_nothing_green_that_needs_it(
    lab: Lab, scenario: str
) -> None:
    lab.set_scenario(scenario)

    document = lab.use(_settle)

    rows = _rows(document)
    assert set(rows) >= NEED_LOGIN
    assert _green(document) & (NEED_LOGIN | {"gafaelfawr"}) == set()
    assert _green(document) >= PLAIN | {"repertoire"}
    assert {rows[name].state for name in NEED_LOGIN} == {"restricted"}
    assert {tuple(rows[n].affected_by) for n in NEED_LOGIN} == {("login",)}
    assert rows["squareone"].affected_by == []
    assert "login" in rows["tap"].evidence
    assert "VOSI says available" in rows["tap"].evidence
    verdict = document.verdict
    assert (verdict.state, verdict.whose) == ("login", "you")
    assert verdict.sentence.startswith("Your login is not accepted")
    assert verdict.since is not None
    assert verdict.next_step


def test_without_a_token_the_same(lab: Lab) -> None:
    del lab.variables["NUBLADO_TOKEN"]
    del lab.variables["ACCESS_TOKEN"]

    document = lab.use(_settle)

    assert _green(document) & NEED_LOGIN == set()
    assert document.verdict.state == "login"
    assert "no token" in document.verdict.sentence


@pytest.mark.parametrize("cached", [False, True])
def test_an_outage_of_the_login_service_is_named(
    lab: Lab, *, cached: bool
) -> None:
    if cached:
        lab.use(_settle)
    lab.set_scenario("gafaelfawr-down")

    document = lab.use(_settle)

    rows = _rows(document)
    assert (document.discovery.state == "none") is not cached
    if cached:
        assert _green(document) == PLAIN
    assert rows["gafaelfawr"].state == "down"
    behind = [r for r in rows.values() if r.affected_by == ["gafaelfawr"]]
    probed = {r.id for r in behind if r.age_s is not None}
    assert probed >= (
        {"tap", "sia:dp1", "hips:dp1", "repertoire", "nublado", "butler:dp1"}
        if cached
        else {"nublado", "repertoire"}
    )
    assert {r.state for r in behind} == {"unknown"}
    assert all("Login and tokens" in r.evidence for r in behind)
    assert document.verdict.state == "root_service"
    assert document.verdict.services[0] == "gafaelfawr"
    assert "Login and tokens" in document.verdict.sentence


def _row(application: str, *verdicts: Verdict, **entry: Any) -> Row:
    target = Target(
        id=application,
        application=application,
        title=application.upper(),
        url=f"https://data.example.org/{application}",
        entry=CatalogueEntry(probe="metadata", **entry),
    )
    row = Row(target=target, tracker=Tracker())
    for number, verdict in enumerate(verdicts):
        row.tracker.observe(verdict, 10.0 * number)
    return row


def _check(
    clock: list[float], lab: LabEnvironment | None = None
) -> LoginCheck:
    environment = lab or LabEnvironment()
    return LoginCheck(
        http=PlatformHttp(environment=environment),
        environment=environment,
        clock=lambda: clock[0],
    )


@pytest.mark.parametrize("scenario", ["healthy", "gafaelfawr-down"])
def test_who_asks_in_the_same_moment_gets_one_answer(
    lab: Lab, scenario: str
) -> None:
    """Else an outage of a moment would be three failures, and be told."""
    lab.set_scenario(scenario)
    well = scenario == "healthy"
    check = _check([10.0], lab.environment)
    base = f"{lab.environment.base_url}/auth/api/v1"

    async def ask() -> None:
        for times in (1, 2, 3):
            await asyncio.gather(*(check.ask(base) for _ in range(20)))
            assert lab.asked().count("/auth/api/v1/token-info") == times
            assert check.failures == (0 if well else times)

    asyncio.run(ask())


@pytest.mark.parametrize("pauses_s", [(1.0, 2.0), (0.1, 0.2)])
def test_a_check_of_the_login_that_fails_is_confirmed(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, pauses_s: tuple[float, ...]
) -> None:
    """Where only that fails, no row would make anybody look again."""
    judge = LoginCheck._judge

    def failing(self: LoginCheck, response: HttpResponse) -> None:
        judge(self, replace(response, status=503))

    monkeypatch.setattr(LoginCheck, "_judge", failing)

    document = lab.use(lambda service: service.settle(pauses_s=pauses_s))

    assert document.verdict.state == "root_service"
    assert "login does not work" in document.verdict.sentence
    assert _green(document) & NEED_LOGIN == set()


def test_the_first_round_asks_each_address_once(lab: Lab) -> None:
    async def use(service: StatusService) -> None:
        await asyncio.gather(*(service.snapshot() for _ in range(20)))
        await asyncio.gather(*(service.quota() for _ in range(20)))

    lab.use(use)

    asked = Counter(lab.asked())
    # The user's quota and the watch for causes may need it one after another.
    assert asked.pop("/auth/api/v1/token-info") <= 2
    assert set(asked.values()) == {1}


def test_an_ingress_that_authorises_nobody_is_the_login_service() -> None:
    # Gafaelfawr's storage is gone, say: its own pages still answer.
    well = Verdict(state="up", evidence="fine", status=200)
    failed = Verdict(state="degraded", evidence="HTTP 500", status=500)
    behind = {"depends_on": ("gafaelfawr",)}
    rows = [_row("gafaelfawr", well), _row("squareone", well)]
    rows += [_row(name, failed, **behind) for name in ("tap", "sia", "hips")]
    clock = [100.0]
    check = _check(clock)

    found = check.obstacle(rows, offline=False)
    clock[0] = 160.0
    later = check.obstacle(rows, offline=False)

    assert found is not None
    assert found.root == "gafaelfawr"
    assert found.seen == "all 3 services behind it answer HTTP 500"
    assert later == found, "it is known since then"
    assert check.obstacle(rows, offline=True) is None
    rows.append(_row("butler", well, **behind))
    assert check.obstacle(rows, offline=False) is None, "one is let through"


def test_a_login_that_works_again_is_believed(lab: Lab) -> None:
    async def use(service: StatusService) -> list[StatusDocument]:
        lab.set_scenario("expired-token")
        before = await service.settle()
        lab.set_scenario("healthy")
        await service.quota(refresh=True)
        return [before, await service.settle()]

    now = [1000.0]

    def clock() -> float:
        now[0] += 1.0
        return now[0]

    before, after = lab.use(use, clock=clock)

    assert before.verdict.state == "login"
    assert after.verdict.state == "well"
    assert NEED_LOGIN & _green(after) >= {"tap", "sia:dp1", "nublado"}


def test_a_scope_that_is_missing_is_told_of_the_row(lab: Lab) -> None:
    token = lab.sandbox.state.issue("guest", ("exec:notebook",))
    lab.variables |= {"NUBLADO_TOKEN": token, "ACCESS_TOKEN": token}

    document = lab.use(_settle)

    rows = _rows(document)
    assert rows["tap"].state == "restricted"
    assert "needs the scope read:tap" in rows["tap"].evidence
    assert rows["nublado"].state == "up"


def test_changes_of_the_login_are_events(lab: Lab) -> None:
    async def use(service: StatusService) -> None:
        await service.settle()
        lab.events.clear()
        lab.set_scenario("expired-token")
        await service.refresh()

    lab.use(use)

    assert {"id": "tap", "state": "restricted", "previous": "up"} in lab.events
    assert "gt-" not in json.dumps(lab.events)

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rsp_health.errors import NotFoundError
from rsp_health.platform.control_group import ControlGroup

if TYPE_CHECKING:
    from rsp_health.status.models import (
        BroadcastList,
        QuotaDocument,
        StatusDocument,
    )
    from rsp_health.status.service import StatusService

    from .conftest import Lab


async def _settle(service: StatusService) -> StatusDocument:
    return await service.settle()


def _states(document: StatusDocument) -> dict[str, str]:
    return {s.id: s.state for s in document.services}


def _count(document: StatusDocument, *names: str) -> Counter[str]:
    return Counter(
        s.state for s in document.services if not names or s.id in names
    )


def test_a_healthy_platform(lab: Lab) -> None:
    document = lab.use(_settle)

    states = _states(document)
    assert document.instance == "rsp-sandbox"
    assert document.discovery.state == "fresh"
    assert not document.observer_offline
    assert states["tap"] == states["sia:dp1"] == states["sasquatch"] == "up"
    assert states["mobu"] == states["argocd"] == "unmonitored"
    assert "down" not in states.values()
    assert "degraded" not in states.values()
    # Every deployed application has a row.
    applications = {s.application for s in document.services}
    from rsp_health.sandbox.services.discovery import APPLICATIONS

    assert set(APPLICATIONS) - {"consdbtap"} <= applications
    # Changes were told as events, and nothing else.
    assert {"id": "tap", "state": "up", "previous": "unknown"} in lab.events
    assert all(set(e) == {"id", "state", "previous"} for e in lab.events)


def test_a_lab_without_memory_is_told_first(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = tmp_path / "cgroup"
    group.mkdir()
    (group / "memory.current").write_text(f"{4 * 1024**3 - 4096}\n")
    monkeypatch.setattr(
        "rsp_health.status.user.lab.ControlGroup",
        lambda _: ControlGroup(group, tmp_path),
    )
    lab.variables["MEM_LIMIT"] = str(4 * 1024**3)

    async def use(service: StatusService) -> list[StatusDocument]:
        full = await service.refresh()
        (group / "memory.current").write_text("4096\n")
        return [full, await service.refresh()]

    full, well = lab.use(use)

    assert full.verdict.told.startswith(
        "This lab's memory is full: only 4 KiB of 4 GiB are left, and what "
        "needs more is killed. Since "
    )
    assert (full.verdict.state, full.verdict.whose) == ("lab", "you")
    assert well.verdict.state == "well"


def test_timers_ask_anonymously_and_spend_nothing(lab: Lab) -> None:
    lab.use(_settle)

    paid = [
        r["path"]
        for r in lab.sandbox.state.requests
        if r["username"] is not None
        and not r["path"].startswith("/auth/api/v1/")
    ]
    assert paid == []


def test_news_to_all_and_to_the_user(lab: Lab) -> None:
    async def use(service: StatusService) -> list[BroadcastList]:
        before = await service.broadcasts()
        lab.set_scenario("maintenance")
        return [before, await service.broadcasts()]

    before, after = lab.use(use)
    assert (before.broadcasts, before.messages) == ([], [])
    assert after == before, "an answer holds for a minute"
    lab.set_scenario("maintenance")
    news = lab.use(lambda service: service.broadcasts())
    assert [b.category for b in news.broadcasts] == ["outage", "notice"]
    assert [m.summary for m in news.messages] == [
        "Your query job 1234 was ended by the maintenance."
    ]
    lab.set_scenario("expired-token")
    refused = lab.use(lambda service: service.broadcasts())
    assert refused.state == "fresh"
    assert refused.messages_note.endswith("it answered HTTP 401.")


def test_clicks_in_a_row_find_what_was_deployed_since(lab: Lab) -> None:
    now = [1000.0]

    async def use(service: StatusService) -> list[bool]:
        await service.refresh()
        lab.set_scenario("usdf")
        found = []
        for _ in range(8):
            now[0] += 2.0
            document = await service.refresh()
            found.append("consdbtap" in _states(document))
        return found

    found = lab.use(use, clock=lambda: now[0])

    asked = lab.asked().count("/repertoire/discovery")
    assert found[0] is False
    assert found[-1] is True
    assert 2 < asked < 6, "not with every click"


def test_outside_a_lab_there_is_nothing_to_say(lab: Lab) -> None:
    lab.variables = {}

    document = lab.use(_settle)

    assert document.instance is None
    assert document.services == []
    assert document.discovery.state == "none"


def test_a_summit_like_site_has_no_empty_promises(lab: Lab) -> None:
    lab.set_scenario("minimal")

    async def use(service: StatusService) -> tuple[StatusDocument, str, str]:
        document = await service.settle()
        announced = await service.broadcasts()
        quota = await service.quota()
        return document, announced.state, quota.token.state

    document, announced, token = lab.use(use)

    states = _states(document)
    assert not {"tap", "sia:dp1", "semaphore"} & set(states)
    assert states["nublado"] == states["sasquatch"] == "up"
    assert (announced, token) == ("not_deployed", "valid")


def test_twenty_tabs_are_one_call(lab: Lab) -> None:
    async def use(service: StatusService) -> None:
        await asyncio.gather(*(service.snapshot() for _ in range(20)))
        await asyncio.gather(*(service.refresh(["tap"]) for _ in range(20)))
        await asyncio.gather(*(service.quota() for _ in range(20)))
        await asyncio.gather(*(service.broadcasts() for _ in range(20)))

    lab.use(use)

    counts = Counter(lab.asked())
    assert counts["/repertoire/discovery"] == 1
    assert counts["/api/tap/availability"] == 2
    assert counts["/api/ssotap/availability"] == 1
    assert counts["/auth/api/v1/user-info"] == 1
    assert counts["/semaphore/v1/broadcasts"] == 1


def test_coming_back_after_a_while_shows_fresh_evidence(lab: Lab) -> None:
    now = [1000.0]

    async def use(service: StatusService) -> list[StatusDocument]:
        await service.refresh()
        now[0] += 3600.0  # The panel was hidden for an hour.
        return [await service.snapshot()]

    (document,) = lab.use(use, clock=lambda: now[0])

    (row,) = (s for s in document.services if s.id == "tap")
    assert (row.state, row.stale, row.age_s) == ("up", False, 0.0)
    assert lab.asked().count("/api/tap/availability") == 2


def test_coming_back_to_a_slow_platform_does_not_wait(lab: Lab) -> None:
    now = [1000.0]

    async def use(service: StatusService) -> StatusDocument:
        await service.refresh()
        lab.set_scenario("slow")
        now[0] += 3600.0
        return await service.snapshot()

    document = lab.use(use, clock=lambda: now[0])

    (row,) = (s for s in document.services if s.id == "tap")
    # Not green without fresh evidence, and not waited for.
    assert (row.state, row.stale) == ("unknown", True)


def test_a_check_by_click_costs_one_and_tells_what_is_left(lab: Lab) -> None:
    async def use(service: StatusService) -> StatusDocument:
        await service.refresh()
        return await service.refresh(["vo-cutouts"])

    document = lab.use(use)

    (row,) = (s for s in document.services if s.id == "vo-cutouts")
    assert row.state == "up"
    assert row.quota is not None
    assert row.quota.limit == 35
    assert row.quota.remaining == 34
    assert row.quota.resets_at is not None
    assert lab.asked().count("/api/cutout/availability") == 1


def test_used_up_quota_says_until_when(lab: Lab) -> None:
    lab.set_scenario("throttled")

    async def use(service: StatusService) -> StatusDocument:
        await service.refresh(["vo-cutouts"])
        await service.refresh(["vo-cutouts"])  # Does not ask again.
        return await service.refresh(["vo-cutouts"])

    document = lab.use(use)

    (row,) = (s for s in document.services if s.id == "vo-cutouts")
    assert row.state == "throttled"
    assert row.until is not None
    assert 0 < (row.until - document.observed_at).total_seconds() <= 60
    assert lab.asked().count("/api/cutout/availability") == 1
    assert _states(document)["tap"] == "up"


def test_a_redirect_to_login_is_no_green(lab: Lab) -> None:
    lab.set_scenario("login-page")

    async def use(service: StatusService) -> StatusDocument:
        return await service.refresh(["portal", "noteburst", "vo-cutouts"])

    states = _states(lab.use(use))

    assert states["portal"] == states["noteburst"] == "restricted"
    assert states["vo-cutouts"] == "restricted"


def test_an_unknown_service_is_told(lab: Lab) -> None:
    async def use(service: StatusService) -> None:
        await service.refresh(["tap", "no-such"])

    with pytest.raises(NotFoundError, match="no-such") as caught:
        lab.use(use)

    assert "tap" in caught.value.hint
    assert "/api/tap/availability" not in lab.asked()[-1:]


def test_the_site_s_words_are_on_the_row(lab: Lab) -> None:
    lab.overlay = Path(lab.home, "site.toml")
    lab.overlay.write_text(
        '[services.tap]\nowner = "Data access"\n'
        'runbook = "https://example.org/tap"\n'
        "[[maintenance]]\nservices = ['tap']\ntitle = 'Qserv upgrade'\n"
        "start = 2000-01-01T00:00:00Z\nend = 2999-01-01T00:00:00Z\n"
    )
    lab.set_scenario("tap-down")

    document = lab.use(_settle)

    (row,) = (s for s in document.services if s.id == "tap")
    assert (row.state, row.owner, row.maintenance) == (
        "maintenance",
        "Data access",
        "Qserv upgrade",
    )
    assert row.runbook == "https://example.org/tap"
    # Nobody is alarmed by what was announced.
    told = [e["state"] for e in lab.events if e["id"] == "tap"]
    assert told == ["maintenance"]


@pytest.mark.slow
@pytest.mark.parametrize(("slow_s", "state"), [(3.0, "up"), (0.1, "degraded")])
def test_the_site_says_what_is_slow(
    lab: Lab, slow_s: float, state: str
) -> None:
    lab.overlay = Path(lab.home, "site.toml")
    lab.overlay.write_text(f"[services.nublado]\nslow_s = {slow_s}\n")
    lab.set_scenario("slow")  # 0.3 s there.

    async def use(service: StatusService) -> StatusDocument:
        await service.snapshot()
        for _ in range(3):
            document = await service.refresh(["nublado"])
        return document

    document = lab.use(use)

    (row,) = (s for s in document.services if s.id == "nublado")
    assert row.state == state
    assert ("after 0." in row.evidence) == (state == "degraded")


def test_a_wrong_overlay_is_told_and_takes_nothing_away(lab: Lab) -> None:
    lab.overlay = Path(lab.home, "missing.toml")

    async def use(service: StatusService) -> None:
        await service.start()
        assert "missing.toml cannot be read" in service.problem
        document = await service.settle()
        assert document.catalogue_problem == service.problem
        assert _states(document)["tap"] == "up"
        assert (await service.quota()).token.state == "valid"
        assert (await service.broadcasts()).state == "fresh"

    lab.use(use)


def test_an_overlay_is_read_again_when_it_changes(lab: Lab) -> None:
    lab.overlay = Path(lab.home, "site.toml")
    lab.overlay.write_text('[services.tap]\nowner = "A"\n')
    moment = 1000.0

    def clock() -> float:
        return moment

    async def use(service: StatusService) -> None:
        nonlocal moment

        async def look(text: str | None) -> tuple[str | None, str, str]:
            nonlocal moment
            assert lab.overlay is not None
            if text is not None:
                lab.overlay.write_text(text)
            moment += 31.0
            document = await service.snapshot()
            (row,) = (s for s in document.services if s.id == "tap")
            return row.owner, row.state, document.catalogue_problem

        assert await look(None) == ("A", "up", "")
        window = (
            '[services.tap]\nowner = "Another"\n[[maintenance]]\n'
            "start = 2020-01-01\nend = 2090-01-01\n"
        )
        # What is well stays up in a window.
        assert await look(window) == ("Another", "up", "")
        owner, state, problem = await look("[services.tap]\nowner = 5\n")
        assert (owner, state) == ("Another", "up")
        assert "services.tap.owner" in problem
        assert await look("") == (None, "up", "")

    lab.use(use, clock=clock)


def test_quota_token_and_lab(lab: Lab) -> None:
    async def use(service: StatusService) -> QuotaDocument:
        return await service.quota()

    quota = lab.use(use)

    assert quota.token.state == "valid"
    assert quota.token.username == "vrubin"
    assert "read:image" in quota.token.scopes
    assert quota.token.expires_at is not None
    limits = {q.service: q.limit for q in quota.api}
    assert limits["vo-cutouts"] == 35
    assert quota.lab.image_description == "Weekly 2026_46"
    assert quota.lab.memory_limit_bytes == 8 * 1024**3
    assert quota.test_bots is not None
    assert quota.test_bots.state == "restricted"
    assert "exec:admin" in quota.test_bots.message
    assert "/mobu/summary" not in lab.asked()


@pytest.mark.parametrize(
    ("scenario", "state"),
    [
        ("expired-token", "rejected"),
        ("gafaelfawr-down", "unknown"),
        ("unreachable", "unknown"),
    ],
)
def test_a_token_that_cannot_be_checked(
    lab: Lab, scenario: str, state: str
) -> None:
    lab.set_scenario(scenario)

    async def use(service: StatusService) -> QuotaDocument:
        return await service.quota()

    quota = lab.use(use)

    assert quota.token.state == state
    assert quota.token.message
    assert quota.api == []


def test_who_may_not_start_labs_is_told(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    quota = {"notebook": {"cpu": 1, "memory": 2, "spawn": False}}
    monkeypatch.setattr(
        "rsp_health.sandbox.services.gafaelfawr.UserInfoHandler.get",
        lambda handler: handler.write({"username": "x", "quota": quota}),
    )

    async def use(service: StatusService) -> QuotaDocument:
        return await service.quota()

    told = lab.use(use).lab

    assert told.may_spawn is False
    assert any("does not let you start labs" in hint for hint in told.hints)

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from rsp_health.status.probes import Verdict
from rsp_health.status.rows.catalogue import CatalogueEntry
from rsp_health.status.rows.targets import Target
from rsp_health.status.watching.monitor import IDLE_AFTER_S, Monitor
from rsp_health.status.watching.schedule import Schedule
from tests.support.virtual_time import run_virtually

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from rsp_health.status.watching.tracker import StateTransition

UP = Verdict(state="up", evidence="fine", latency_s=0.1)
REFUSED = Verdict(state="down", evidence="HTTP 503")
SILENT = Verdict(state="down", evidence="no answer", answered=False)


def _target(name: str, *, token: bool = False) -> Target:
    return Target(
        id=name,
        application=name,
        title=name,
        url=f"https://data.example.org/{name}",
        entry=CatalogueEntry(
            probe="vosi", access="token" if token else "anonymous"
        ),
    )


@dataclass
class Platform:
    """Answers from memory, and remembers when it was asked what."""

    answers: dict[str, Verdict] = field(default_factory=dict)
    latency: dict[str, float] = field(default_factory=dict)
    asked: list[tuple[float, str]] = field(default_factory=list)
    changes: list[tuple[float, str, str]] = field(default_factory=list)

    async def ask(self, target: Target) -> Verdict:
        self.asked.append((self.now(), target.id))
        await asyncio.sleep(self.latency.get(target.id, 0.1))
        answer = self.answers.get(target.id, UP)
        if answer.evidence == "bug":
            raise RuntimeError(answer.evidence)
        return answer

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    def changed(self, name: str, change: StateTransition) -> None:
        self.changes.append((self.now(), name, change.state))

    def count(self, since: float = 0.0) -> Counter[str]:
        return Counter(name for at, name in self.asked if at >= since)


def _watch(
    use: Callable[[Monitor, Platform], Awaitable[None]],
    *names: str,
    platform: Platform | None = None,
) -> Platform:
    platform = platform or Platform()

    async def run() -> None:
        monitor = Monitor(
            ask=platform.ask,
            schedule=Schedule(60.0, random.Random(1)),  # noqa: S311
            on_change=platform.changed,
            clock=asyncio.get_running_loop().time,
        )
        monitor.set_targets([_target(name) for name in names])
        monitor.start()
        try:
            await use(monitor, platform)
        finally:
            await monitor.aclose()

    run_virtually(run())
    return platform


async def _look(monitor: Monitor, seconds: float) -> None:
    """Keep looking, as a visible panel does."""
    for _ in range(round(seconds / 10)):
        monitor.touch()
        await asyncio.sleep(10)


def test_nothing_is_asked_before_somebody_looks() -> None:
    async def use(monitor: Monitor, _: Platform) -> None:
        del monitor
        await asyncio.sleep(600)

    assert _watch(use, "tap", "sia").asked == []


def test_rows_are_probed_about_once_an_interval_while_watched() -> None:
    async def use(monitor: Monitor, _: Platform) -> None:
        await _look(monitor, 6000)

    counts = _watch(use, "tap", "sia", "portal").count()

    assert set(counts) == {"tap", "sia", "portal"}
    assert all(90 <= n <= 110 for n in counts.values())


def test_polling_ends_when_nobody_looks_any_more() -> None:
    last = 0.0

    async def use(monitor: Monitor, platform: Platform) -> None:
        nonlocal last
        platform.answers["sia"] = REFUSED  # Also what is being confirmed.
        await _look(monitor, 300)
        last = platform.now() - 10  # The last touch was 10 s ago.
        await asyncio.sleep(3600)

    platform = _watch(use, "tap", "sia")

    assert platform.count(since=last + IDLE_AFTER_S + 0.001) == {}
    assert platform.count(since=last) != {}


def test_looking_again_asks_at_once() -> None:
    async def use(monitor: Monitor, platform: Platform) -> None:
        await _look(monitor, 60)
        await asyncio.sleep(3600)
        platform.asked.clear()
        monitor.touch()
        await asyncio.sleep(1)

    assert _watch(use, "tap", "sia").count() == {"tap": 1, "sia": 1}


def test_a_failure_is_looked_at_again_soon_and_shown_within_three() -> None:
    began = 0.0

    async def use(monitor: Monitor, platform: Platform) -> None:
        nonlocal began
        await _look(monitor, 120)
        platform.answers["tap"] = REFUSED
        platform.asked.clear()
        platform.changes.clear()
        began = platform.now()
        await _look(monitor, 120)

    platform = _watch(use, "tap", "sia", "portal")

    (when, name, state), *more = platform.changes
    tap = [at for at, asked in platform.asked if asked == "tap"]
    assert (name, state, more) == ("tap", "down", [])
    assert len([at for at in tap if at <= when]) == 3
    assert when - tap[0] < 15
    assert when - began < 90


def test_what_stays_down_is_asked_less_and_less_often() -> None:
    async def use(monitor: Monitor, platform: Platform) -> None:
        platform.answers["tap"] = REFUSED
        await _look(monitor, 6000)

    counts = _watch(use, "tap", "sia", "portal").count()

    assert counts["tap"] < 0.6 * counts["sia"]


def test_recovery_is_confirmed_soon() -> None:
    async def use(monitor: Monitor, platform: Platform) -> None:
        platform.answers["tap"] = REFUSED
        await _look(monitor, 120)
        platform.answers["tap"] = UP
        platform.changes.clear()
        await _look(monitor, 900)

    platform = _watch(use, "tap", "sia")

    (when, name, state), *more = platform.changes
    good = [at for at, asked in platform.asked if asked == "tap" and at < when]
    assert (name, state, more) == ("tap", "up", [])
    assert good[-1] - good[-2] < 10


def test_many_questions_share_one_probe() -> None:
    async def use(monitor: Monitor, platform: Platform) -> None:
        platform.latency = {"tap": 5.0, "sia": 5.0}
        await asyncio.gather(*(monitor.probe() for _ in range(20)))
        await asyncio.gather(*(monitor.probe(["tap"]) for _ in range(20)))

    assert _watch(use, "tap", "sia").count() == {"tap": 2, "sia": 1}


def test_all_rows_are_probed_at_once() -> None:
    took = 0.0

    async def use(monitor: Monitor, platform: Platform) -> None:
        nonlocal took
        platform.latency = {f"s{n}": 0.3 * n for n in range(30)}
        begin = platform.now()
        await monitor.probe()
        took = platform.now() - begin

    platform = _watch(use, *(f"s{n}" for n in range(30)))

    assert len(platform.count()) == 30
    assert took == pytest.approx(0.3 * 29, abs=0.1)


def test_rows_that_cost_quota_are_probed_when_named_only() -> None:
    async def use(monitor: Monitor, platform: Platform) -> None:
        del platform
        monitor.set_targets([_target("tap"), _target("cut", token=True)])
        await _look(monitor, 600)
        await monitor.probe()
        await monitor.probe(["cut"])

    assert _watch(use).count()["cut"] == 1


def test_a_wait_is_honoured_even_when_asked_again() -> None:
    async def use(monitor: Monitor, platform: Platform) -> None:
        platform.answers["cut"] = Verdict(
            state="throttled", evidence="used up", wait_s=40.0
        )
        monitor.set_targets([_target("cut", token=True)])
        for _ in range(8):
            await monitor.probe(["cut"])
            await asyncio.sleep(10)

    assert _watch(use).count()["cut"] == 2


def test_when_nothing_answers_it_may_be_this_lab() -> None:
    states: list[set[str]] = []
    offline: list[bool] = []

    async def use(monitor: Monitor, platform: Platform) -> None:
        def note() -> None:
            states.append({r.tracker.state for r in monitor.rows})
            offline.append(monitor.offline)

        await _look(monitor, 120)
        note()
        for name in ("tap", "sia", "portal"):
            platform.answers[name] = SILENT
        await _look(monitor, 120)
        note()
        platform.answers.clear()
        platform.changes.clear()
        await _look(monitor, 120)
        note()

    platform = _watch(use, "tap", "sia", "portal")

    assert states == [{"up"}, {"unknown"}, {"up"}]
    assert offline == [False, True, False]
    # Nobody waits out a back-off that was not the service's fault.
    back = [at for at, _, state in platform.changes if state == "up"]
    assert max(back) - min(back) < 15


def test_one_silent_service_is_down_because_others_answer() -> None:
    async def use(monitor: Monitor, platform: Platform) -> None:
        await _look(monitor, 120)
        platform.answers["tap"] = SILENT
        platform.changes.clear()
        await _look(monitor, 120)

    platform = _watch(use, "tap", "sia")

    ((_, name, state),) = platform.changes
    assert (name, state) == ("tap", "down")


def test_a_bug_in_a_probe_is_no_outage_and_does_not_spin(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def use(monitor: Monitor, platform: Platform) -> None:
        platform.answers["tap"] = Verdict(state="up", evidence="bug")
        await _look(monitor, 600)
        (row,) = monitor.rows
        assert row.tracker.state == "unknown"

    platform = _watch(use, "tap")

    assert platform.count()["tap"] < 15
    assert "The probe of tap failed." in caplog.text


def test_a_new_discovery_keeps_what_is_known() -> None:
    async def use(monitor: Monitor, platform: Platform) -> None:
        await _look(monitor, 20)
        platform.latency["new"] = 50.0
        before = {r.target.id: r.tracker for r in monitor.rows}
        monitor.set_targets([_target("sia"), _target("new")])
        after = {r.target.id: r.tracker for r in monitor.rows}
        assert list(after) == ["sia", "new"]
        assert after["sia"] is before["sia"]
        await asyncio.sleep(1)
        monitor.set_targets([_target("sia")])  # While "new" is being asked.
        await asyncio.sleep(60)

    platform = _watch(use, "tap", "sia")

    assert [name for _, name, _ in platform.changes] == ["tap", "sia"]

"""What may be shown for a fault: never green, never at the first failure."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rsp_health.platform.environment import LabEnvironment
from rsp_health.status.probes import PROBES, Verdict
from rsp_health.status.rows.catalogue import CatalogueEntry
from rsp_health.status.rows.targets import Target
from rsp_health.status.status_document import Known, describe
from rsp_health.status.user.login import LoginCheck
from rsp_health.status.watching.monitor import Row, run_probe
from rsp_health.status.watching.schedule import Schedule
from rsp_health.status.watching.tracker import DOWN_AFTER, UP_AFTER, Tracker

from .kinds import HANGING, KINDS, OUTAGES, REFUSALS, SLOW
from .places import CANARY

if TYPE_CHECKING:
    from .places import Places

__all__ = ["Case", "check", "check_flapping", "check_login"]

_POLL_S = 60.0
_GOOD = Verdict(state="up", evidence="VOSI says available", latency_s=0.01)


@dataclass
class Case:
    """One kind of fault with one seed, and what went wrong, if anything."""

    kind: str
    seed: int
    probe: str = ""
    verdicts: list[Verdict] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def claim(self, what: str, *, true: bool) -> None:
        """Note a broken promise."""
        if not true:
            self.wrong.append(what)


async def check(places: Places, kind: str, seed: int) -> Case:
    """Meet a fault three times on the wire, then judge every sequence."""
    names = sorted(PROBES)
    probe = names[seed % len(names)]
    case = Case(kind=kind, seed=seed, probe=probe)
    http, url = places.of(kind, probe, seed)
    entry = CatalogueEntry(
        probe=probe, marker="Rubin Science Platform", depth="backend"
    )
    target = Target(
        id="tap", application="tap", title="TAP", url=url, entry=entry
    )
    for _ in range(DOWN_AFTER):
        verdict = await run_probe(http, target)
        case.verdicts.append(verdict)
        case.claim(f"a probe said up: {verdict}", true=verdict.state != "up")
        if kind in SLOW:
            case.claim(
                f"slow was called {verdict.state}",
                true=verdict.state in {"degraded", "down"},
            )
    _from_the_start(case, target)
    _after_good_times(case, target, random.Random(seed))  # noqa: S311
    return case


async def check_flapping(places: Places, seed: int) -> Case:
    """Let a service come and go, and fail in another way each time."""
    chance = random.Random(f"flapping/{seed}")  # noqa: S311
    probe = sorted(PROBES)[seed % len(PROBES)]
    case = Case(kind="flapping", seed=seed, probe=probe)
    faults = sorted(set(KINDS) - HANGING - SLOW)
    tracker, now = Tracker(), 1000.0
    for _ in range(12):
        kind = "healthy" if chance.random() < 0.5 else chance.choice(faults)
        http, url = places.of(kind, probe, seed)
        entry = CatalogueEntry(probe=probe, marker="Rubin Science Platform")
        target = Target(
            id="tap", application="tap", title="TAP", url=url, entry=entry
        )
        verdict = await run_probe(http, target)
        case.claim(
            f"{kind} gave {verdict}",
            true=(verdict.state == "up") == (kind == "healthy"),
        )
        before = tracker.state
        tracker.observe(verdict, now)
        now += _POLL_S
        good = [seen.state == "up" for seen in tracker.history]
        case.claim(
            f"{tracker.state} after {good}",
            true=_honest(tracker.state, before, good),
        )
    return case


async def check_login(places: Places, kind: str, seed: int) -> Case:
    """Let Gafaelfawr meet a fault while a row that needs it is well."""
    case = Case(kind=kind, seed=seed, probe="login")
    http, url = places.of(kind, "metadata", seed)
    login = LoginCheck(
        http=http,
        environment=LabEnvironment(
            variables={"NUBLADO_TOKEN": CANARY}, mounts=()
        ),
    )
    row = Row(
        target=Target(
            id="tap",
            application="tap",
            title="TAP",
            url=url,
            entry=CatalogueEntry(probe="vosi", scope="read:tap"),
        ),
        tracker=Tracker(),
    )
    row.tracker.observe(_GOOD, 1000.0)
    for number in range(1, DOWN_AFTER + 1):
        await login.ask(url.rstrip("/"))
        case.claim("a fault is a login", true=login.token.state != "valid")
        found = login.obstacle([row], offline=False)
        known = replace(_known(1001.0), token=login.token, obstacle=found)
        shown = describe(row, known)
        case.verdicts.append(Verdict(state="unknown", evidence=""))
        case.claim(
            f"{shown.state} with {found}",
            true=(shown.state == "up") == (found is None),
        )
        if kind in REFUSALS:
            case.claim(
                f"a refusal is {found}",
                true=found is not None and found.root == "login",
            )
        else:
            case.claim(
                f"{found} after {number} failures",
                true=found is None
                or found.root == "login"
                or number == DOWN_AFTER,
            )
        if kind in OUTAGES and number == DOWN_AFTER:
            case.claim(
                f"an outage is {found}",
                true=found is not None and found.root == "gafaelfawr",
            )
    return case


def _honest(state: str, before: str, good: list[bool]) -> bool:
    """Judge what is shown by what was seen, and by nothing else."""
    if state == "up" and True not in good[-DOWN_AFTER:]:
        return False
    if state == "down" and before != "down" and True in good[-DOWN_AFTER:]:
        return False
    flipped = before == "up" and state != "up"
    return not flipped or True not in good[-DOWN_AFTER:]


def _shown(target: Target, tracker: Tracker, now: float, due: float) -> str:
    row = Row(target=target, tracker=tracker, due=due)
    return describe(row, _known(now)).state


def _known(now: float) -> Known:
    return Known(
        now=now,
        at=datetime.now(tz=UTC),
        schedule=Schedule(_POLL_S),
        quotas={},
        offline=False,
    )


def _from_the_start(case: Case, target: Target) -> None:
    tracker, now = Tracker(), 1000.0
    for number, verdict in enumerate(case.verdicts, start=1):
        tracker.observe(verdict, now)
        shown = _shown(target, tracker, now, now + _POLL_S)
        case.claim("up without any good probe", true=shown != "up")
        case.claim(
            f"{shown} after {number} of {DOWN_AFTER} failures",
            true=number == DOWN_AFTER or shown in {"unknown", "throttled"},
        )
        now += _POLL_S
    case.claim(
        f"{tracker.state} after {DOWN_AFTER} failures, not what was seen",
        true=tracker.state in {v.state for v in case.verdicts},
    )
    for number in range(1, UP_AFTER + 1):
        tracker.observe(_GOOD, now)
        case.claim(
            f"{tracker.state} after {number} good of {UP_AFTER}",
            true=(tracker.state == "up") == (number >= UP_AFTER),
        )
        now += _POLL_S


def _after_good_times(
    case: Case, target: Target, chance: random.Random
) -> None:
    tracker, now = Tracker(), 1000.0
    for _ in range(chance.randrange(1, 5)):
        tracker.observe(_GOOD, now)
        now += _POLL_S
    tracker.observe(case.verdicts[0], now)
    case.claim("one failure flipped the row", true=tracker.state == "up")
    now += _POLL_S
    tracker.observe(_GOOD, now)
    case.claim("lost up after one failure", true=tracker.state == "up")
    for number, verdict in enumerate(case.verdicts, start=1):
        now += _POLL_S
        tracker.observe(verdict, now)
        shown = _shown(target, tracker, now, now + _POLL_S)
        case.claim(
            f"{shown} after {number} failures",
            true=(shown == "up") == (number < DOWN_AFTER),
        )
    good = Tracker()
    good.observe(_GOOD, 0.0)
    limit = Schedule(_POLL_S).stale_after_s
    case.claim(
        "stale evidence is shown as up",
        true=_shown(target, good, limit + 0.5, 60.0) != "up",
    )
    case.claim(
        "evidence is called stale too early",
        true=_shown(target, good, limit - 0.5, 60.0) == "up",
    )

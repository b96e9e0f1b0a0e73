"""The one verdict: the first cause of what is wrong, and whose it is.

Rows are each right, and together they hide the cause: ten rows of trouble and
a token that is not accepted. Here the causes are put in order, and the first
that applies is told. Panel, status bar and terminal only show it.

The order: announced, the user's login, the user's quota, the service that all
others need, what the lab itself lacks, the lab's network, single services, the
last checks, all well, not known. An announcement does not hide a login that
fails without it: who waits for the end of TAP's maintenance would still be
refused everywhere. Nor does a quota, which is remembered, hide that nothing
answers.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..states import SERVICE_STATES
from .models import PlatformVerdict
from .order import is_trouble, is_unasked, worst_first
from .user.login import LOGIN_SERVICE
from .wording import (
    NEW_LOGIN,
    SITE,
    look_again,
    owner_of,
    tell_owner,
    worded,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from .models import ServiceStatus
    from .user.login import Obstacle
    from .user.room import Lack

__all__ = ["judge", "with_checks"]

_WAIT = "Nothing to fix in this lab: wait, or tell whoever runs the site."
_NAMED = 3


def judge(
    rows: Sequence[ServiceStatus],
    *,
    at: datetime,
    now: float,
    obstacle: Obstacle | None,
    offline: bool,
    lack: Lack | None = None,
) -> PlatformVerdict:
    """Return the first cause of what is wrong.

    Parameters
    ----------
    rows
        All rows, as users see them.
    at
        The present time.
    now
        The same moment on the monotonic clock, in seconds.
    obstacle
        What keeps the user out, if anything does.
    offline
        Nothing on the platform answers.
    lack
        What the lab itself lacks, if anything.
    """
    rows = worst_first(rows)
    cause = (
        _announced(rows, obstacle, at)
        or _login(rows, obstacle, at, now)
        # A quota is remembered; it stops nobody whom nothing answers.
        or (None if offline else _quota(rows, at))
        or _root(rows, obstacle, at, now)
        or _announced(rows, None, at)
        or _lab(rows, lack, at, now, offline=offline)
        or _network(rows, at, offline=offline)
        or _service(rows, at)
        or _well(rows)
    )
    return worded(cause, at)


def with_checks(
    verdict: PlatformVerdict, failed: Sequence[str]
) -> PlatformVerdict:
    """Return a verdict that knows which checks did not pass.

    Parameters
    ----------
    verdict
        What the services say.
    failed
        Notebooks whose last check did not pass, relative to the root.
    """
    if not failed:
        return verdict
    checks = list(failed)
    count = f"{len(checks)} check{'' if len(checks) == 1 else 's'} failed"
    if verdict.state != "well":
        return verdict.model_copy(
            update={"checks": checks, "word": f"{verdict.word}, {count}"}
        )
    # The folder is the same for all, and the panel is narrow.
    names = _list([PurePosixPath(check).stem for check in checks])
    sentence = f"{verdict.sentence[:-1]}, but {count}: {names}."
    step = "Open the failed notebook at its failed cell."
    return PlatformVerdict(
        state="checks",
        word=count,
        sentence=sentence,
        told=sentence,
        whose="nobody yet",
        next_step=step,
        advice=step,
        services=verdict.services,
        checks=checks,
    )


def _announced(
    rows: Sequence[ServiceStatus],
    obstacle: Obstacle | None,
    at: datetime,
) -> PlatformVerdict | None:
    out = [r for r in rows if r.state == "maintenance"]
    explains = obstacle is None or any(
        r.application == LOGIN_SERVICE for r in out
    )
    if not out or not explains:
        return None
    what = out[0].maintenance or "maintenance"
    until = next((r.until for r in out if r.until is not None), None)
    ends = f" It should end at {until:%H:%M} UTC." if until else ""
    return PlatformVerdict(
        state="announced",
        word=f"{_short(out)} in maintenance",
        sentence=f"Announced: {_sentence(what)}{ends} "
        f"Not working now: {_list([r.title for r in out])}.",
        since=_since(out[0], at),
        whose=SITE,
        next_step="Nothing to fix in this lab: wait until it is over.",
        services=[r.id for r in out],
    )


def _login(
    rows: Sequence[ServiceStatus],
    obstacle: Obstacle | None,
    at: datetime,
    now: float,
) -> PlatformVerdict | None:
    if obstacle is None or obstacle.root != "login":
        return None
    affected = [r.id for r in rows if "login" in r.affected_by]
    missing = "no token" in obstacle.what
    return PlatformVerdict(
        state="login",
        word="no token" if missing else "login not accepted",
        sentence="This lab has no token, so the platform does not know you."
        if missing
        else "Your login is not accepted: the platform was asked whose token "
        f"this lab has, and {obstacle.seen}.",
        since=at - timedelta(seconds=now - obstacle.since),
        whose="you",
        next_step=NEW_LOGIN,
        services=affected,
    )


def _quota(
    rows: Sequence[ServiceStatus], at: datetime
) -> PlatformVerdict | None:
    for state in ("blocked", "throttled"):
        found = [r for r in rows if r.state == state]
        if not found:
            continue
        first = found[0]
        ends = f" until {first.until:%H:%M:%S} UTC" if first.until else ""
        return PlatformVerdict(
            state="quota",
            word=f"{_short(found)} {state}",
            sentence=f"{first.title} is {state} for you{ends}: "
            f"{first.evidence}.",
            since=_since(first, at),
            whose=SITE if state == "blocked" else "you",
            next_step="Ask whoever runs the site to open it for you."
            if state == "blocked"
            else "Wait until then, and send fewer requests a minute.",
            services=[r.id for r in found],
        )
    return None


def _root(
    rows: Sequence[ServiceStatus],
    obstacle: Obstacle | None,
    at: datetime,
    now: float,
) -> PlatformVerdict | None:
    if obstacle is None or obstacle.root == "login":
        return None
    root = [r for r in rows if r.application == LOGIN_SERVICE]
    behind = [r for r in rows if obstacle.root in r.affected_by]
    count = f"{len(behind)} services that need"
    if len(behind) == 1:
        count = "1 service that needs"
    apart = [r for r in rows if is_trouble(r) and r not in (*root, *behind)]
    return PlatformVerdict(
        state="root_service",
        word="login service down",
        sentence=f"{_upper(obstacle.what)} ({obstacle.seen}). "
        f"{count} it cannot be used or judged."
        f"{_not_well_either(apart)}",
        since=at - timedelta(seconds=now - obstacle.since),
        whose=(root[0].owner if root else None) or SITE,
        next_step=tell_owner(root[0]) if root else _WAIT,
        services=[r.id for r in (*root, *behind)],
    )


def _lab(
    rows: Sequence[ServiceStatus],
    lack: Lack | None,
    at: datetime,
    now: float,
    *,
    offline: bool,
) -> PlatformVerdict | None:
    if lack is None:
        return None
    apart = [r for r in rows if is_trouble(r)]
    others = _not_well_either(apart)
    if offline:
        others = " Nothing on the platform answers either."
    return PlatformVerdict(
        state="lab",
        word=lack.word,
        sentence=f"{lack.sentence}{others}",
        since=at - timedelta(seconds=now - lack.since),
        whose="you",
        next_step=lack.next_step,
        services=[r.id for r in apart],
    )


def _network(
    rows: Sequence[ServiceStatus], at: datetime, *, offline: bool
) -> PlatformVerdict | None:
    if not offline:
        return None
    silent = [r for r in rows if r.age_s is not None and r.state != "up"]
    return PlatformVerdict(
        state="network",
        word="this lab reaches nothing",
        sentence="Nothing on the platform answers: the cause is more likely "
        "this lab or its network than every service at once.",
        since=_since(silent[0], at) if silent else None,
        whose="nobody yet",
        next_step="See whether the platform's home page opens in your "
        "browser, and try again in a minute.",
        services=[r.id for r in silent],
    )


def _service(
    rows: Sequence[ServiceStatus], at: datetime
) -> PlatformVerdict | None:
    found = [r for r in rows if is_trouble(r)]
    if not found:
        return None
    first = found[0]
    rest = len(found) - 1
    more = f", {rest} more" if rest else ""
    up = sum(row.state == "up" for row in rows)
    # An outage is worth less fear with what can still be used.
    usable = f" {up} other{' is' if up == 1 else 's are'} up."
    return PlatformVerdict(
        state="service",
        word=f"{first.title} {SERVICE_STATES[first.state].word}{more}",
        sentence=f"{first.title} is {SERVICE_STATES[first.state].word}: "
        f"{first.evidence}.{_not_well_either(found[1:])}"
        f"{usable if up else ''}",
        since=_since(first, at),
        whose=owner_of(first),
        next_step=tell_owner(first),
        services=[r.id for r in found],
    )


def _well(rows: Sequence[ServiceStatus]) -> PlatformVerdict:
    up = [r for r in rows if r.state == "up"]
    unknown = [r for r in rows if r.state == "unknown" and not is_unasked(r)]
    closed = [
        r for r in rows if r.state == "restricted" and r.age_s is not None
    ]
    said = f"{len(up)} service{' is' if len(up) == 1 else 's are'} up"
    if up and not unknown:
        apart = f", and {len(closed)} not open to your token" if closed else ""
        return PlatformVerdict(
            state="well",
            word=f"{len(up)} up",
            sentence=f"{said}{apart}.",
            services=[r.id for r in up],
        )
    if not unknown:
        return PlatformVerdict(
            state="unknown",
            word="nothing known",
            sentence="Nothing is known of the platform's services yet.",
        )
    return PlatformVerdict(
        state="unknown",
        word=f"{len(up)} up, {len(unknown)} unknown",
        sentence=f"{said}; nothing certain is known of "
        f"{_list([r.title for r in unknown])}.",
        whose="nobody yet",
        next_step=look_again(unknown),
        services=[r.id for r in unknown],
    )


def _since(row: ServiceStatus, at: datetime) -> datetime | None:
    age = row.state_age_s
    return None if age is None else at - timedelta(seconds=age)


def _not_well_either(rows: Sequence[ServiceStatus]) -> str:
    return (
        f" Not well either: {_list([r.title for r in rows])}." if rows else ""
    )


def _short(rows: Sequence[ServiceStatus]) -> str:
    more = f" and {len(rows) - 1} more" if len(rows) > 1 else ""
    return f"{rows[0].title}{more}"


def _list(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    rest = len(names) - _NAMED
    return f"{shown} and {rest} more" if rest > 0 else shown


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]

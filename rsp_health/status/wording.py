"""The words of a verdict, and what to do about a row, made in one place.

Panel, status bar, tooltip, summary and terminal show them as they are: what
each put together by itself would not be the same sentence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .order import is_unasked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from .models import PlatformVerdict, ServiceStatus

__all__ = [
    "NEW_LOGIN",
    "SITE",
    "advise",
    "look_again",
    "owner_of",
    "tell_owner",
    "worded",
]

SITE = "your site"

NEW_LOGIN = (
    "Save your work, then stop this lab and start it again from the "
    "platform's home page: that gives it a new token."
)

_WAIT = "Nothing to fix in this lab: wait"
_WHOSE = {
    "": "",
    "nobody yet": "",
    "you": "Yours to fix.",
    SITE: "For your site to fix.",
}

#: Whose a state is and what to do, where that is the same for all rows.
_COMMON = {
    "maintenance": (SITE, f"{_WAIT} until it is over."),
    "throttled": (
        "you",
        "Wait until then, and send fewer requests a minute.",
    ),
}

#: What to ask of whoever runs a row that the user may not use.
_ASKED = {
    "blocked": "to open it for you",
    "restricted": "whether you may use it",
}


def worded(verdict: PlatformVerdict, at: datetime) -> PlatformVerdict:
    """Return a verdict with the two texts that are shown.

    Parameters
    ----------
    verdict
        The cause.
    at
        The present time: a day is told if it is another one.
    """
    told = verdict.sentence
    if verdict.since is not None and verdict.state != "well":
        day = "" if verdict.since.date() == at.date() else "%-d %b "
        told += verdict.since.strftime(f" Since {day}%H:%M UTC.")
    advice = _advice(verdict.whose, verdict.next_step)
    return verdict.model_copy(update={"told": told, "advice": advice})


def advise(row: ServiceStatus) -> str:
    """Return whose a row's trouble is and what to do; empty if it has none.

    Parameters
    ----------
    row
        The row, as users see it.
    """
    return _advice(*_trouble(row))


def owner_of(row: ServiceStatus) -> str:
    """Return who looks after a row, by name if the catalogue has one."""
    return row.owner or f"the owner of {row.title}"


def tell_owner(row: ServiceStatus) -> str:
    """Return what to do about a service that does not work.

    Parameters
    ----------
    row
        The row; who is told depends on whom the catalogue names.
    """
    return f"{_WAIT}, or tell {_whom(row)}."


def look_again(rows: Sequence[ServiceStatus]) -> str:
    """Return what to do about rows of which nothing certain is known.

    Parameters
    ----------
    rows
        The rows. Those that only the user's click asks have no next check.
    """
    if all(row.spends_quota for row in rows):
        if len(rows) == 1:
            return "It is checked on request only: check it again."
        return "They are checked on request only: check them again."
    return "Wait for the next check, or check again now."


def _whom(row: ServiceStatus) -> str:
    """Return whom to ask about a row, or that nobody is named."""
    return (
        row.contact
        or row.owner
        or f"whoever runs the site (nobody is named here for {row.title})"
    )


def _trouble(row: ServiceStatus) -> tuple[str, str]:
    """Return whose a row's trouble is, and the next step."""
    if "login" in row.affected_by and row.state in {"restricted", "degraded"}:
        return "you", NEW_LOGIN
    if row.affected_by and row.state == "unknown":
        return SITE, f"{_WAIT} until the login service works."
    if row.state in {"down", "degraded"}:
        return owner_of(row), tell_owner(row)
    if row.state in _ASKED:
        return SITE, f"Ask {_whom(row)} {_ASKED[row.state]}."
    if row.state == "unknown" and not is_unasked(row):
        return "", look_again([row])
    return _COMMON.get(row.state, ("", ""))


def _advice(whose: str, next_step: str) -> str:
    said = _WHOSE.get(whose, f"For {whose} to fix.")
    return f"{said} {next_step}".strip()

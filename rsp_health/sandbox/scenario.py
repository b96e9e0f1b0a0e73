"""What a scenario is: one way for the platform to be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["EVERY", "Announcement", "OldJob", "Scenario"]

#: Stands for every application in the sets below.
EVERY = "*"

#: Applications that are deployed only where a scenario says so.
_RARE = frozenset({"consdbtap"})


@dataclass(frozen=True, slots=True)
class Announcement:
    """What Semaphore says to everybody, as GitHub-flavoured markdown."""

    category: str
    summary: str
    body: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OldJob:
    """An asynchronous query that the user made before."""

    query: str
    age_s: float
    error: str = ""
    stalls: Literal["", "queued", "executing"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One way for the platform to be.

    Parameters
    ----------
    name
        What it is called on the command line.
    summary
        One line for lists.
    absent
        Applications that are not deployed.
    rare
        Applications that are deployed here, and hardly anywhere else.
    down
        Applications behind which nothing stands (503), or ``*``.
    says_no
        Data services that answer, and say that they cannot work: name to the
        note in their availability document.
    queries_fail
        Data services that say that they are well, and cannot read data: name
        to the error of their queries.
    jobs
        Asynchronous queries that the user has.
    jobs_stall
        Where new asynchronous queries stay for ever; empty: they end.
    clock_skew_s
        Seconds that the platform's clock is ahead.
    delays
        Seconds to wait before an answer, by application or ``*``.
    git_bytes_per_second
        How fast git answers; `None` for as fast as it can.
    exhausted
        Whether the API quotas of this minute count as used up.
    overrides
        Quota overrides by service name: requests a minute.
    token_valid
        Whether the platform knows the lab's token.
    always_login
        Whether every route that needs a login redirects to the login page.
    closes
        Whether connections are closed without an answer.
    broadcasts
        What Semaphore says to everybody.
    messages
        What Semaphore says to the lab's user only (markdown).
    discovery
        Whether discovery is true, names a wrong address, is empty, or has
        names that are not harmless.
    """

    name: str
    summary: str
    absent: frozenset[str] = frozenset()
    rare: frozenset[str] = frozenset()
    down: frozenset[str] = frozenset()
    says_no: Mapping[str, str] = field(default_factory=dict)
    queries_fail: Mapping[str, str] = field(default_factory=dict)
    jobs: tuple[OldJob, ...] = ()
    jobs_stall: Literal["", "queued", "executing"] = ""
    clock_skew_s: float = 0.0
    delays: Mapping[str, float] = field(default_factory=dict)
    git_bytes_per_second: int | None = None
    exhausted: bool = False
    overrides: Mapping[str, int] = field(default_factory=dict)
    token_valid: bool = True
    always_login: bool = False
    closes: bool = False
    broadcasts: tuple[Announcement, ...] = ()
    messages: tuple[str, ...] = ()
    discovery: Literal["full", "drift", "empty", "hostile"] = "full"

    def has(self, application: str) -> bool:
        """Whether an application is deployed."""
        if application in _RARE:
            return application in self.rare
        return application not in self.absent

    def is_down(self, application: str) -> bool:
        """Whether nothing stands behind an application's routes."""
        return application in self.down or EVERY in self.down

    def delay(self, application: str) -> float:
        """Seconds to wait before an application answers."""
        return self.delays.get(application, self.delays.get(EVERY, 0.0))

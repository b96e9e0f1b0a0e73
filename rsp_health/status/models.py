"""What the status feature tells the outside world: ``rsp-health.status/1``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ..wire import Timestamp, WireModel

__all__ = [
    "Broadcast",
    "BroadcastList",
    "DiscoveryStatus",
    "Flock",
    "HalfHour",
    "LabResources",
    "LastRun",
    "Observation",
    "PlatformVerdict",
    "QueryCheck",
    "QuotaDocument",
    "QuotaEntry",
    "ServiceHistory",
    "ServiceQuota",
    "ServiceState",
    "ServiceStatus",
    "StatusDocument",
    "TestBots",
    "TokenStatus",
    "UserMessage",
]

ServiceState = Literal[
    "up",
    "degraded",
    "down",
    "restricted",
    "blocked",
    "throttled",
    "maintenance",
    "not_deployed",
    "unmonitored",
    "unknown",
]


class ServiceQuota(WireModel):
    """The user's own quota for one service."""

    limit: int
    remaining: int | None = None
    resets_at: Timestamp | None = None


class Observation(WireModel):
    """One past probe, for the row of bars."""

    state: ServiceState
    latency_s: float | None = None
    age_s: float


class QueryCheck(WireModel):
    """What came of reading a row of a service's data, when the user asked."""

    state: Literal["passed", "failed", "unknown"] = Field(
        description="'unknown': it says nothing of the service."
    )
    evidence: str = Field(description="One sentence: what was read, or why.")
    age_s: float
    latency_s: float | None = None


class LastRun(WireModel):
    """The newest result of a notebook that checks a service."""

    run_id: str
    notebook: str = Field(description="Relative to the root.")
    state: str = Field(description="A notebook state of rsp-health.run/1.")
    finished_at: Timestamp | None = None


class ServiceStatus(WireModel):
    """One row of the panel."""

    id: str
    title: str
    application: str = Field(
        default="", description="Phalanx application; notebooks name it."
    )
    category: str = "other"
    dataset: str | None = None
    datasets: list[str] = Field(
        default_factory=list, description="All that this row serves."
    )
    state: ServiceState
    state_age_s: float | None = Field(
        default=None, description="Seconds the state is shown; None: unset."
    )
    stale: bool = Field(default=False, description="The evidence is old.")
    evidence: str = Field(description="One sentence: what is known, and how.")
    source: str | None = Field(
        default=None, description="URL of the evidence."
    )
    depth: Literal["frontend", "backend"] | None = None
    looked_at: str = Field(
        default="", description="What its probe looks at, as a clause."
    )
    age_s: float | None = None
    latency_s: float | None = None
    until: Timestamp | None = None
    checks: int = Field(
        default=0, description="Consecutive probes that agree on the state."
    )
    history: list[Observation] = Field(default_factory=list)
    quota: ServiceQuota | None = None
    notebooks: list[str] = Field(
        default_factory=list,
        description="Those that check it, relative to the root.",
    )
    last_run: LastRun | None = Field(
        default=None,
        description="The newest result among them; the server fills it in.",
    )
    spends_quota: bool = Field(
        default=False, description="Its probe runs on request only."
    )
    cost: str = Field(
        default="", description="What a probe on request costs, in words."
    )
    query: QueryCheck | None = Field(
        default=None, description="The newest query that the user asked for."
    )
    query_cost: str = Field(
        default="",
        description="What a query on request does and costs; empty: no query.",
    )
    version: str | None = None
    maintenance: str | None = Field(
        default=None, description="Announced maintenance that covers now."
    )
    depends_on: list[str] = Field(
        default_factory=list, description="Applications it needs."
    )
    affected_by: list[str] = Field(
        default_factory=list,
        description="What keeps the user from using it although it may be "
        "well itself: 'login' (the user's own), or an application.",
    )
    facility: str | None = None
    open_url: str | None = None
    docs: str | None = None
    runbook: str | None = None
    logs: str | None = None
    owner: str | None = None
    contact: str | None = None
    advice: str = Field(
        default="",
        description="Of a row that is not well: whose it is, and what to do.",
    )


class HalfHour(WireModel):
    """What was seen of a service in half an hour."""

    start: Timestamp
    state: ServiceState = Field(
        description="The worst that the row was shown in."
    )
    checks: int
    not_passed: int = Field(
        description="Checks that did not pass; one alone turns no row."
    )
    slowest_s: float | None = Field(
        default=None, description="The slowest good answer."
    )


class ServiceHistory(WireModel):
    """Answer of ``GET services/history``: a service's last 24 hours."""

    schema_: Literal["rsp-health.service-history/1"] = Field(
        default="rsp-health.service-history/1", alias="schema"
    )
    service: str
    observed_at: Timestamp
    begins_at: Timestamp = Field(
        description="When the first half-hour begins that could be here."
    )
    half_hours: list[HalfHour] = Field(
        description="Oldest first, without those in which nobody looked."
    )


class DiscoveryStatus(WireModel):
    """How fresh the list of applications is."""

    state: Literal["fresh", "stale", "file", "none"]
    age_s: float | None = None
    message: str = ""


class PlatformVerdict(WireModel):
    """The first cause of what is wrong, told once."""

    state: Literal[
        "announced",
        "login",
        "quota",
        "root_service",
        "lab",
        "network",
        "service",
        "checks",
        "well",
        "unknown",
    ] = Field(description="Which kind of cause, the first that applies.")
    word: str = Field(description="The cause in two or three words.")
    sentence: str = Field(description="What is known, and how.")
    since: Timestamp | None = None
    whose: str = Field(
        default="",
        description="'you', 'your site', the owner's name, 'nobody yet'; "
        "empty if nothing is wrong.",
    )
    next_step: str = Field(default="", description="What to do now.")
    told: str = Field(
        default="", description="The sentence, with since when: as shown."
    )
    advice: str = Field(
        default="",
        description="Whose it is and the next step in words: as shown.",
    )
    services: list[str] = Field(
        default_factory=list,
        description="The rows that it speaks of, the cause first.",
    )
    checks: list[str] = Field(
        default_factory=list,
        description="Notebooks whose last check did not pass, relative to "
        "the root; the server fills them in.",
    )


class StatusDocument(WireModel):
    """Answer of ``GET services`` and ``rsp-health status --json``."""

    schema_: Literal["rsp-health.status/1"] = Field(
        default="rsp-health.status/1", alias="schema"
    )
    instance: str | None
    observed_at: Timestamp
    observer_offline: bool = Field(
        default=False, description="Everything fails at once: suspect us."
    )
    discovery: DiscoveryStatus
    verdict: PlatformVerdict
    catalogue_problem: str = Field(
        default="", description="What is wrong with the site's catalogue file."
    )
    services: list[ServiceStatus]


class QuotaEntry(WireModel):
    """The user's quota for one Gafaelfawr service."""

    service: str
    limit: int = Field(description="Requests a minute; 0: blocked.")
    remaining: int | None = None
    resets_at: Timestamp | None = None
    overridden: bool = False


class TokenStatus(WireModel):
    """What the lab's token may do, and for how long. Never the token."""

    state: Literal["valid", "rejected", "missing", "unknown"]
    message: str = ""
    username: str | None = None
    scopes: list[str] = Field(default_factory=list)
    expires_at: Timestamp | None = None


class LabResources(WireModel):
    """This lab's own limits and use."""

    image: str | None = None
    image_description: str | None = None
    size: str | None = None
    cpu_limit: float | None = None
    memory_limit_bytes: int | None = None
    memory_used_bytes: int | None = None
    disk_free_bytes: int | None = None
    disk_total_bytes: int | None = None
    cpu_used: float | None = Field(
        default=None, description="Cores in use, mean of the last seconds."
    )
    oom_kills: int | None = Field(
        default=None, description="Processes that lack of memory ended."
    )
    quota_cpu: float | None = Field(
        default=None, description="Cores of all your labs together."
    )
    quota_memory_bytes: int | None = None
    quota_disk_bytes: int | None = Field(
        default=None, description="Of your home."
    )
    disk_quotas: dict[str, int] = Field(
        default_factory=dict,
        description="Bytes by file system, as Gafaelfawr names them.",
    )
    may_spawn: bool | None = Field(
        default=None, description="Whether you may start another lab."
    )
    hints: list[str] = Field(
        default_factory=list, description="What may not fit into this lab."
    )


class Flock(WireModel):
    """One group of the platform's test bots, in mobu's own words."""

    name: str
    business: str
    monkeys: int
    started_at: Timestamp | None = None
    failures: int
    successes: int
    summary: str = Field(description="As mobu writes it to Slack.")


class TestBots(WireModel):
    """What the platform's own tests (mobu) say, if the token may read it."""

    state: Literal["fresh", "restricted", "unavailable", "not_deployed"]
    message: str = ""
    flocks: list[Flock] = Field(default_factory=list)


class QuotaDocument(WireModel):
    """Answer of ``GET quota``."""

    schema_: Literal["rsp-health.quota/1"] = Field(
        default="rsp-health.quota/1", alias="schema"
    )
    observed_at: Timestamp
    token: TokenStatus
    api: list[QuotaEntry]
    concurrent_queries: dict[str, int] = Field(
        default_factory=dict,
        description="TAP queries at a time, by database (qserv, sso).",
    )
    lab: LabResources
    test_bots: TestBots | None = None


class Broadcast(WireModel):
    """An announcement of the platform, as plain text."""

    id: str
    category: Literal["outage", "notice", "info"]
    summary: str
    body: str = ""


class UserMessage(WireModel):
    """A message of the platform to this user, as plain text."""

    id: str
    summary: str
    created_at: Timestamp | None = None


class BroadcastList(WireModel):
    """Answer of ``GET broadcasts``."""

    schema_: Literal["rsp-health.broadcasts/1"] = Field(
        default="rsp-health.broadcasts/1", alias="schema"
    )
    state: Literal["fresh", "stale", "unavailable", "not_deployed"]
    message: str = ""
    broadcasts: list[Broadcast]
    messages: list[UserMessage] = Field(
        default_factory=list, description="Unread, to this user only."
    )
    messages_note: str = Field(
        default="", description="Why they are not known, if so."
    )

"""What the status feature tells the outside world: ``rsp-health.status/1``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ..wire import Timestamp, WireModel

__all__ = [
    "Broadcast",
    "BroadcastList",
    "DiscoveryStatus",
    "LabResources",
    "LastRun",
    "Observation",
    "QuotaDocument",
    "QuotaEntry",
    "ServiceQuota",
    "ServiceState",
    "ServiceStatus",
    "StatusDocument",
    "TokenStatus",
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
    category: str = "other"
    dataset: str | None = None
    state: ServiceState
    stale: bool = Field(default=False, description="The evidence is old.")
    evidence: str = Field(description="One sentence: what is known, and how.")
    source: str | None = Field(
        default=None, description="URL of the evidence."
    )
    depth: Literal["frontend", "backend"] | None = None
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
    open_url: str | None = None
    docs: str | None = None
    runbook: str | None = None
    owner: str | None = None
    contact: str | None = None


class DiscoveryStatus(WireModel):
    """How fresh the list of applications is."""

    state: Literal["fresh", "stale", "file", "none"]
    age_s: float | None = None
    message: str = ""


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


class QuotaDocument(WireModel):
    """Answer of ``GET quota``."""

    schema_: Literal["rsp-health.quota/1"] = Field(
        default="rsp-health.quota/1", alias="schema"
    )
    token: TokenStatus
    api: list[QuotaEntry]
    lab: LabResources


class Broadcast(WireModel):
    """An announcement of the platform, as plain text."""

    id: str
    category: Literal["outage", "notice", "info"]
    summary: str
    body: str = ""


class BroadcastList(WireModel):
    """Answer of ``GET broadcasts``."""

    schema_: Literal["rsp-health.broadcasts/1"] = Field(
        default="rsp-health.broadcasts/1", alias="schema"
    )
    state: Literal["fresh", "stale", "unavailable", "not_deployed"]
    message: str = ""
    broadcasts: list[Broadcast]

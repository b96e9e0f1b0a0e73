"""The platform as it was seen, and which of its services a failure needs."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ...errors import NotFoundError
from ...runner.models import SeenService, SeenServices
from ...status.order import is_unasked
from .cell_words import hosts_in
from .failure import Failure
from .patterns import compile_pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...status.models import ServiceStatus, StatusDocument

__all__ = [
    "hosts_of",
    "needed",
    "seen_services",
    "service_failure",
    "service_of",
]

#: States of rows that say nothing about their services.
_SILENT = {"not_deployed", "unmonitored"}

#: Words in a cell that need an application. What a URL says counts more.
_WORDS = {
    "get_tap_service": "tap",
    "TAPService": "tap",
    "run_async": "tap",
    "launch_job": "tap",
    "get_siav2_service": "sia",
    "SIA2Service": "sia",
    "SIAService": "sia",
    "get_pyvo_auth": "tap",
    "Butler(": "butler",
    "FireflyClient": "portal",
    "afwDisplay": "portal",
    "SodaQuery": "vo-cutouts",
    "get_cutout": "vo-cutouts",
    "Datalink": "datalinker",
    "EfdClient": "sasquatch",
    "InfluxDB": "sasquatch",
    "makeEfdClient": "sasquatch",
    "ConsDbClient": "consdb",
    "get_query_history": "tap",
}
#: Parts of an address that are named otherwise than their application, and
#: applications that are not below ``/api``.
_PATHS = {"cutout": "vo-cutouts", "datalink": "datalinker"}
_TOP = frozenset({"portal", "influxdb", "nb"})


def seen_services(document: StatusDocument) -> SeenServices:
    """Return in short how the platform is, for a time when it no longer is.

    Parameters
    ----------
    document
        What the status feature says.
    """
    rows = [
        row
        for row in document.services
        # What is stale is no sight of this time.
        if row.state not in _SILENT and not is_unasked(row) and not row.stale
    ]
    return SeenServices(
        observed_at=document.observed_at,
        verdict=document.verdict.state,
        sentence=document.verdict.sentence,
        next_step=document.verdict.next_step,
        up=[r.id for r in rows if r.state == "up" and not r.affected_by],
        troubled=[_short(r) for r in rows if r.state != "up" or r.affected_by],
    )


def _short(row: ServiceStatus) -> SeenService:
    return SeenService(
        id=row.id,
        title=row.title,
        application=row.application,
        state=row.state,
        evidence=row.evidence,
        source=row.source,
        until=row.until,
        owner=row.owner,
        affected_by=row.affected_by,
    )


def needed(failure: Failure) -> list[str]:
    """Return the applications that a failure speaks of, as far as is seen.

    Parameters
    ----------
    failure
        What failed. An address in its error says it best, then the words of
        the cell, then what the repository says that the notebook needs.
    """
    by_path = [name for path in failure.paths if (name := _application(path))]
    if by_path:
        return list(dict.fromkeys(by_path))
    by_word = [
        name
        for word, name in _WORDS.items()
        if compile_pattern(word).search(failure.source)
    ]
    if by_word:
        return list(dict.fromkeys(by_word))
    return [failure.application] if failure.application else []


def hosts_of(failure: Failure) -> tuple[str, ...]:
    """Return the hosts that a call went to, as far as can be told.

    Parameters
    ----------
    failure
        What failed. Some libraries' errors name no host. The addresses in
        the cell tell it then, unless the cell speaks to the platform in
        other words, too.
    """
    if failure.hosts or not failure.is_remote or needed(failure):
        return failure.hosts
    return hosts_in(failure.source)


def _application(path: str) -> str | None:
    parts = [part for part in path.split("/") if part]
    if parts[:1] == ["api"] and len(parts) > 1:
        return _PATHS.get(parts[1], parts[1])
    return parts[0] if parts and parts[0] in _TOP else None


def service_of(
    names: Sequence[str], seen: SeenServices
) -> tuple[list[SeenService], bool]:
    """Return the services of these names that were not well.

    Parameters
    ----------
    names
        Applications.
    seen
        The platform as it was.

    Returns
    -------
    tuple
        Those in trouble; whether all that were looked at were well.
    """
    wanted = set(names)
    troubled = [
        row
        for row in seen.troubled
        if wanted & {row.id, row.id.partition(":")[0], row.application}
        or _application(urlsplit(row.source or "").path) in wanted
    ]
    up = [id for id in seen.up if id.partition(":")[0] in wanted]
    return troubled, bool(up) and not troubled


def service_failure(id: str, seen: Sequence[SeenServices]) -> Failure:
    """Return a row that is not well as something to explain.

    Parameters
    ----------
    id
        The row's id.
    seen
        The platform as it is now.

    Raises
    ------
    rsp_health.errors.NotFoundError
        Raised if no row of that id is known not to be well.
    """
    for platform in seen:
        for row in platform.troubled:
            if row.id == id:
                return Failure(
                    state="service",
                    reason=f"{row.title} is {row.state}: {row.evidence}",
                    application=row.id,
                    at=platform.observed_at,
                )
    raise NotFoundError(
        f"{id[:200]!r} is not known to be in trouble now.",
        hint="Probe the services again.",
        code="no_trouble",
    )

"""The user's own asynchronous queries, as their TAP service lists them.

Standard: IVOA UWS 1.1. Namespaces and their prefixes differ between services
and are not looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ...platform.http.answers import FetchError
from ...status.probes.base import Verdict, shorten
from ...status.probes.markup import read_xml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from ...platform.http.client import PlatformHttp

__all__ = ["NoJobsError", "UwsJob", "error_of", "jobs"]

_BYTES = 1024 * 1024


class NoJobsError(Exception):
    """The list could not be read; its text is the reason, as a clause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UwsJob:
    """One query.

    Parameters
    ----------
    id
        Its name.
    url
        Its address.
    phase
        PENDING, QUEUED, EXECUTING, COMPLETED, ERROR, ABORTED and others.
    created
        When it was made, if that is told.
    """

    id: str
    url: str
    phase: str
    created: datetime | None


async def jobs(http: PlatformHttp, tap: str, most: int) -> list[UwsJob]:
    """Return the newest jobs, the newest first.

    Parameters
    ----------
    http
        The bounded client.
    tap
        The service's address.
    most
        How many are asked for.

    Raises
    ------
    NoJobsError
        Raised if there is no list.
    """
    root = await _read(http, f"{tap}/async?LAST={most}", "a list of jobs")
    found = [
        UwsJob(
            id=element.get("id", "")[:100],
            url=f"{tap}/async/{element.get('id', '')[:100]}",
            phase=_child(element, "phase").upper()[:20],
            created=_moment(_child(element, "creationTime")),
        )
        for element in root.iter()
        if _local(element) == "jobref"
    ]
    oldest = datetime.min.replace(tzinfo=UTC)
    return sorted(found, key=lambda j: j.created or oldest, reverse=True)


async def error_of(http: PlatformHttp, job: UwsJob) -> str:
    """Return what a job says of its error; empty if nothing."""
    try:
        root = await _read(http, job.url, "a job")
    except NoJobsError:
        return ""
    for element in root.iter():
        if _local(element) == "errorSummary":
            return shorten(_child(element, "message"), 300)
    return ""


async def _read(http: PlatformHttp, url: str, wanted: str) -> Element:
    try:
        response = await http.get(url, token=True, max_bytes=_BYTES)
    except FetchError as exc:
        raise NoJobsError(exc.message) from exc
    if response.status != 200:
        raise NoJobsError(f"HTTP {response.status}")
    root = read_xml(response, wanted)
    if isinstance(root, Verdict):
        raise NoJobsError(root.evidence)
    return root


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _children(element: Element, name: str) -> Iterator[str]:
    for child in element:
        if _local(child) == name:
            yield "".join(child.itertext()).strip()


def _child(element: Element, name: str) -> str:
    return next(_children(element, name), "")


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)

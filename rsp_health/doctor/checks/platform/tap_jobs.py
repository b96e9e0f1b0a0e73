"""Tell what the user's own queries do that go on without them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ....platform.http.client import PlatformHttp
from ....wire import utc_now
from ...evidence import monitor
from ...evidence.uws import NoJobsError, error_of, jobs
from ...evidence.words import counted, duration
from ...models import Evidence, attention, cannot_tell, not_applicable, ok
from ..base import Check

if TYPE_CHECKING:
    from ....platform.models import Discovery
    from ...context import Context
    from ...evidence.uws import UwsJob
    from ...models import Finding

__all__ = ["TapJobs"]

_LIMIT_S = 1.0
_MOST = 50
_SHOWN = 8
#: Seconds in the queue, and at work, beyond which something may be wrong.
_QUEUED_S = 300.0
_LONG_S = 3600.0
_FRESH_S = 86_400.0


class TapJobs(Check):
    """Asks each TAP service for the user's jobs: one request of the quota."""

    id = "tap.jobs"
    title = "Your queries"
    otherwise = "No platform is known here."
    asks_platform = True

    def applies(self, context: Context) -> bool:
        """Return whether there is a platform."""
        return context.environment.base_url is not None

    def look(self, context: Context) -> Finding:
        """Return what is found."""
        services = _tap_services(monitor.discovery(context))
        if not services:
            return not_applicable("No TAP service is known on this site.")
        found, problems, errors = asyncio.run(_ask(context, services))
        if not found and problems:
            return cannot_tell(
                "Your queries are not known: "
                f"{problems[0].value.rstrip('.')}.",
                *problems,
                next_step="Look at your login and at TAP first: rsp-health "
                "doctor token service.tap",
            )
        seen = [_told(job, errors) for job in found[:_SHOWN]] + problems
        return _judge(found, errors, seen)


def _judge(
    found: list[UwsJob], errors: dict[str, str], seen: list[Evidence]
) -> Finding:
    queued = [j for j in found if j.phase == "QUEUED" and _age(j) > _QUEUED_S]
    running = [
        j for j in found if j.phase == "EXECUTING" and _age(j) > _LONG_S
    ]
    failed = [j for j in found if j.phase == "ERROR" and _age(j) < _FRESH_S]
    pending = [j for j in found if j.phase in {"PENDING", "HELD"}]
    if queued:
        return attention(
            f"{_these(queued)} in the service's queue for "
            f"{duration(_age(queued[-1]))}: it has not begun.",
            *seen,
            whose="application",
            next_step="Leave it: it keeps its place. If others' queries run, "
            f"tell the owner of TAP this address: {queued[-1].url}",
        )
    if running:
        return attention(
            f"{_these(running)} at work for {duration(_age(running[-1]))}.",
            *seen,
            whose="your_code",
            next_step="If it should have been quick: narrow it (a region, "
            "fewer columns), and abort this one: pyvo.dal.AsyncTAPJob"
            f'("{running[-1].url}", session=…).abort()',
        )
    if failed:
        said = errors.get(failed[0].id) or "it does not say why"
        return attention(
            f"Your query of {duration(_age(failed[0]))} ago ended with an "
            f"error: {said}.",
            *seen,
            whose="your_code",
            next_step=f"Correct it and send it again; in full: {failed[0].url}"
            "/error",
        )
    if pending:
        return attention(
            f"{_these(pending)} made, and not told to run.",
            *seen,
            whose="your_code",
            next_step="Let it run (job.run()), or forget it (job.delete()).",
        )
    if not found:
        return ok(
            "You have no asynchronous query.",
            *seen,
            Evidence(source="your jobs", value="none"),
        )
    busy = sum(job.phase in {"QUEUED", "EXECUTING"} for job in found)
    return ok(
        f"Of your {counted(len(found), 'asynchronous query', 'asynchronous queries')}"
        f", {busy} {'is' if busy == 1 else 'are'} under way.",
        *seen,
    )


def _these(jobs: list[UwsJob]) -> str:
    return (
        "One of your queries is"
        if len(jobs) == 1
        else f"{len(jobs)} of your queries are"
    )


def _age(job: UwsJob) -> float:
    if job.created is None:
        return 0.0
    return max(0.0, (utc_now() - job.created).total_seconds())


def _told(job: UwsJob, errors: dict[str, str]) -> Evidence:
    made = f", made {duration(_age(job))} ago" if job.created else ""
    says = f": {errors[job.id]}" if errors.get(job.id) else ""
    return Evidence(source=job.url, value=f"{job.phase}{made}{says}")


def _tap_services(known: Discovery) -> list[str]:
    return sorted(
        {
            service.url.rstrip("/")
            for dataset in known.datasets.values()
            for name, service in dataset.services.items()
            if name == "tap"
        }
    )


async def _ask(
    context: Context, services: list[str]
) -> tuple[list[UwsJob], list[Evidence], dict[str, str]]:
    http = PlatformHttp(environment=context.environment, timeout_s=_LIMIT_S)
    found: list[UwsJob] = []
    problems: list[Evidence] = []

    async def ask(tap: str) -> None:
        try:
            found.extend(await jobs(http, tap, _MOST))
        except NoJobsError as exc:
            problems.append(Evidence(source=f"{tap}/async", value=str(exc)))

    try:
        await asyncio.gather(*map(ask, services))
        failed = next((j for j in found if j.phase == "ERROR"), None)
        errors = {}
        if failed is not None:
            errors[failed.id] = await error_of(http, failed)
        return found, problems, errors
    finally:
        await http.aclose()

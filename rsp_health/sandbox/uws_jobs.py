"""Asynchronous queries of the sandbox's users: what a UWS service remembers.

Standard: IVOA UWS 1.1. A job waits until it is told to run; here it then runs
for some seconds of the sandbox's clock, and ends. Phases follow from the time
that they are asked for: there is nothing that works.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Job", "Jobs"]

_QUEUE_S = 1.0
_RUN_S = 3.0
_KEPT_S = 7 * 24 * 3600.0
_MOST = 200


@dataclass(slots=True, kw_only=True)
class Job:
    """One query.

    Parameters
    ----------
    id
        Its name.
    owner
        Whose it is.
    service
        The TAP service, such as ``tap``.
    parameters
        As the client sent them; ``QUERY`` is one.
    created
        When, in seconds since the epoch.
    error
        What it will end with; empty: with a table.
    stalls
        ``queued`` or ``executing``: it stays so.
    """

    id: str
    owner: str
    service: str
    parameters: dict[str, str]
    created: float
    error: str = ""
    stalls: str = ""
    run_at: float | None = None
    aborted_at: float | None = None
    results: dict[str, str] = field(default_factory=dict)

    @property
    def started(self) -> float | None:
        """When it began, if it did not wait for ever."""
        if self.run_at is None or self.stalls == "queued":
            return None
        return self.run_at + _QUEUE_S

    @property
    def ended(self) -> float | None:
        """When it ends, or was ended."""
        if self.aborted_at is not None:
            return self.aborted_at
        if self.started is None or self.stalls:
            return None
        return self.started + _RUN_S

    @property
    def destroyed(self) -> float:
        """When it is forgotten."""
        return self.created + _KEPT_S

    def phase(self, now: float) -> str:
        """Return its phase, a word of the standard."""
        if self.aborted_at is not None:
            return "ABORTED"
        if self.run_at is None:
            return "PENDING"
        if self.started is None or now < self.started:
            return "QUEUED"
        if self.ended is None or now < self.ended:
            return "EXECUTING"
        return "ERROR" if self.error else "COMPLETED"


class Jobs:
    """All jobs, safe to use from any thread.

    Parameters
    ----------
    clock
        Returns the time in seconds since the epoch.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}

    def add(
        self,
        owner: str,
        service: str,
        parameters: Mapping[str, str],
        *,
        age_s: float = 0.0,
        error: str = "",
        stalls: str = "",
        run: bool = False,
    ) -> Job:
        """Make a job.

        Parameters
        ----------
        owner, service, parameters, error, stalls
            See `Job`.
        age_s
            Seconds ago that it was made.
        run
            Whether it was told to run at once.
        """
        created = self._clock() - age_s
        job = Job(
            id=secrets.token_hex(8),
            owner=owner,
            service=service,
            parameters=dict(parameters),
            created=created,
            error=error,
            stalls=stalls,
            run_at=created if run else None,
        )
        with self._lock:
            self._jobs[job.id] = job
            while len(self._jobs) > _MOST:
                del self._jobs[next(iter(self._jobs))]
        return job

    def of(self, owner: str, service: str) -> list[Job]:
        """Return a user's jobs, the newest first."""
        with self._lock:
            found = [
                job
                for job in self._jobs.values()
                if (job.owner, job.service) == (owner, service)
            ]
        return sorted(found, key=lambda job: -job.created)

    def get(self, owner: str, service: str, id: str) -> Job | None:
        """Return one job of a user's, if it is one."""
        return next((j for j in self.of(owner, service) if j.id == id), None)

    def run(self, job: Job) -> None:
        """Let a job run, once."""
        if job.run_at is None:
            job.run_at = self._clock()

    def abort(self, job: Job) -> None:
        """End a job that has not ended."""
        if job.phase(self._clock()) in {"PENDING", "QUEUED", "EXECUTING"}:
            job.aborted_at = self._clock()

    def remove(self, job: Job) -> None:
        """Forget a job."""
        with self._lock:
            self._jobs.pop(job.id, None)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._jobs.clear()

"""``/api/tap/async``: queries that go on while nobody waits (IVOA UWS 1.1)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from tornado.web import Finish

from ..ingress import PlatformHandler
from .tap import VOTABLE, query
from .votable import error_votable

if TYPE_CHECKING:
    from ..uws_jobs import Job

__all__ = ["UwsJobHandler", "UwsListHandler"]

_UWS = (
    'xmlns:uws="http://www.ivoa.net/xml/UWS/v1.0"'
    ' xmlns:xlink="http://www.w3.org/1999/xlink"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" version="1.1"'
)


class _UwsHandler(PlatformHandler):
    @property
    def owner(self) -> str:
        """Whose jobs these are; the route let nobody else in."""
        if self.user is None:
            raise Finish
        return self.user.username

    @property
    def base(self) -> str:
        """The address of the list."""
        return f"{self.state.base_url}/api/{self.app}/async"

    def see_other(self, url: str) -> None:
        """Send the client on, as UWS does after each change."""
        self.set_status(303)
        self.set_header("Location", url)

    def jobs(self) -> list[Job]:
        """Return the user's jobs, those of the scenario among them."""
        found = self.state.jobs.of(self.owner, self.app)
        if found:
            return found
        for made in self.state.scenario.jobs:
            self.state.jobs.add(
                self.owner,
                self.app,
                {"LANG": "ADQL", "QUERY": made.query},
                age_s=made.age_s,
                error=made.error,
                stalls=made.stalls,
                run=True,
            )
        return self.state.jobs.of(self.owner, self.app)


class UwsListHandler(_UwsHandler):
    """The user's own jobs, and new ones."""

    def get(self) -> None:
        """List them, newest first; ``PHASE`` and ``LAST`` choose."""
        now = self.state.now()
        phases = set(self.get_arguments("PHASE"))
        found = [
            j for j in self.jobs() if not phases or j.phase(now) in phases
        ]
        last = self.get_argument("LAST", "")
        if last:
            found = found[: int(last)] if last.isdigit() else []
        rows = "".join(
            f"  <uws:jobref id={quoteattr(job.id)}"
            f" xlink:href={quoteattr(f'{self.base}/{job.id}')}>\n"
            f"    <uws:phase>{job.phase(now)}</uws:phase>\n"
            f"    <uws:ownerId>{escape(job.owner)}</uws:ownerId>\n"
            f"    <uws:creationTime>{_moment(job.created)}"
            "</uws:creationTime>\n  </uws:jobref>\n"
            for job in found
        )
        self.send_xml(
            f"<uws:jobs {_UWS}>\n{rows}</uws:jobs>\n", kind="text/xml"
        )

    def post(self) -> None:
        """Make a job; with ``PHASE=RUN`` it runs at once."""
        parameters = {
            name: self.get_argument(name)
            for name in self.request.arguments
            if name != "PHASE"
        }
        adql = parameters.get("QUERY", "")
        error = self.state.scenario.queries_fail.get(self.app, "")
        if not error:
            try:
                query(adql)
            except ValueError as exc:
                error = str(exc)
        job = self.state.jobs.add(
            self.owner,
            self.app,
            parameters,
            error=error,
            stalls=self.state.scenario.jobs_stall,
            run=self.get_argument("PHASE", "") == "RUN",
        )
        self.see_other(f"{self.base}/{job.id}")


class UwsJobHandler(_UwsHandler):
    """One job and its parts."""

    def get(self, id: str, part: str) -> None:
        """Answer with the job, or a part of it."""
        job = self._job(id)
        now = self.state.now()
        phase = job.phase(now)
        if part == "":
            self.send_xml(self._document(job, phase), kind="text/xml")
        elif part == "phase":
            self._plain(phase)
        elif part == "error" and phase == "ERROR":
            self.send_xml(error_votable(job.error), kind=VOTABLE)
        elif part == "results/result" and phase == "COMPLETED":
            self.send_xml(query(job.parameters["QUERY"]), kind=VOTABLE)
        elif part in {"executionduration", "owner"}:
            self._plain("14400" if part == "executionduration" else job.owner)
        else:
            self.refuse(404)

    def post(self, id: str, part: str) -> None:
        """Change the phase, or forget the job."""
        job = self._job(id)
        if part == "phase":
            wanted = self.get_argument("PHASE", "")
            if wanted == "RUN":
                self.state.jobs.run(job)
            elif wanted == "ABORT":
                self.state.jobs.abort(job)
            else:
                self.refuse(400)
            self.see_other(f"{self.base}/{job.id}")
        elif part == "" and self.get_argument("ACTION", "") == "DELETE":
            self.delete(id, part)
        else:
            self.refuse(400)

    def delete(self, id: str, part: str) -> None:
        """Forget the job."""
        del part
        self.state.jobs.remove(self._job(id))
        self.see_other(self.base)

    def _job(self, id: str) -> Job:
        self.jobs()
        job = self.state.jobs.get(self.owner, self.app, id)
        if job is None:
            self.refuse(404)
        return job

    def _plain(self, text: str) -> None:
        self.set_header("Content-Type", "text/plain")
        self.write(text)

    def _document(self, job: Job, phase: str) -> str:
        now = self.state.now()
        started = job.started if job.started and job.started <= now else None
        ended = job.ended if job.ended and job.ended <= now else None
        parameters = "".join(
            f"    <uws:parameter id={quoteattr(name)}>{escape(value)}"
            "</uws:parameter>\n"
            for name, value in job.parameters.items()
        )
        result = (
            f'    <uws:result id="result" xlink:href='
            f"{quoteattr(f'{self.base}/{job.id}/results/result')}/>\n"
            if phase == "COMPLETED"
            else ""
        )
        error = (
            '  <uws:errorSummary type="fatal" hasDetail="true">\n'
            f"    <uws:message>{escape(job.error)}</uws:message>\n"
            "  </uws:errorSummary>\n"
            if phase == "ERROR"
            else ""
        )
        return (
            f"<uws:job {_UWS}>\n"
            f"  <uws:jobId>{job.id}</uws:jobId>\n"
            f"  <uws:ownerId>{escape(job.owner)}</uws:ownerId>\n"
            f"  <uws:phase>{phase}</uws:phase>\n"
            '  <uws:quote xsi:nil="true"/>\n'
            f"  <uws:creationTime>{_moment(job.created)}"
            "</uws:creationTime>\n"
            f"  {_optional('startTime', started)}\n"
            f"  {_optional('endTime', ended)}\n"
            "  <uws:executionDuration>14400</uws:executionDuration>\n"
            f"  <uws:destruction>{_moment(job.destroyed)}</uws:destruction>\n"
            f"  <uws:parameters>\n{parameters}  </uws:parameters>\n"
            f"  <uws:results>\n{result}  </uws:results>\n"
            f"{error}</uws:job>\n"
        )


def _moment(at: float) -> str:
    moment = datetime.fromtimestamp(at, tz=UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def _optional(name: str, at: float | None) -> str:
    if at is None:
        return f'<uws:{name} xsi:nil="true"/>'
    return f"<uws:{name}>{_moment(at)}</uws:{name}>"

"""Puts together what is known of a site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import __version__
from ...states import RUN_STATES, is_problem
from ...wire import utc_now
from .models import CheckLine, SiteDocument, Unchecked

if TYPE_CHECKING:
    from ...runner.models import NotebookResult, RunDocument, RunEnvironment
    from ...status.models import StatusDocument

__all__ = ["site_document"]

#: States of services with which a site is not well.
_DOWN = frozenset({"down", "maintenance", "blocked"})
_RANKS = {state: rank for rank, state in enumerate(RUN_STATES)}


def site_document(
    status: StatusDocument,
    run: RunDocument | None,
    *,
    environment: RunEnvironment,
    applications: frozenset[str] | None,
) -> SiteDocument:
    """Return the report.

    Parameters
    ----------
    status
        The services.
    run
        The checks, if they were run.
    environment
        Where this is looked from.
    applications
        What is deployed; `None` if not known.
    """
    checks = [_line(x) for x in run.notebooks] if run is not None else []
    checks.sort(key=lambda one: _RANKS[one.state])
    failed = [one for one in checks if is_problem(one.state)]
    down = [row for row in status.services if row.state in _DOWN]
    return SiteDocument(
        made_at=utc_now(),
        version=__version__,
        well=not failed and not down and _was_run(run),
        sentence=_sentence(status, checks, len(failed)),
        status=status,
        environment=environment if run is None else run.environment,
        run_id=run and run.run_id,
        run_state=run and run.state,
        checks=checks,
        problems=[] if run is None else run.problems,
        unchecked=_unchecked(status, checks, applications),
    )


def _was_run(run: RunDocument | None) -> bool:
    """Whether checks that were asked for were run: none is not well."""
    return run is None or run.state != "skipped"


def _line(notebook: NotebookResult) -> CheckLine:
    error = next((x.error for x in notebook.cells if x.error), None)
    return CheckLine(
        notebook=notebook.path,
        application=notebook.application,
        state=notebook.state,
        reason=notebook.reason,
        duration_s=notebook.duration_s,
        error=error and f"{error.ename}: {error.evalue}"[:500],
    )


def _sentence(
    status: StatusDocument, checks: list[CheckLine], failed: int
) -> str:
    passed = sum(one.state == "passed" for one in checks)
    if not checks:
        told = "No checks were run."
    elif failed:
        told = f"{failed} of {failed + passed} checks did not pass."
    else:
        noun = "check" if passed == 1 else "checks"
        told = f"{passed} {noun} passed."
    return f"{status.verdict.told} {told}"


def _unchecked(
    status: StatusDocument,
    checks: list[CheckLine],
    applications: frozenset[str] | None,
) -> list[Unchecked] | None:
    if applications is None:
        return None
    seen = {one.application for one in checks if one.state != "skipped"}
    states: dict[str, str] = {}
    for row in status.services:
        if row.age_s is not None:
            states.setdefault(row.application, row.state)
    return [
        Unchecked(application=name, probed=states.get(name, ""))
        for name in sorted(applications - seen)
    ]

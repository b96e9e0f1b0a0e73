"""Says why a run, or one cell, failed: what ``doctor --run`` does."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import BadInputError, NotFoundError
from ..files import resolve_inside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..doctor.context import Context
    from ..doctor.explain.failure import Failure
    from ..doctor.explain.models import (
        ErrorOutput,
        ExplainRequest,
        ExplanationReport,
    )
    from ..doctor.processes import Limits
    from ..runner.models import RunDocument, SeenServices
    from .context import CliContext

__all__ = ["ExplainCall"]

#: Bytes of a request on standard input.
_REQUEST_BYTES = 16 * 1024**2
#: What failed so many seconds ago failed at no known time.
_OLD_S = 1e8


@dataclass(frozen=True, slots=True)
class ExplainCall:
    """One call that asks why something failed.

    Parameters
    ----------
    context
        The call.
    lab
        What checks look at.
    limits
        What they may take.
    """

    context: CliContext
    lab: Context
    limits: Limits

    def run(self, run_id: str, notebook: Path | None) -> int:
        """Explain the failures of a run; return the exit code.

        Parameters
        ----------
        run_id
            The run, or ``last``.
        notebook
            Only this one of it.
        """
        run = _run(self.context, run_id)
        name = None if notebook is None else _told(run, notebook)
        return self._show(self._explain_run(run, name, None))

    def request(self) -> int:
        """Explain what standard input asks for, as JSON; for the server."""
        from ..doctor.explain.services import service_failure

        request, services = _asked()
        if request.run_id is not None:
            report = self._explain_run(
                _run(self.context, request.run_id),
                request.notebook,
                request.cell_index,
            )
        elif request.error is not None:
            report = self._explain_error(request.error, services)
        elif request.service is not None:
            failure = service_failure(request.service, services)
            report = self._explain([failure], folder=None, services=services)
        else:
            raise BadInputError(
                "The request names no run, no error and no service.",
                hint="Give 'run_id', 'error' or 'service'.",
                code="invalid_request",
            )
        return self._show(report)

    def _explain_run(
        self, run: RunDocument, notebook: str | None, cell_index: int | None
    ) -> ExplanationReport:
        from ..doctor.explain.run_failures import failures_of

        failures = failures_of(
            run,
            root=self.context.root,
            home=str(self.lab.home),
            timings=self.context.runner.history.timings(),
            notebook=notebook,
            cell_index=cell_index,
        )
        return self._explain(
            failures,
            folder=Path(run.folder) if run.folder else None,
            services=run.services,
            run_id=run.run_id,
        )

    def _explain_error(
        self, error: ErrorOutput, services: Sequence[SeenServices]
    ) -> ExplanationReport:
        from ..doctor.explain.failure import read_failure
        from ..wire import utc_now

        age = error.age_s
        at = None
        if age is not None and age < _OLD_S:
            at = utc_now() - timedelta(seconds=age)
        folder = _folder(self.context.root, error.notebook)
        failure = read_failure(
            ename=error.ename,
            evalue=error.evalue,
            traceback=error.traceback,
            source=error.source,
            home=str(self.lab.home),
            folder=None if folder is None else str(folder),
            kernel=error.kernel,
            notebook=error.notebook,
            at=at,
        )
        return self._explain(
            [failure],
            folder=folder,
            services=services,
        )

    def _explain(
        self,
        failures: Sequence[Failure],
        *,
        folder: Path | None,
        services: Sequence[SeenServices],
        run_id: str | None = None,
    ) -> ExplanationReport:
        from ..doctor.explain.explanation import Explainer
        from ..doctor.explain.rules import repository_of
        from ..doctor.explain.run_failures import places_of
        from ..doctor.processes import look

        environment = self.context.environment
        lab = replace(self.lab, places=places_of(failures))
        return Explainer(
            platform=environment.instance,
            secrets=environment.secrets(),
            folders=[
                None if folder is None else repository_of(folder),
                self.lab.site_folder(),
            ],
        ).explain(
            failures,
            look=lambda ids: look(ids, lab, self.limits),
            services=services,
            run_id=run_id,
        )

    def _show(self, report: ExplanationReport) -> int:
        from .output.explanations import show_explanations

        if self.context.as_json:
            click.echo(report.model_dump_json(indent=2))
        else:
            show_explanations(self.context, report)
        return 1 if report.explanations else 0


def _asked() -> tuple[ExplainRequest, list[SeenServices]]:
    from ..doctor.explain.models import ExplainRequest
    from ..runner.models import SeenServices

    try:
        asked = json.loads(sys.stdin.buffer.read(_REQUEST_BYTES))
        return (
            ExplainRequest.model_validate(asked["request"]),
            [SeenServices.model_validate(s) for s in asked["services"]],
        )
    except (ValueError, KeyError, TypeError) as exc:
        raise BadInputError(
            "Standard input holds no request.",
            hint="--explain-stdin is for the server alone.",
            code="invalid_request",
        ) from exc


def _folder(root: Path, notebook: str | None) -> Path | None:
    """Return the folder of a notebook, if it is inside the root."""
    if notebook is None:
        return None
    try:
        return resolve_inside(root, notebook).parent
    except BadInputError:
        return None


def _run(context: CliContext, run_id: str) -> RunDocument:
    if run_id != "last":
        return context.runner.get(run_id)
    runs = context.runner.list(limit=1).runs
    if not runs:
        raise NotFoundError(
            "There is no run yet.",
            hint="Run a notebook with `rsp-health run`.",
            code="no_such_run",
        )
    return context.runner.get(runs[0].run_id)


def _told(run: RunDocument, notebook: Path) -> str:
    """Return a notebook's path as its run tells it."""
    names = {found.path for found in run.notebooks}
    if str(notebook) not in names and run.folder is not None:
        absolute = notebook.absolute()
        if absolute.is_relative_to(run.folder):
            return str(absolute.relative_to(run.folder))
    return str(notebook)

"""Why the notebooks of a bundle's run failed, by the findings of the bundle."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...runner.record.history import History
from ..explain.explanation import Explainer
from ..explain.rules import repository_of
from ..explain.run_failures import failures_of, places_of

if TYPE_CHECKING:
    from ...runner.models import RunDocument
    from ..context import Context
    from ..explain.failure import Failure
    from ..explain.models import ExplanationReport
    from ..models import Report

__all__ = ["explain_run", "named_places"]


def explain_run(
    run: RunDocument, report: Report, context: Context
) -> ExplanationReport | None:
    """Return why a run failed; `None` if it did not.

    No check is run again: what the bundle's findings say is what counts.

    Parameters
    ----------
    run
        The run.
    report
        What the doctor found.
    context
        The lab.
    """
    history = History(context.find_data_dir())
    failures = _failures(run, context, history)
    if not failures:
        return None
    return Explainer(
        platform=context.environment.instance,
        secrets=context.environment.secrets(),
        folders=[
            repository_of(Path(run.folder)) if run.folder else None,
            context.site_folder(),
        ],
    ).explain(
        failures,
        look=lambda ids: [f for f in report.findings if f.check in ids],
        services=run.services,
        run_id=run.run_id,
    )


def named_places(context: Context, run_id: str | None) -> tuple[str, ...]:
    """Return the files that the errors of a run name.

    Parameters
    ----------
    context
        The lab.
    run_id
        The run; `None` for the last one.
    """
    history = History(context.find_data_dir())
    if run_id is None:
        run_id = next((run.run_id for run in history.summaries()), None)
    run = None if run_id is None else history.document(run_id)
    return () if run is None else places_of(_failures(run, context, history))


def _failures(
    run: RunDocument, context: Context, history: History
) -> list[Failure]:
    return failures_of(
        run,
        root=context.home,
        home=str(context.home),
        timings=history.timings(),
    )

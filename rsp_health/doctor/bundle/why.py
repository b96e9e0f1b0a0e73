"""Why the notebooks of a bundle's run failed, by the findings of the bundle."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...runner.record.history import History
from ..explain.explanation import Explainer
from ..explain.rules import repository_of
from ..explain.run_failures import failures_of

if TYPE_CHECKING:
    from ...runner.models import RunDocument
    from ..context import Context
    from ..explain.models import ExplanationReport
    from ..models import Report

__all__ = ["explain_run"]


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
    failures = failures_of(
        run,
        root=context.home,
        home=str(context.home),
        timings=History(context.find_data_dir()).timings(),
    )
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

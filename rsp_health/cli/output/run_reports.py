"""Reports that ``rsp-health run`` leaves: files, and GitHub's summary."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...errors import EnvironmentFailureError
from ...files.durable import write_atomic
from ...printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...runner.models import RunDocument
    from ..context import CliContext

__all__ = ["REPORTS", "tell_github", "write_reports"]

#: Options of ``rsp-health run`` that name a report's file.
REPORTS = ("junit", "html", "metrics")


def write_reports(
    context: CliContext,
    document: RunDocument,
    reports: Mapping[str, Path | None],
) -> None:
    """Write the reports that were asked for; say which folder was made.

    Each replaces a file entirely or not at all: who reads it at that moment
    sees one run.

    Parameters
    ----------
    context
        The call.
    document
        The run.
    reports
        Where each format goes; `None` if it was not asked for.

    Raises
    ------
    rsp_health.errors.EnvironmentFailureError
        Raised if one cannot be written; the run itself is kept.
    """
    from ...runner.reports import render

    for fmt, path in reports.items():
        if path is None:
            continue
        try:
            if not path.parent.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                context.console.print(
                    f"The folder {printable(str(path.parent))} was made.",
                    markup=False,
                    highlight=False,
                    soft_wrap=True,
                )
            if path.exists() and not path.is_file():  # such as /dev/stdout
                path.write_bytes(render(document, fmt)[1])
            else:
                write_atomic(path, render(document, fmt)[1])
        except OSError as exc:
            raise EnvironmentFailureError(
                f"The report {path} cannot be written: {exc.strerror}.",
                hint=f"The run is kept: rsp-health runs show "
                f"{document.run_id}",
                code="report_not_written",
            ) from exc


def tell_github(context: CliContext, document: RunDocument) -> None:
    """Add to the workflow that we are part of, if we are."""
    if context.environment.get("GITHUB_ACTIONS") != "true":
        return
    from ...runner.reports.github_report import commands, summary

    workspace = context.environment.get("GITHUB_WORKSPACE")
    for line in commands(document, Path(workspace) if workspace else None):
        click.echo(line, err=context.as_json)
    path = context.environment.get("GITHUB_STEP_SUMMARY")
    if path is not None:
        with (
            contextlib.suppress(OSError),
            Path(path).open("a", encoding="utf-8") as file,
        ):
            file.write(summary(document))

"""``rsp-health lint``: faults that the platform would stumble over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...errors import EnvironmentFailureError
from ..context import NamedPath, pass_context
from ..output.reporting import (
    add_to_step_summary,
    chosen_style,
    explicit_paths,
    reported_from,
    shown,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...cleaning.lint.findings import Finding
    from ..context import CliContext

__all__ = ["command"]


@click.command()
@click.argument(
    "paths",
    nargs=-1,
    metavar="[PATH]...",
    type=NamedPath(),
)
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json", "github", "sarif"]),
    help="How to tell.  [default: github in a GitHub workflow, else text]",
)
@click.option(
    "--applications",
    help="Names that required_applications may hold, with commas.  "
    "[default: the settings' lint.applications, else any]",
)
@click.option(
    "--discover",
    is_flag=True,
    help="Ask this platform which applications it has.",
)
@click.option(
    "--against",
    metavar="REF",
    help="Commit to compare cell ids with.  [default: HEAD; within "
    "pre-commit run --from-ref REF, that]",
)
@click.option(
    "--strict", is_flag=True, help="Let warnings fail the check too."
)
@click.option("--warn-only", is_flag=True, help="Exit with 0 all the same.")
@pass_context
def command(
    context: CliContext,
    paths: tuple[Path, ...],
    *,
    style: str | None,
    applications: str | None,
    discover: bool,
    against: str | None,
    strict: bool,
    warn_only: bool,
) -> int:
    """Find faults in mobu.yaml, cell ids and metadata, and secrets.

    PATH is a notebook, a mobu.yaml or a folder; without one, the current
    folder. Cell ids are compared with those in HEAD: with what the next
    commit is about to change. What a pull request changes is told by
    --against HEAD^1, where its merge is checked out. Nothing is written.

    \b
    Example:
      rsp-health lint --applications tap,sia,portal .

    Exit code: 0 no errors; 1 errors (or warnings, with --strict); 2 a file is
    broken or missing.
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    from ...cleaning.lint.findings import BROKEN, step_summary, summary
    from ...cleaning.lint.linter import lint

    style = chosen_style(context, style)
    base = reported_from(context, style)
    findings, files = lint(
        explicit_paths(context, paths or (Path(),)),
        applications=_applications(context, applications, discover=discover),
        against=against or context.environment.get("PRE_COMMIT_FROM_REF"),
        name=lambda path: shown(path, base),
        warn=lambda said: click.echo(f"Warning: {said}", err=True),
    )
    _show(findings, style, warn_only=warn_only)
    click.echo(summary(findings, files), err=True)
    add_to_step_summary(context, style, step_summary(findings, files))
    if any(finding.rule in BROKEN for finding in findings):
        return 2
    levels = {finding.level for finding in findings}
    failed = "error" in levels or (strict and bool(levels))
    return 1 if failed and not warn_only else 0


def _applications(
    context: CliContext, names: str | None, *, discover: bool
) -> frozenset[str] | None:
    """Return what notebooks may require; `None` for what the settings say."""
    if names is not None:
        stripped = (name.strip() for name in names.split(","))
        return frozenset(filter(None, stripped))
    if not discover:
        return None
    try:
        known = context.discovery.applications()
    except ImportError as exc:
        # The environment of the hooks talks to no platform.
        raise EnvironmentFailureError(
            "This small installation of rsp-health cannot ask a platform.",
            hint="Name the applications with --applications.",
            code="not_installed",
        ) from exc
    if known is None:
        raise EnvironmentFailureError(
            "The platform's applications are not known here.",
            hint="Name them with --applications.",
            code="no_discovery",
        )
    return known


def _show(findings: Sequence[Finding], style: str, *, warn_only: bool) -> None:
    from ... import __version__
    from ...cleaning.lint import findings as tell

    if style == "json":
        click.echo(tell.to_json(findings))
    elif style == "sarif":
        log = tell.sarif(findings, version=__version__, warn_only=warn_only)
        click.echo(log, nl=False)
    else:
        for finding in findings:
            if style == "github":
                click.echo(tell.github(finding, warn_only=warn_only))
            else:
                click.echo(tell.text(finding))

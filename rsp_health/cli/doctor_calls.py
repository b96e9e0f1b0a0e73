"""What ``rsp-health doctor`` does: look, explain, fix, undo, bundle."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import BadInputError, RSPHealthError
from .output.bundle import show_bundle, show_logs
from .output.findings import show_repair, show_report

if TYPE_CHECKING:
    from ..doctor.context import Context
    from ..doctor.models import Report
    from ..doctor.processes import Limits
    from ..doctor.seen import Seen
    from .context import CliContext

__all__ = ["Wish", "call"]

_SEEN_BYTES = 8 * 1024**2
#: Seconds for the record of a run, which is in the home.
_RECORD_S = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The options of a call, as the command describes them."""

    checks: tuple[str, ...]
    notebook: Path | None
    run_id: str | None
    explain_stdin: bool
    dry_run: bool
    symptom: str | None
    is_public: bool
    preview: bool
    with_tracebacks: bool
    output: Path | None
    check_timeout: float
    catalogue: Path | None
    seen: bool


def call(context: CliContext, wish: Wish) -> int:
    """Do what is wished, and return the exit code."""
    from ..doctor.processes import Limits

    lab = _lab(context, wish)
    limits = Limits(
        check_s=wish.check_timeout, total_s=2.5 * wish.check_timeout
    )
    verb, others = wish.checks[:1], wish.checks[1:]
    if verb == ("logs",):
        return _logs(context, lab, wish.run_id, others)
    if verb == ("bundle",):
        return _bundle(context, lab, limits, wish)
    if wish.explain_stdin or wish.run_id is not None:
        return _explain(context, lab, limits, wish)
    if verb == ("fix",):
        return _fix(context, lab, limits, others, dry_run=wish.dry_run)
    if wish.dry_run:
        raise click.UsageError("--dry-run goes with fix.")
    if verb == ("undo",):
        return _undo(context, lab, others)
    return _look(context, lab, limits, wish)


def _lab(context: CliContext, wish: Wish) -> Context:
    from ..doctor.context import Context as Lab

    return Lab(
        environment=context.environment,
        find_data_dir=lambda: _data_dir(context),
        find_catalogue=lambda: wish.catalogue or _catalogue(context),
        notebook=None if wish.notebook is None else _absolute(wish.notebook),
        seen=_read_seen() if wish.seen else None,
    )


def _explain(
    context: CliContext, lab: Context, limits: Limits, wish: Wish
) -> int:
    if wish.checks:
        raise click.UsageError("--run goes without checks.")
    from .explain import ExplainCall

    asked = ExplainCall(context, lab, limits)
    if wish.run_id is None:
        return asked.request()
    return asked.run(wish.run_id, wish.notebook)


def _look(
    context: CliContext, lab: Context, limits: Limits, wish: Wish
) -> int:
    """Run checks, and show what they found."""
    from ..doctor.checks import chosen
    from ..doctor.playbooks.walk import named
    from ..doctor.processes import look as look_with
    from ..doctor.report import make_report

    book = None if wish.symptom is None else named(wish.symptom)
    if book is not None and wish.checks:
        raise click.UsageError("Name a symptom or checks, not both.")
    ids = chosen(wish.checks if book is None else book.checks)
    # The forks come before anything that may start a thread.
    findings = list(look_with(ids, lab, limits))
    report = make_report(findings, context.environment.instance, book)
    if context.as_json:
        click.echo(report.model_dump_json(indent=2))
    else:
        show_report(context, report)
    return _exit_code(report)


def _fix(
    context: CliContext,
    lab: Context,
    limits: Limits,
    checks: tuple[str, ...],
    *,
    dry_run: bool,
) -> int:
    """Make the fix that a check offers, or say what it would move."""
    from ..doctor.checks import chosen
    from ..doctor.fixes import journal_of, plan_fix
    from ..doctor.processes import look as look_with

    if len(checks) != 1:
        raise click.UsageError("fix goes with the id of one check.")
    ids = chosen(checks)
    if ids != list(checks):
        raise click.UsageError(f"fix goes with one of: {', '.join(ids)}.")
    finding = next(iter(look_with(ids, lab, limits)))
    repair = plan_fix(finding, lab)
    if not dry_run:
        repair = journal_of(lab).move(repair)
    show_repair(context, repair)
    return 0


def _undo(context: CliContext, lab: Context, ids: tuple[str, ...]) -> int:
    """Put back what a fix moved."""
    from ..doctor.fixes import journal_of

    if len(ids) > 1:
        raise click.UsageError("undo goes with the id of one fix.")
    journal = journal_of(lab)
    repair = journal.undo(ids[0] if ids else journal.latest())
    show_repair(context, repair)
    return 0 if repair.state == "undone" else 1


def _logs(
    context: CliContext,
    lab: Context,
    run_id: str | None,
    services: tuple[str, ...],
) -> int:
    """Show where more may be written of what went wrong."""
    from ..doctor.log_places import find_logs

    if len(services) > 1:
        raise click.UsageError("logs goes with the name of one service.")
    found = find_logs(lab, run_id, services[0] if services else "")
    show_logs(context, found)
    return 0


def _bundle(
    context: CliContext, lab: Context, limits: Limits, wish: Wish
) -> int:
    """Make a bundle, or show what would be in it."""
    if wish.output is None and not wish.preview:
        raise click.UsageError("bundle goes with -o FILE or --preview.")
    from ..doctor.bundle.making import make_bundle, write_bundle
    from ..doctor.bundle.material import Material
    from ..doctor.checks import chosen
    from ..doctor.log_places import site_words
    from ..doctor.processes import look as look_with
    from ..doctor.report import make_report

    findings = list(look_with(chosen(()), lab, limits))
    places = _places(lab, wish.run_id)
    if places:
        lab = replace(lab, places=places)
        findings += look_with(["file.place"], lab, limits)
    made = make_bundle(
        Material(
            context=lab,
            report=make_report(findings, context.environment.instance),
            run_id=wish.run_id,
            with_tracebacks=wish.with_tracebacks,
        ),
        "public" if wish.is_public else "staff",
    )
    if wish.output is None or wish.preview:
        document = made.told(with_texts=True)
    else:
        document = write_bundle(made, _absolute(wish.output))
    words = site_words(lab)
    if words is not None:
        document.forum, document.support = words.forum, words.support
    show_bundle(context, document)
    return 0


def _places(lab: Context, run_id: str | None) -> tuple[str, ...]:
    """Return the files that the run's errors name; none if nobody knows."""
    from ..doctor.bundle.why import named_places
    from ..doctor.evidence.patience import within

    try:
        return within(_RECORD_S, lambda: named_places(lab, run_id))
    except (OSError, ValueError, RSPHealthError):
        return ()


def _read_seen() -> Seen:
    from pydantic import ValidationError

    from ..doctor.seen import Seen

    try:
        return Seen.model_validate_json(sys.stdin.buffer.read(_SEEN_BYTES))
    except ValidationError as exc:
        raise BadInputError(
            "What the server sees cannot be read.",
            hint="Leave --seen out: it is for the server.",
            code="bad_seen",
        ) from exc


def _data_dir(context: CliContext) -> Path:
    """Return our folder, also where the settings cannot be read."""
    try:
        return context.data_dir
    except RSPHealthError:
        return context.environment.home / ".rsp-health"


def _catalogue(context: CliContext) -> Path | None:
    overlay = context.settings.catalogue
    return Path(overlay).expanduser() if overlay else None


def _absolute(path: Path) -> Path:
    try:
        return path.absolute()
    except OSError:  # The current folder is gone.
        return path


def _exit_code(report: Report) -> int:
    if report.summary.fault:
        return 1
    return 3 if report.summary.cannot_tell or not report.summary.ok else 0

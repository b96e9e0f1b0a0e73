"""What a call of ``rsp-health run`` is to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..effects import Declared, options
from ..printable import printable

if TYPE_CHECKING:
    from ..runner.models import RunMode
    from ..runner.planning.call import RunCall
    from ..runner.planning.models import PlanDocument, PlanEntry
    from ..runner.planning.plan import RunPlan
    from .context import CliContext

__all__ = ["plan_run", "tell_plan", "tell_unasked"]


def plan_run(context: CliContext, call: RunCall) -> RunPlan:
    """Find the notebooks that a call of ``rsp-health run`` asks for.

    Parameters
    ----------
    context
        Where it is made.
    call
        What it asks for.

    Raises
    ------
    rsp_health.errors.BadInputError
        Raised if a path or revision is wrong, or nothing is left to run.
    """
    from ..runner.planning.plan import make_plan
    from ..runner.record.copies import folders_of_copies

    only = None
    if call.changed_since is not None:
        from ..runner.planning.changed_files import changed_files

        only = changed_files(
            call.paths,
            call.changed_since,
            scratch=context.data_dir / "scratch",
        )
    return make_plan(
        list(call.paths),
        folder=call.folder,
        everything=call.everything,
        applications=_applications(context, call),
        only=only,
        # Not the folder of --output: what is there may be the user's own,
        # and a copy that would replace it is refused.
        leave_out=folders_of_copies(context.data_dir, context.root),
        allowance=call.options.allowance,
    )


def _applications(context: CliContext, call: RunCall) -> frozenset[str] | None:
    """Return what is deployed here, asking only where there is someone."""
    if call.applications is not None or not call.ask_discovery:
        return call.applications
    if call.everything or context.environment.repertoire_url is None:
        return None
    return context.discovery.applications()


def tell_plan(context: CliContext, plan: RunPlan, mode: RunMode) -> None:
    """Tell what a run would run and what not, on stdout.

    Parameters
    ----------
    context
        The call.
    plan
        What a run of this call would do.
    mode
        How it would take tags.
    """
    import click

    from ..runner.options import RunOptions
    from ..runner.planning.estimates import estimate
    from ..runner.record.history import History

    estimate(
        plan,
        History(context.data_dir).timings(),
        options=RunOptions(mode=mode),
        environment=context.environment,
    )
    document = _document(plan, mode)
    if context.as_json:
        click.echo(document.model_dump_json(indent=1))
        return
    for line in _lines(document):
        click.echo(printable(line))
    tell_unasked(context, plan)


def tell_unasked(context: CliContext, plan: RunPlan) -> None:
    """Say, on stderr, how what a run must be asked for is asked for.

    Parameters
    ----------
    context
        The call.
    plan
        What it runs.
    """
    given = plan.allowance
    needed, number = given, 0
    for notebook in plan.notebooks:
        if given.missing(notebook.declared) and not notebook.selected:
            needed = needed.with_(notebook.declared)
            number += 1
    if not number:
        return
    wanted = given.missing(Declared(effects=needed.effects, load=needed.load))
    which, one = f"{number} notebooks do more than this run may", "them"
    if number == 1:
        which, one = "1 notebook does more than this run may", "it"
    context.console.print(
        f"{which}: left out. To run {one}, add {options(wanted)}.",
        highlight=False,
        soft_wrap=True,
    )


def _document(plan: RunPlan, mode: RunMode) -> PlanDocument:
    from ..notebooks.names import to_text
    from ..runner.planning.models import PlanDocument, PlanEntry

    return PlanDocument(
        folder=to_text(plan.folder),
        mode=mode,
        problems=plan.problems,
        notebooks=[
            PlanEntry(
                path=notebook.relative,
                application=notebook.application,
                required_applications=notebook.required,
                selected=notebook.selected,
                reason=notebook.reason,
                effects=notebook.declared.effects,
                load=notebook.declared.load,
                problem=notebook.problem,
                kernel=notebook.kernel_name,
                code_cells=len(notebook.cells),
                expected_s=notebook.expected_s,
            )
            for notebook in plan.notebooks
        ],
    )


def _lines(document: PlanDocument) -> list[str]:
    lines = [document.folder]
    for entry in document.notebooks:
        if entry.selected:
            lines.append(f"  run      {entry.path}  {_about(entry)}")
        else:
            lines.append(f"  not run  {entry.path}  {entry.reason or ''}")
    lines += [f"Note: {problem}" for problem in document.problems]
    run = sum(entry.selected for entry in document.notebooks)
    left = len(document.notebooks) - run
    if run == 0:
        return [*lines, "Nothing would be run."]
    noun = "notebook" if run == 1 else "notebooks"
    rest = f", {left} would not" if left else ""
    return [*lines, f"{run} {noun} would be run{rest}."]


def _about(entry: PlanEntry) -> str:
    if entry.problem is not None:
        return entry.problem
    number = entry.code_cells
    text = f"{number} code {'cell' if number == 1 else 'cells'}"
    if entry.expected_s is not None:
        text += f", {entry.expected_s:.1f} s when it last passed"
    return text

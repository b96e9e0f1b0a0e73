"""``rsp-health doctor``: whose problem is it, and what to do now."""

from __future__ import annotations

from typing import Any

import click

from ..context import BlindCommand, CliContext, NamedPath, pass_context

__all__ = ["command"]


@click.command(cls=BlindCommand)
@click.argument("checks", nargs=-1, metavar="[CHECK]...")
@click.option(
    "--notebook",
    type=NamedPath(),
    help="The notebook that you have trouble with.",
)
@click.option(
    "--run",
    "run_id",
    metavar="ID",
    help="Say why the notebooks of a run failed; 'last' is the newest run."
    " With logs and bundle: the run that is asked about.",
)
@click.option("--explain-stdin", is_flag=True, hidden=True)
@click.option(
    "--dry-run",
    is_flag=True,
    help="With fix: tell what would be moved, and move nothing.",
)
@click.option(
    "--symptom",
    metavar="NAME",
    help="What you notice, such as slow-lab: walk its playbook.",
)
@click.option(
    "--public/--staff",
    "is_public",
    default=True,
    help="With bundle: for a public forum, or for the site's staff.",
)
@click.option(
    "--preview",
    is_flag=True,
    help="With bundle: tell what would be in it, and write nothing.",
)
@click.option(
    "--with-tracebacks",
    is_flag=True,
    help="With bundle: also tracebacks, which hold lines of your code.",
)
@click.option(
    "-o",
    "--output",
    type=NamedPath(dir_okay=False),
    metavar="FILE",
    help="With bundle: the file to be.",
)
@click.option(
    "--check-timeout",
    type=click.FloatRange(min=0.1),
    default=2.0,
    show_default=True,
    metavar="S",
    help="Seconds that one check may take; all of them, 2.5 times that.",
)
@click.option(
    "--catalogue",
    type=NamedPath(),
    hidden=True,
    help="The site's catalogue, instead of the one in the settings.",
)
@click.option(
    "--seen",
    is_flag=True,
    hidden=True,
    help="Read from standard input what a server sees, as JSON.",
)
@pass_context
def command(context: CliContext, **options: Any) -> int:
    """Find out what is wrong in this lab, whose it is, and what to do.

    CHECK is an id, such as home.space or service.tap, or a group, such as
    kernel. Without one, all are run that cost nothing: each takes two
    seconds at most, all of them five. Nothing is changed. Only tap.jobs,
    your queries that go on without you, spends one request of your quota:
    name it.

    Where a check offers a fix, "fix CHECK" makes it: it moves what is in
    the way to a folder ~/.user_env.*, and deletes nothing. "undo" puts it
    back, the last fix first. "logs" tells where more may be written of
    what went wrong. "bundle" makes a zip of all that was found, without
    passwords and tokens, to be read and then sent by you.

    \b
    Examples:
      rsp-health doctor
      rsp-health doctor home.space kernel --json
      rsp-health doctor --notebook analysis.ipynb
      rsp-health doctor --run last
      rsp-health doctor fix python.shadow --dry-run
      rsp-health doctor undo
      rsp-health doctor --symptom slow-lab
      rsp-health doctor logs
      rsp-health doctor bundle --preview
      rsp-health doctor bundle --staff -o ~/for-staff.zip

    The last line is the verdict: the first cause, and what to do now.

    With --run, the failures of a run are told with their causes: one for
    many, where they are one. A cause is stated only if something that was
    seen at that time confirms it. --notebook then chooses one of its
    notebooks.

    Exit code: 0 no fault was found; 1 one was; 3 something could not be
    looked at, so nobody knows.
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    from ..doctor_calls import Wish, call

    return call(context, Wish(**options))

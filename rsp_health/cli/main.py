"""The ``rsp-health`` command: its group, and how it ends.

Each command is a file of its own beside this one, imported only when it is
called, so that ``rsp-health run`` does not pay for the other commands.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import json
import os
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import click

from .. import __version__
from ..errors import (
    BadInputError,
    EnvironmentFailureError,
    RSPHealthError,
)
from ..platform.own_program import own_program
from ..platform.plugins import without_plugins
from ..printable import printable
from . import streams
from .context import CliContext, common_options

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["cli", "main"]

#: Command name -> module beside this one, each defining ``command``.
COMMANDS = {
    "bot": "bot",
    "check": "check",
    "checkout": "checkout",
    "clean": "clean",
    "demo": "demo",
    "doctor": "doctor",
    "filter": "filter",
    "init-repo": "init_repo",
    "lint": "lint",
    "qualify": "qualify",
    "run": "run",
    "runs": "runs",
    "sandbox": "sandbox",
    "sinks": "sinks",
    "site": "site",
    "status": "status",
}


#: Ways in which a stream that we write to may fail.
_OUTPUT = {errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOSPC}


class _ReaderLeftError(Exception):
    """Who reads our output (head, less) has gone: no error of ours."""


@contextlib.contextmanager
def _writing() -> Iterator[None]:
    """Keep a broken pipe from click, which would end with 1."""
    try:
        yield
    except BrokenPipeError as exc:
        raise _ReaderLeftError from exc


class LazyGroup(click.Group):
    """A group that imports a command when it is needed."""

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        """Read the call; this is where help is printed."""
        with _writing():
            return super().make_context(*args, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with _writing():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands that are installed, sorted.

        The environment of the pre-commit hooks has only some of them.
        """
        del ctx
        return sorted(
            name
            for name, module in COMMANDS.items()
            if find_spec(f"{__package__}.commands.{module}") is not None
        )

    def get_command(
        self, ctx: click.Context, cmd_name: str
    ) -> click.Command | None:
        """Import the command and return it."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(
            f".commands.{COMMANDS[cmd_name]}", package=__package__
        )
        command: click.Command = module.command
        return command


def _help_config(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    """Describe the operator's settings, and end."""
    if not value:
        return
    from .configuration import HealthApp

    text = HealthApp.class_get_help().replace("``", "")
    # An empty default says nothing; the words above it do.
    click.echo(text.replace("    Default: ''\n", ""))
    ctx.exit()


@click.group(
    cls=LazyGroup,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
    },
)
@click.version_option(__version__, prog_name="rsp-health")
@click.option(
    "--help-config",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_help_config,
    help="Describe what an operator can set (c.HealthApp.*), and exit.",
)
@common_options
@click.pass_context
def cli(ctx: click.Context, /, **options: Any) -> None:
    """Health checks for a Rubin Science Platform lab.

    \b
    Example:
      rsp-health demo

    Exit code: 0 all is well; 1 what was checked is not well; 2 the call or an
    input is wrong; 3 the environment cannot do it; 130 interrupted.
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    ctx.obj = CliContext.from_options(options)


def main(argv: list[str] | None = None) -> None:
    """Run the command line and exit with a code of the contracts.

    0 all is well; 1 what was checked is not well; 2 the call or an input is
    wrong; 3 the environment can't do it; 130 interrupted.
    """
    streams.guard()
    arguments = _arguments() if argv is None else argv
    with without_plugins():
        code = _run(arguments)
    streams.settle()
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    """Run a command; return its exit code, whatever happens."""
    as_json = "--json" in arguments
    try:
        code = cli.main(
            args=arguments, prog_name="rsp-health", standalone_mode=False
        )
        if sys.stdout is not None:
            sys.stdout.flush()
    except RSPHealthError as exc:
        _tell(exc, as_json=as_json)
        return exc.exit_code
    except click.ClickException as exc:
        if as_json:
            _tell_json("usage", exc.format_message(), "See --help.")
        exc.show()
        return exc.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        return 130
    except (_ReaderLeftError, BrokenPipeError):
        return 0
    except OSError as exc:
        said = _said(exc)
        if said is None:
            raise
        streams.settle()
        _tell(said, as_json=as_json and exc.filename is not None)
        return said.exit_code
    return code if isinstance(code, int) else 0


def _arguments() -> list[str]:
    """Return this program's arguments; start it again if names must be ASCII.

    With ``PYTHONUTF8=0`` or ``PYTHONCOERCECLOCALE=0`` and no locale, Python
    refuses every folder and notebook with an accent in its name; in its UTF-8
    mode it does not.
    """
    if sys.getfilesystemencoding() == "ascii" and not sys.flags.utf8_mode:
        program, *words = own_program("rsp_health.cli.start", *sys.argv[1:])
        words = [program, "-X", "utf8", *words]
        os.execv(sys.executable, words)  # noqa: S606 - no shell, this program
    return sys.argv[1:]


def _said(exc: OSError) -> RSPHealthError | None:
    """Return an error of the system in words; `None` if it has no reason.

    The features tell their own; this is what none of them expected, such as
    a disk that fails where a file is only looked for.
    """
    if isinstance(exc.filename, str | bytes) and exc.errno:
        name = printable(os.fsdecode(exc.filename))
        return EnvironmentFailureError(
            f"{name} cannot be used: {os.strerror(exc.errno).lower()}.",
            hint="Try again; if it lasts, look at this file or its disk.",
        )
    if exc.errno not in _OUTPUT | {errno.ENOENT}:
        return None
    if exc.errno == errno.ENOENT:
        return BadInputError(
            "The current folder is gone.", hint="Go to one that exists."
        )
    return EnvironmentFailureError(
        f"The output cannot be written: {os.strerror(exc.errno).lower()}.",
        hint="Free some space, or write it elsewhere.",
    )


def _tell_json(code: str, message: str, hint: str) -> None:
    body = {"error": code, "message": message, "hint": hint}
    click.echo(json.dumps(body))


def _tell(error: RSPHealthError, *, as_json: bool) -> None:
    from ..platform.environment import LabEnvironment
    from ..redaction import Redactor

    # It may quote a URL, a setting, or what a program said.
    redact = Redactor(LabEnvironment.from_process().secrets()).text
    message, hint = redact(error.message), redact(error.hint)
    if as_json:
        _tell_json(error.code, message, hint)
    click.echo(f"Error: {printable(message, lines=True)}", err=True)
    if hint:
        click.echo(f"  {printable(hint, lines=True)}", err=True)


if __name__ == "__main__":
    main()

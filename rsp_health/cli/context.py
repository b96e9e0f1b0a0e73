"""What all commands share: their common options and the objects they use."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import BadInputError

if TYPE_CHECKING:
    from rich.console import Console

    from ..checkout.service import CheckoutService
    from ..checks import CheckIndex
    from ..cleaning.service import CleaningService
    from ..platform.discovery import DiscoveryService
    from ..platform.environment import LabEnvironment
    from ..runner.service import RunnerService
    from ..services import ServiceBuilder
    from ..settings import HealthSettings
    from ..status.service import StatusService

__all__ = [
    "BlindCommand",
    "CliContext",
    "NamedPath",
    "common_options",
    "pass_context",
]


#: Columns of what goes to a file or a program: one row stays one line.
_PIPE_WIDTH = 1000

_OPTIONS = ("config", "data_dir", "root", "as_json")


class BlindCommand(click.Command):
    """A command that looks at no folder before it is ready to wait for it.

    Where a file server is gone, a look at a path never ends.
    """


class NamedPath(click.Path):
    """A path that was named: an empty one is refused.

    It is what a shell makes of a variable that is not set, and would stand
    for the current folder.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(path_type=Path, **options)

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:
        """Return the path."""
        if value == "":
            self.fail("a path is not empty; '.' is the current folder", param)
        is_blind = isinstance(getattr(ctx, "command", None), BlindCommand)
        # What must be a file is still looked at: it will be written.
        if is_blind and not self.exists and self.dir_okay:
            return Path(value)
        return super().convert(value, param, ctx)


@dataclass
class CliContext:
    """The settings of this call, and the services built from them.

    Services are built when first asked for: importing all of them
    would cost each command most of a second.
    """

    config: Path | None = None
    data_dir_option: Path | None = None
    root_option: Path | None = None
    as_json: bool = False
    lab: LabEnvironment | None = None

    @classmethod
    def from_options(cls, options: dict[str, Any]) -> CliContext:
        """Build the context from the group's options."""
        return cls().merge(options)

    def merge(self, options: dict[str, Any]) -> CliContext:
        """Let a command's own common options win over the group's."""
        if options.get("config") is not None:
            self.config = options["config"]
        if options.get("data_dir") is not None:
            self.data_dir_option = options["data_dir"]
        if options.get("root") is not None:
            self.root_option = options["root"]
        self.as_json = self.as_json or bool(options.get("as_json"))
        return self

    @cached_property
    def environment(self) -> LabEnvironment:
        """What the lab says of itself; by default, this process's own."""
        from ..platform.environment import LabEnvironment

        return self.lab or LabEnvironment.from_process()

    @cached_property
    def console(self) -> Console:
        """Where progress and messages go: stderr."""
        from .console import MessageConsole

        return MessageConsole(stderr=True)

    @cached_property
    def out(self) -> Console:
        """Where results for people go: stdout. Unused with ``--json``."""
        from .console import ResultConsole

        console = ResultConsole()
        if not console.is_terminal and not self.environment.get("COLUMNS"):
            console.width = _PIPE_WIDTH
        return console

    @cached_property
    def settings(self) -> HealthSettings:
        """The operator's settings, from ``--config`` and Jupyter's paths."""
        from .configuration import load_settings

        return load_settings(self.config)

    @cached_property
    def data_dir(self) -> Path:
        """Folder of run records, locks and caches."""
        if self.data_dir_option is not None:
            return self.data_dir_option.expanduser().absolute()
        return Path(self.settings.data_dir).expanduser().absolute()

    @cached_property
    def root(self) -> Path:
        """What JupyterLab shows as ``/``; nothing is written outside it."""
        root = (self.root_option or self.environment.home).expanduser()
        if not root.is_dir():
            raise BadInputError(
                f"The root folder {root} does not exist.",
                hint="Give an existing folder with --root.",
                code="no_such_root",
            )
        return root.resolve()

    @cached_property
    def builder(self) -> ServiceBuilder:
        """Builds services that are not shared."""
        from ..services import ServiceBuilder

        return ServiceBuilder(
            settings=self.settings,
            environment=self.environment,
            data_dir=self.data_dir,
            config=self.config and self.config.absolute(),
        )

    @cached_property
    def discovery(self) -> DiscoveryService:
        """What is deployed here."""
        return self.builder.discovery()

    @cached_property
    def checks(self) -> CheckIndex:
        """Which notebook checks which service, and how it ended."""
        import logging

        from ..checks import CheckIndex

        log = logging.getLogger(__name__)
        return CheckIndex(
            checkout=lambda: self.checkout,
            runner=lambda: self.runner,
            discovery=lambda: self.discovery,
            root=self.root,
            log=log,
            # The table is worth more than its last column.
            on_failure=lambda exc: log.debug("%s", type(exc).__name__),
        )

    @cached_property
    def checkout(self) -> CheckoutService:
        """The checkout feature."""
        return self.builder.checkout(self.root)

    @cached_property
    def runner(self) -> RunnerService:
        """The runner feature."""
        return self.builder.runner(self.root)

    @cached_property
    def status(self) -> StatusService:
        """The status feature."""
        return self.builder.status(self.discovery)

    @cached_property
    def cleaning(self) -> CleaningService:
        """The cleaning feature."""
        return self.builder.cleaning(self.root, with_undo=False)


def common_options[F: Callable[..., Any]](function: F) -> F:
    """Add the options that every command understands."""
    decorators = (
        click.option(
            "--config",
            type=NamedPath(exists=True, dir_okay=False),
            help="A Jupyter config file (JSON or Python) holding HealthApp.",
        ),
        click.option(
            "--data-dir",
            type=NamedPath(file_okay=False),
            help="Runs and caches.  [default: ~/.rsp-health]",
        ),
        click.option(
            "--root",
            type=NamedPath(file_okay=False),
            help="What JupyterLab shows as /.  [default: home]",
        ),
        click.option(
            "--json",
            "as_json",
            is_flag=True,
            help="Write one JSON document to stdout, and nothing else there.",
        ),
    )
    for decorator in reversed(decorators):
        function = decorator(function)
    return function


def pass_context(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the common options and pass the merged `CliContext` first."""

    @common_options
    @click.pass_context
    @functools.wraps(function)
    def wrapper(ctx: click.Context, /, **options: Any) -> Any:
        common = {name: options.pop(name) for name in _OPTIONS}
        context: CliContext = ctx.ensure_object(CliContext)
        return function(context.merge(common), **options)

    return wrapper

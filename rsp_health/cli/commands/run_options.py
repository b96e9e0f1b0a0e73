"""Makes a call of ``rsp-health run`` of its options."""

from __future__ import annotations

import contextlib
import math
import os
import sys
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click

from ...errors import RSPHealthError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...effects import Allowance
    from ...runner.kernels.factory import KernelFactory
    from ...runner.options import RunOptions
    from ...runner.planning.call import RunCall
    from ..context import CliContext

__all__ = ["Seconds", "call_of", "early_factory", "sent_call"]

#: The options of a call that names none.
_NONE: Mapping[str, Any] = MappingProxyType({})
#: What an option and a field of `RunOptions` both name.
_HOW = ("jobs", "kernel", "retries", "confirm_slower", "backend")


class Seconds(click.FloatRange):
    """A finite number of seconds."""

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> float:
        """Parse it; "inf" and "nan" are floats as well."""
        seconds = float(super().convert(value, param, ctx))
        if not math.isfinite(seconds):
            self.fail(f"{value} is not a number of seconds.", param, ctx)
        return seconds


def early_factory(context: CliContext, options: RunOptions) -> KernelFactory:
    """Start the warm parent first: it takes longer than all we do till then.

    Which kernel the notebooks ask for is not known yet; the default is a
    guess that costs an idle process when it is wrong.
    """
    from ...runner.kernels.factory import KernelFactory
    from ...runner.kernels.spec import find_kernelspec

    factory = KernelFactory(
        environment=context.environment.variables, warm=options.warm
    )
    if options.backend == "dask":
        return factory  # never used
    with contextlib.suppress(RSPHealthError, OSError):
        factory.prepare(find_kernelspec(options.kernel or "python3"))
    return factory


def sent_call() -> RunCall:
    """Return the call that a server wrote to our standard input."""
    from ...runner.planning.call import RunCall

    data = sys.stdin.buffer.read()
    # Nothing is left there for those whom we start.
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), sys.stdin.fileno())
    return RunCall.from_json(data)


def call_of(
    context: CliContext,
    paths: tuple[Path, ...],
    options: Mapping[str, Any] = _NONE,
) -> RunCall:
    """Return what the options of ``rsp-health run`` ask for.

    Parameters
    ----------
    context
        Where the call is made: its settings hold where an option is not
        given.
    paths
        Notebooks and folders.
    options
        Those of ``rsp-health run``, by name.

    Raises
    ------
    rsp_health.errors.BadInputError
        Raised if the last run is asked for, and there is none.
    """
    from ...runner.planning.call import RunCall

    folder = None
    mode = options.get("mode")
    if options.get("last") or options.get("last_failed"):
        from ...runner.planning.repeat import notebooks_of_last_run
        from ...runner.record.history import History

        last = notebooks_of_last_run(
            History(context.data_dir),
            failed=options["last_failed"],
            below=paths,
        )
        paths, folder = tuple(last.notebooks), last.folder
        mode = mode or last.mode
    output = options.get("output")
    return RunCall(
        paths=paths,
        folder=folder,
        everything=options.get("everything", False),
        applications=_names(options.get("applications")),
        ask_discovery=not options.get("no_discovery"),
        changed_since=options.get("changed_since"),
        options=_how(context, options, {"mode": mode} if mode else {}),
        output=None if output is None else output.absolute(),
        scratch=options.get("scratch", False),
    )


def _names(text: str | None) -> frozenset[str] | None:
    if text is None:
        return None
    names = (name.strip() for name in text.split(","))
    return frozenset(name for name in names if name)


def _allowance(context: CliContext, options: Mapping[str, Any]) -> Allowance:
    """Return what the call lets its notebooks do, or the site all calls."""
    from ...effects import Allowance

    given = context.settings.allowance
    return Allowance(
        effects=options.get("effects") or given.effects,
        load=options.get("load") or given.load,
    )


def _how(
    context: CliContext, options: Mapping[str, Any], chosen: dict[str, Any]
) -> RunOptions:
    from ...runner.options import Limits, RunOptions

    chosen |= {name: options[name] for name in _HOW if name in options}
    timeout = options.get("cell_timeout")
    limits: dict[str, Any] = {
        "cell_timeout_s": context.settings.cell_timeout
        if timeout is None
        else timeout,
        "notebook_timeout_s": options.get("timeout"),
    }
    if options.get("max_output") is not None:
        limits["max_output_bytes"] = options["max_output"]
    return RunOptions(
        **chosen,
        allowance=_allowance(context, options),
        warm=context.settings.warm_kernels and not options.get("no_warm"),
        scheduler=options.get("scheduler")
        or context.environment.get("DASK_SCHEDULER_ADDRESS"),
        limits=Limits(**limits),
    )

"""What ``rsp-health run`` takes from its options."""

from __future__ import annotations

import contextlib
import math
from typing import TYPE_CHECKING, Any

import click

from ...errors import RSPHealthError

if TYPE_CHECKING:
    from ...runner.kernels.factory import KernelFactory
    from ...runner.models import RunMode
    from ...runner.options import RunOptions
    from ..context import CliContext

__all__ = ["DEFAULTS", "Seconds", "early_factory", "run_options"]


#: The options of a call that names none.
DEFAULTS: dict[str, Any] = {
    "last": False,
    "last_failed": False,
    "jobs": 1,
    "cell_timeout": None,
    "timeout": None,
    "kernel": None,
    "mode": None,
    "everything": False,
    "effects": None,
    "load": None,
    "applications": None,
    "changed_since": None,
    "retries": 0,
    "confirm_slower": False,
    "output": None,
    "backend": "local",
    "scheduler": None,
    "max_output": 2 * 1024 * 1024,
    "scratch": False,
    "no_warm": False,
    "folder": None,
    "run_id": None,
    "server_pid": None,
    "no_discovery": False,
}


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
            self.fail(f"{value} is no number of seconds.", param, ctx)
        return seconds


def early_factory(
    context: CliContext, options: dict[str, Any]
) -> KernelFactory:
    """Start the warm parent first: it takes longer than all we do till then.

    Which kernel the notebooks ask for is not known yet; the default is a
    guess that costs an idle process when it is wrong.
    """
    from ...runner.kernels.factory import KernelFactory
    from ...runner.kernels.spec import find_kernelspec

    warm = context.settings.warm_kernels and not options["no_warm"]
    factory = KernelFactory(
        environment=context.environment.variables, warm=warm
    )
    if options["backend"] == "dask":
        return factory  # never used
    with contextlib.suppress(RSPHealthError, OSError):
        factory.prepare(find_kernelspec(options["kernel"] or "python3"))
    return factory


def run_options(
    context: CliContext, options: dict[str, Any], mode: RunMode
) -> RunOptions:
    """Return how a run is done.

    Parameters
    ----------
    context
        The call.
    options
        Its options, by name.
    mode
        How tags are taken.
    """
    from ...runner.options import Limits, RunOptions

    timeout = options["cell_timeout"]
    if timeout is None:
        timeout = context.settings.cell_timeout
    return RunOptions(
        mode=mode,
        jobs=options["jobs"],
        kernel=options["kernel"],
        retries=options["retries"],
        confirm_slower=options["confirm_slower"],
        warm=context.settings.warm_kernels and not options["no_warm"],
        backend=options["backend"],
        scheduler=options["scheduler"]
        or context.environment.get("DASK_SCHEDULER_ADDRESS"),
        limits=Limits(
            cell_timeout_s=timeout,
            notebook_timeout_s=options["timeout"],
            max_output_bytes=options["max_output"],
        ),
    )

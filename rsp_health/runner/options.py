"""How a run is done, and what its notebooks may use."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from ..effects import BY_DEFAULT, Allowance
from ..settings import CELL_TIMEOUT_S

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .models import RunMode

__all__ = ["Limits", "RunOptions", "from_portable", "to_portable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a notebook may use.

    Parameters
    ----------
    cell_timeout_s, notebook_timeout_s
        Seconds, or `None` for no limit.
    max_output_bytes
        Output kept for each cell.
    start_timeout_s
        Seconds in which a kernel has to answer.
    interrupt_s, terminate_s
        Seconds that a kernel has to obey an interrupt, and then SIGTERM,
        before the next step of the escalation.
    """

    cell_timeout_s: float | None = CELL_TIMEOUT_S
    notebook_timeout_s: float | None = None
    max_output_bytes: int = 2 * 1024 * 1024
    start_timeout_s: float = 60.0
    interrupt_s: float = 4.0
    terminate_s: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How a run is done.

    Parameters
    ----------
    jobs
        Notebooks at once.
    kernel
        Kernelspec for all notebooks, instead of their own.
    retries
        Further attempts at a notebook that did not pass.
    confirm_slower
        Whether a notebook that passed, but slower than usual, is run once
        more: it is told only if it is slower again.
    warm
        Whether kernels may be forked from a warm parent.
    max_run_output_bytes
        Output kept for the whole run.
    cleanup_s
        Seconds that a kernel has for the notebook's own clean-up.
    backend
        Where the notebooks execute: here, or on the workers of a cluster.
    scheduler
        Address of the cluster's scheduler.
    allowance
        The most that the notebooks may do.
    """

    mode: RunMode = "jupyter"
    jobs: int = 1
    kernel: str | None = None
    retries: int = 0
    confirm_slower: bool = False
    warm: bool = True
    limits: Limits = field(default_factory=Limits)
    max_run_output_bytes: int = 1024 * 1024 * 1024
    cleanup_s: float = 5.0
    memory_limit_bytes: int | None = None
    backend: Literal["local", "dask"] = "local"
    scheduler: str | None = None
    allowance: Allowance = BY_DEFAULT


#: What another machine is told: what belongs to this one is not among it.
_PORTABLE = (
    "mode",
    "kernel",
    "warm",
    "limits",
    "max_run_output_bytes",
    "cleanup_s",
    "allowance",
)


def to_portable(options: RunOptions) -> dict[str, Any]:
    """Return how notebooks are run, as JSON for another machine.

    Parameters
    ----------
    options
        Those of the run.
    """
    found = asdict(options)
    return {name: found[name] for name in _PORTABLE}


def from_portable(found: Mapping[str, Any]) -> RunOptions:
    """Return what `to_portable` told.

    Parameters
    ----------
    found
        The JSON; what a newer version says beyond is left out.
    """
    known = {name: found[name] for name in _PORTABLE if name in found}
    limits = known.get("limits", {})
    names = Limits.__dataclass_fields__
    known["limits"] = Limits(
        **{name: limits[name] for name in limits if name in names}
    )
    if "allowance" in known:
        known["allowance"] = Allowance(**known["allowance"])
    return RunOptions(**known)

"""The checks, found by their ids. One file each, imported when it is run.

A new check is a class of `.base.Check` in a file of its own, a line in
`CHECKS`, and a test with a broken and a healthy twin.
"""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

from ...errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .base import Check

__all__ = ["CHECKS", "FAMILIES", "ON_REQUEST", "chosen", "load", "registered"]

CHECKS: Mapping[str, str] = MappingProxyType(
    {
        "site.known": "platform.site_known.SiteKnown",
        "net.path": "platform.net_path.NetPath",
        "net.websocket": "platform.net_websocket.NetWebsocket",
        "token": "platform.token.Token",
        "quota": "platform.quota.Quota",
        "service": "platform.services.Services",
        "identity": "lab.identity.Identity",
        "home.space": "lab.home_space.HomeSpace",
        "file.place": "lab.file_place.FilePlace",
        "lab.start": "lab.lab_start.LabStart",
        "lab.memory": "lab.lab_memory.LabMemory",
        "lab.cpu": "lab.lab_cpu.LabCpu",
        "python.shadow": "environment.python_shadow.PythonShadow",
        "python.history": "environment.python_history.PythonHistory",
        "kernel.spec": "environment.kernel_spec.KernelSpecs",
        "kernel.setups": "environment.kernel_setups.KernelSetups",
        "kernel.count": "environment.kernel_count.KernelCount",
        "image.age": "lab.image_age.ImageAge",
        "data": "platform.datasets.Datasets",
        "portal.firefly": "platform.firefly.Firefly",
        "tap.jobs": "platform.tap_jobs.TapJobs",
        "dask": "environment.dask_cluster.DaskCluster",
        "git": "environment.git_state.GitState",
        "notebook.save": "environment.notebook_save.NotebookSave",
    }
)
"""File and class of each check by its id.

What may be the cause of others stands before them: of findings that are
equally bad, the verdict names the first.
"""

FAMILIES = frozenset({"data", "quota", "service"})
"""Those that look at several things of a kind: ``service.tap``."""

ON_REQUEST = frozenset({"file.place", "tap.jobs"})
"""Those that spend some of the user's quota, or look at what an error names:
only who names them is given them."""


def registered(id: str) -> tuple[str, str]:
    """Return the id that a check is registered by, and its part.

    ``service.tap`` is the part ``tap`` of ``service``.

    Raises
    ------
    KeyError
        Raised if there is none.
    """
    if id in CHECKS:
        return id, ""
    head, _, part = id.partition(".")
    if head in FAMILIES and part:
        return head, part
    raise KeyError(id)


def load(id: str) -> Check:
    """Import a check and return it."""
    module, _, name = CHECKS[registered(id)[0]].rpartition(".")
    found: type[Check] = getattr(
        import_module(f".{module}", package=__package__), name
    )
    return found()


def chosen(names: Iterable[str]) -> list[str]:
    """Return the ids of the checks that were named, in their order.

    Parameters
    ----------
    names
        Ids, or what stands before their dot (``kernel``). If empty: all that
        cost nothing.

    Raises
    ------
    rsp_health.errors.BadInputError
        Raised with code ``no_such_check`` if there is none of that name.
    """
    wanted = set(names)
    if not wanted:
        return [id for id in CHECKS if id not in ON_REQUEST]
    order, found = list(CHECKS), set()
    for name in sorted(wanted):
        same = {id for id in CHECKS if _is_named(id, name)}
        if not same:
            try:
                registered(name)
            except KeyError:
                raise BadInputError(
                    f"There is no check named {name[:80]!r}.",
                    hint=f"There are: {', '.join(CHECKS)}.",
                    code="no_such_check",
                ) from None
            same = {name}
        found |= same
    return sorted(
        found, key=lambda one: (order.index(registered(one)[0]), one)
    )


def _is_named(id: str, name: str) -> bool:
    return name in {id, id.partition(".")[0]}

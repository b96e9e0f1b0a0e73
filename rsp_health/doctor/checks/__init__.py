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

__all__ = ["CHECKS", "chosen", "load"]

CHECKS: Mapping[str, str] = MappingProxyType(
    {
        "home.space": "home_space.HomeSpace",
        "lab.start": "lab_start.LabStart",
        "net.path": "net_path.NetPath",
        "token": "token.Token",
        "identity": "identity.Identity",
        "lab.memory": "lab_memory.LabMemory",
        "lab.cpu": "lab_cpu.LabCpu",
        "python.shadow": "python_shadow.PythonShadow",
        "kernel.spec": "kernel_spec.KernelSpecs",
        "kernel.setups": "kernel_setups.KernelSetups",
        "git": "git_state.GitState",
        "notebook.save": "notebook_save.NotebookSave",
    }
)
"""File and class of each check by its id.

What may be the cause of others stands before them: of findings that are
equally bad, the verdict names the first.
"""


def load(id: str) -> Check:
    """Import a check and return it."""
    module, _, name = CHECKS[id].partition(".")
    found: type[Check] = getattr(
        import_module(f".{module}", package=__package__), name
    )
    return found()


def chosen(names: Iterable[str]) -> list[str]:
    """Return the ids of the checks that were named, in their order.

    Parameters
    ----------
    names
        Ids, or what stands before their dot (``kernel``); all if empty.

    Raises
    ------
    rsp_health.errors.BadInputError
        Raised with code ``no_such_check`` if there is none of that name.
    """
    wanted = set(names)
    for name in sorted(wanted):
        if not any(_is_named(id, name) for id in CHECKS):
            raise BadInputError(
                f"There is no check named {name[:80]!r}.",
                hint=f"There are: {', '.join(CHECKS)}.",
                code="no_such_check",
            )
    return [
        id
        for id in CHECKS
        if not wanted or any(_is_named(id, name) for name in wanted)
    ]


def _is_named(id: str, name: str) -> bool:
    return name in {id, id.partition(".")[0]}

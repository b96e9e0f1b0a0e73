"""Compare the kernels that are installed with what a notebook asks for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from ....notebooks.document import InvalidNotebookError, read_notebook
from ...evidence.kernel_list import installed_kernels
from ...evidence.words import counted, listed
from ...models import Evidence, attention, cannot_tell, fault, ok
from ..base import Check

if TYPE_CHECKING:
    from ....notebooks.document import NotebookDocument
    from ...context import Context
    from ...evidence.kernel_list import InstalledKernel
    from ...models import Finding, Whose

__all__ = ["KernelSpecs"]

_DEFAULT = "python3"
_STACK = "lsst"
_IMPORTS_STACK = re.compile(r"^\s*(?:import|from)\s+lsst\b", re.MULTILINE)


class KernelSpecs(Check):
    """Reads kernelspecs, and starts none."""

    id = "kernel.spec"
    title = "Kernels"

    def look(self, context: Context) -> Finding:
        """Return what is found."""
        kernels = installed_kernels()
        if context.notebook is not None:
            return _for_notebook(context, context.notebook, kernels)
        if not kernels:
            return fault(
                "There is no kernel here: no notebook can run.",
                Evidence(source="Jupyter's kernel folders", value="empty"),
                whose="platform",
                next_step="Restart the lab; if it stays so, tell whoever "
                "runs the site.",
            )
        return _of_all(context, kernels)


def _of_all(context: Context, kernels: dict[str, InstalledKernel]) -> Finding:
    broken = [k for k in kernels.values() if k.problem]
    if broken:
        return _cannot_start(context, broken, len(kernels))
    for kernel in kernels.values():
        if kernel.hides is not None and kernel.is_of_user(context):
            return attention(
                f"Your kernel {kernel.name} takes the place of the image's.",
                Evidence(
                    source=context.shown(kernel.folder),
                    value=f"hides {kernel.hides}",
                ),
                whose="your_environment",
                next_step="If it is not meant: jupyter kernelspec remove "
                f"{kernel.name}",
            )
    return ok(
        f"Nothing speaks against the start of {counted(len(kernels), 'kernel')}"
        f": {listed(sorted(kernels))}. None was started.",
        *(
            Evidence(source=str(k.folder), value="its program is there")
            for k in kernels.values()
        ),
    )


def _cannot_start(
    context: Context, broken: list[InstalledKernel], count: int
) -> Finding:
    every = len(broken) == count
    make = fault if every else attention
    names = listed([kernel.name for kernel in broken])
    return make(
        f"No kernel here can start: {names}."
        if every
        else f"{counted(len(broken), 'kernel')} of {count} cannot start: "
        f"{names}.",
        *(
            Evidence(source=str(kernel.folder), value=kernel.problem)
            for kernel in broken
        ),
        whose=_owner(context, broken[0]),
        next_step=_repair(context, broken[0]),
    )


def _for_notebook(
    context: Context, path: Path, kernels: dict[str, InstalledKernel]
) -> Finding:
    try:
        document = read_notebook(path)
    except InvalidNotebookError as exc:
        return cannot_tell(f"{path.name} is not a notebook: {exc}")
    name = (document.kernel_name or _DEFAULT).lower()
    asks = Evidence(
        source=path.name,
        value=f"asks for the kernel {name}"
        if document.kernel_name
        else f"asks for no kernel, so that {_DEFAULT} is taken",
    )
    kernel = kernels.get(name)
    if kernel is None:
        here = listed(sorted(kernels)) or "none"
        return fault(
            f"{path.name} asks for the kernel {name}, which is not here.",
            asks,
            Evidence(source="Jupyter's kernel folders", value=here),
            whose="your_environment",
            next_step=f"Open it with another kernel ({here}), with Kernel ▸ "
            "Change Kernel.",
        )
    if kernel.problem:
        return fault(
            f"The kernel {name}, which {path.name} asks for, cannot start.",
            asks,
            Evidence(source=str(kernel.folder), value=kernel.problem),
            whose=_owner(context, kernel),
            next_step=_repair(context, kernel),
        )
    wrong = _needs_stack(document, kernel)
    if wrong is not None and _STACK in kernels:
        return fault(
            f"{path.name} imports lsst, and the kernel {name} has no such "
            "package.",
            asks,
            wrong,
            whose="your_environment",
            next_step="Change its kernel to LSST, with Kernel ▸ Change "
            "Kernel, and save it.",
        )
    return ok(
        f"The kernel {name}, which {path.name} asks for, is here. It was not "
        "started.",
        asks,
        Evidence(source=str(kernel.folder), value="its program is there"),
    )


def _needs_stack(
    document: NotebookDocument, kernel: InstalledKernel
) -> Evidence | None:
    """Return what shows that a notebook imports what its kernel lacks."""
    launcher = kernel.spec.launcher if kernel.spec is not None else None
    if launcher is None:
        return None  # A script that prepares an environment, or no Python.
    cell = next(
        (c for c in document.cells if _IMPORTS_STACK.search(c.source)),
        None,
    )
    if cell is None:
        return None
    lib = Path(launcher[0]).parent.parent / "lib"
    if not lib.is_dir() or any(lib.glob("python*/site-packages/lsst")):
        return None
    return Evidence(
        source=f"cell {cell.index}",
        value=f"imports lsst, which is not in {lib}",
    )


def _owner(context: Context, kernel: InstalledKernel) -> Whose:
    return "your_environment" if kernel.is_of_user(context) else "platform"


def _repair(context: Context, kernel: InstalledKernel) -> str:
    if kernel.is_of_user(context):
        return (
            "Make it again from its environment, or take it away: jupyter "
            f"kernelspec remove {kernel.name}"
        )
    return "Tell whoever runs the site what stands here."

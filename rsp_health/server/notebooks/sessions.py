"""Which notebooks of a folder have a kernel in this server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import BadInputError
from ...files import resolve_inside

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from jupyter_server.services.kernels.kernelmanager import (
        MappingKernelManager,
    )
    from jupyter_server.services.sessions.sessionmanager import SessionManager

__all__ = ["notebooks_with_kernels"]


async def notebooks_with_kernels(
    sessions: SessionManager,
    kernels: MappingKernelManager,
    root: Path,
    directory: Path,
) -> dict[str, int | None]:
    """Return the notebooks inside a folder that have a running kernel.

    Parameters
    ----------
    sessions
        The server's sessions.
    kernels
        The server's kernels.
    root
        The folder that session paths are relative to.
    directory
        The folder, absolute and resolved.

    Returns
    -------
    dict of str to int or None
        Paths relative to the folder, sorted; and of each the process of its
        kernel, if it is known.
    """
    found = {}
    for session in await sessions.list_sessions():
        try:
            path = resolve_inside(root, str(session["path"]))
        except BadInputError:
            continue  # A console's path is a name that was made up.
        if path != directory and path.is_relative_to(directory):
            name = str(path.relative_to(directory))
            found[name] = _process(kernels, session.get("kernel"))
    return dict(sorted(found.items()))


def _process(kernels: MappingKernelManager, told: Any) -> int | None:
    """Return the number of a kernel's process, if it is one of ours."""
    try:
        kernel = kernels.get_kernel(told["id"])
    except (KeyError, TypeError):
        return None  # It ended, or stands elsewhere.
    provisioner = getattr(kernel, "provisioner", None)
    pid = getattr(getattr(provisioner, "process", None), "pid", None)
    return pid if isinstance(pid, int) else None

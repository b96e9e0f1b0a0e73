"""Which notebooks of a folder have a kernel in this server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import BadInputError
from ...files import resolve_inside

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_server.services.sessions.sessionmanager import SessionManager

__all__ = ["notebooks_with_kernels"]


async def notebooks_with_kernels(
    sessions: SessionManager, root: Path, directory: Path
) -> list[str]:
    """Return the notebooks inside a folder that have a running kernel.

    Parameters
    ----------
    sessions
        The server's sessions.
    root
        The folder that session paths are relative to.
    directory
        The folder, absolute and resolved.

    Returns
    -------
    list of str
        Paths relative to the folder, sorted.
    """
    found = set()
    for session in await sessions.list_sessions():
        try:
            path = resolve_inside(root, str(session["path"]))
        except BadInputError:
            continue  # A console's path is a name that was made up.
        if path != directory and path.is_relative_to(directory):
            found.add(str(path.relative_to(directory)))
    return sorted(found)

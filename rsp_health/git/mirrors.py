"""Repositories on this file system: an operator's mirror, or a bundle."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from ..files import write_atomic

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["bundle_path", "local_folder", "settings_file"]


def bundle_path(url: Any) -> Any:
    """Return a bundle's path for its ``file:`` URL: git wants it so."""
    if isinstance(url, str) and url.startswith("file:///"):
        path = Path(unquote(urlsplit(url).path))
        try:
            if path.is_file():
                return str(path)
        except (OSError, ValueError):
            return url
    return url


def local_folder(url: str) -> Path | None:
    """Return the folder of a repository on this file system, if it is one."""
    if url.startswith("/"):
        return Path(url)
    if url.lower().startswith("file:///"):
        return Path(unquote(urlsplit(url).path))
    return None


def settings_file(mirrors: Sequence[Path], scratch: Path | None) -> str:
    """Return the file of git settings that a mirror's own side reads, too.

    A mirror is served by a git of ours that runs in the mirror's folder. Whom
    that one may read it believes from no ``-c``, only from such a file: an
    operator's mirror mostly belongs to another user.

    Parameters
    ----------
    mirrors
        Folders that the operator named as repositories.
    scratch
        Where the file is kept.

    Returns
    -------
    str
        Its path; ``/dev/null`` if there is nothing to say.
    """
    if not mirrors or scratch is None:
        return os.devnull
    places = [
        str(place).replace("\\", "\\\\").replace('"', '\\"')
        for mirror in mirrors
        for place in (mirror, mirror / ".git")
    ]
    lines = [f'\tdirectory = "{place}"\n' for place in places]
    text = "".join(["[safe]\n", *lines])
    path = scratch / "mirrors.gitconfig"
    try:
        if not path.is_file() or path.read_text("utf-8") != text:
            scratch.mkdir(parents=True, exist_ok=True)
            write_atomic(path, text.encode())
    except (OSError, ValueError):
        return os.devnull
    return str(path)

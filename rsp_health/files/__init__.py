"""Foreign files, durable writes, contained paths and locks: the ground floor.

Everything here is written for a home folder on NFS with a quota: a full disk
shows at ``fsync`` or ``close``, ``flock`` may do nothing, and a rename may
replace what nobody looked at. A file that somebody else wrote may be a pipe,
a device, or a small document that asks for gigabytes.

A name is imported when it is first asked for: the git filter reads a settings
file, and has no time for locks.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .appended import AppendedLines
    from .documents import (
        compose_yaml,
        load_json,
        load_toml,
        load_yaml,
        parse_json,
        parse_toml,
        parse_yaml,
        read_json,
    )
    from .durable import (
        Space,
        free_space,
        fsync_directory,
        resolve_inside,
        to_user_error,
        write_atomic,
        write_json,
    )
    from .locks import FileLock, Owner, locked, locked_by
    from .process_identity import ProcessIdentity
    from .reading import read_if_there, safe_open, safe_read
    from .renames import (
        KEPT_PREFIX,
        finish_swap,
        rename_noreplace,
        swap_files,
        sync_filesystem,
    )
    from .together import write_together

__all__ = [
    "KEPT_PREFIX",
    "AppendedLines",
    "FileLock",
    "Owner",
    "ProcessIdentity",
    "Space",
    "compose_yaml",
    "finish_swap",
    "free_space",
    "fsync_directory",
    "load_json",
    "load_toml",
    "load_yaml",
    "locked",
    "locked_by",
    "parse_json",
    "parse_toml",
    "parse_yaml",
    "read_if_there",
    "read_json",
    "rename_noreplace",
    "resolve_inside",
    "safe_open",
    "safe_read",
    "swap_files",
    "sync_filesystem",
    "to_user_error",
    "write_atomic",
    "write_json",
    "write_together",
]

_HOMES = {
    "appended": "AppendedLines",
    "documents": (
        "compose_yaml load_json load_toml load_yaml "
        "parse_json parse_toml parse_yaml read_json"
    ),
    "durable": (
        "Space free_space fsync_directory resolve_inside to_user_error "
        "write_atomic write_json"
    ),
    "locks": "FileLock Owner locked locked_by",
    "process_identity": "ProcessIdentity",
    "together": "write_together",
    "reading": "read_if_there safe_open safe_read",
    "renames": (
        "KEPT_PREFIX finish_swap rename_noreplace swap_files sync_filesystem"
    ),
}
_HOME_OF = {
    name: home for home, names in _HOMES.items() for name in names.split()
}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"{__name__} has no {name!r}")
    found = getattr(import_module(f".{_HOME_OF[name]}", __name__), name)
    globals()[name] = found
    return found

"""Durable writes, contained paths, free space and locks: the ground floor.

Everything here is written for a home folder on NFS with a quota: a full disk
shows at ``fsync`` or ``close``, ``flock`` may do nothing, and a rename may
replace what nobody looked at.
"""

from .durable import (
    Space,
    failure,
    free_space,
    fsync_directory,
    read_json,
    resolve_inside,
    write_atomic,
    write_json,
)
from .locks import FileLock, Owner, locked
from .renames import (
    KEPT_PREFIX,
    finish_swap,
    rename_noreplace,
    swap_files,
    sync_filesystem,
)

__all__ = [
    "KEPT_PREFIX",
    "FileLock",
    "Owner",
    "Space",
    "failure",
    "finish_swap",
    "free_space",
    "fsync_directory",
    "locked",
    "read_json",
    "rename_noreplace",
    "resolve_inside",
    "swap_files",
    "sync_filesystem",
    "write_atomic",
    "write_json",
]

"""An index that believes a changed file to be the one it knows."""

from __future__ import annotations

import hashlib
import os
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def change_in_secret(
    tree: Path, name: str, old: bytes, new: bytes, *, index_age_s: int
) -> bytes:
    """Change a file so that its size and every time stamp stay as indexed.

    Parameters
    ----------
    tree
        The checkout.
    name
        The file.
    old, new
        What is replaced by what, of the same length.
    index_age_s
        Seconds by which the index is younger than the file.

    Returns
    -------
    bytes
        The new content.
    """
    path = tree / name
    before = path.stat()
    data = path.read_bytes().replace(old, new)
    with path.open("r+b") as stream:
        stream.write(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    # The change time cannot be set, so let the index believe it.
    index = bytearray((tree / ".git/index").read_bytes())
    entry = index.index(name.encode() + b"\0") - 62
    changed = path.stat().st_ctime_ns
    index[entry : entry + 8] = struct.pack(">II", *divmod(changed, 10**9))
    index[-20:] = hashlib.sha1(index[:-20]).digest()  # noqa: S324 - git's
    (tree / ".git/index").write_bytes(index)
    time = before.st_mtime_ns + index_age_s * 10**9
    os.utime(tree / ".git/index", ns=(time, time))
    return data

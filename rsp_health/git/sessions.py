"""Which processes are our own git.

A look at who works in a folder must not find ourselves. Each git of ours, and
every process that it starts, has a mark in its environment; those of this very
process are known by their session as well.
"""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MARK", "began", "ended", "is_our_git", "nothing_starts"]

MARK = "RSP_HEALTH_GIT"
"""The variable that marks them."""

_lock = threading.Lock()
_sessions: set[int] = set()


@contextlib.contextmanager
def nothing_starts() -> Iterator[None]:
    """Let no git of this process start meanwhile.

    Between ``fork`` and ``exec`` a child looks like its parent, and holds
    what its parent has open.
    """
    with _lock:
        yield


def began(session: int) -> None:
    """Note the session of a git that was just started."""
    _sessions.add(session)


def ended(session: int) -> None:
    """Forget it."""
    _sessions.discard(session)


def is_our_git(pid: int) -> bool:
    """Whether a process is a git of ours, or was started by one."""
    with contextlib.suppress(OSError):
        if os.getsid(pid) in _sessions:
            return True
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False
    return f"{MARK}=1".encode() in environment.split(b"\0")

"""A process that cannot be taken for another one with the same id."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar

__all__ = ["ProcessIdentity"]


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """A process that cannot be taken for another one with the same id.

    Parameters
    ----------
    pid
        Process id.
    start_ticks
        Its start, in clock ticks since boot: ids are used again.
    boot_id
        The kernel's id of this boot; empty where there is none.
    host
        Name of the machine or container.
    pid_namespace
        The container that the process id belongs to; 0 if it is not known.
    """

    #: A newer version's record may tell more of a process.
    __pydantic_config__: ClassVar = {"extra": "ignore"}

    pid: int
    start_ticks: int
    boot_id: str
    host: str
    pid_namespace: int = 0

    @classmethod
    def of_this_process(cls) -> ProcessIdentity:
        """Return the identity of the calling process."""
        pid = os.getpid()
        return cls(
            pid=pid,
            start_ticks=_start_ticks(pid) or 0,
            boot_id=_boot_id(),
            host=socket.gethostname(),
            pid_namespace=_pid_namespace(),
        )

    def is_local(self) -> bool:
        """Whether the process can be looked up from this one.

        Its id means something only on one machine, between two of its
        starts, and within one container. Names of machines may be used twice.
        """
        return (
            self.host == socket.gethostname()
            and self.boot_id == _boot_id()
            and self.pid_namespace in {0, _pid_namespace()}
        )

    def is_alive(self) -> bool:
        """Whether the process lives; ask only if `is_local`.

        Raises
        ------
        OSError
            Raised if that cannot be found out.
        """
        return _start_ticks(self.pid) == self.start_ticks


@cache
def _boot_id() -> str:
    try:
        text = Path("/proc/sys/kernel/random/boot_id").read_text("ascii")
    except OSError:
        return ""
    return text.strip()


@cache
def _pid_namespace() -> int:
    try:
        return Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        return 0


def _start_ticks(pid: int) -> int | None:
    """Return the start of a process; `None` if it is gone or a zombie."""
    try:
        text = Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        if Path("/proc/self/stat").exists():
            return None
        return _start_without_proc(pid)
    # The name in brackets may itself hold spaces and brackets.
    fields = text.rpartition(b")")[2].split()
    return None if fields[0] in {b"Z", b"X"} else int(fields[19])


def _start_without_proc(pid: int) -> int | None:
    import psutil

    try:
        return int(psutil.Process(pid).create_time() * 100)
    except psutil.Error:
        return None

"""What ``/proc`` and the control group say: memory, stops, OOM kills."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

from ..platform.control_group import ControlGroup

__all__ = [
    "is_stopped",
    "memory_limit_bytes",
    "oom_kills",
    "peak_memory_bytes",
    "process_tree",
    "reset_peak_memory",
    "resident_bytes",
]

_PAGE = os.sysconf("SC_PAGE_SIZE")


def is_stopped(pid: int) -> bool:
    """Whether a process was told to stop (SIGSTOP), or to end (SIGKILL)."""
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return False
    fields = dict(
        line.split(":\t", 1) for line in text.splitlines() if ":\t" in line
    )
    if fields.get("State", "").startswith("T"):
        return True
    # On a busy machine it may not have had the time to obey.
    pending = int(fields.get("ShdPnd", "0"), 16)
    told = (signal.SIGSTOP, signal.SIGKILL)
    return any(pending >> (number - 1) & 1 for number in told)


def reset_peak_memory(pid: int) -> None:
    """Let the peak of a process's memory count from now on."""
    with contextlib.suppress(OSError):
        descriptor = os.open(f"/proc/{pid}/clear_refs", os.O_WRONLY)
        try:
            os.write(descriptor, b"5")
        finally:
            os.close(descriptor)


def peak_memory_bytes(pid: int) -> int | None:
    """Peak of a process's resident memory since the last reset."""
    try:
        descriptor = os.open(f"/proc/{pid}/status", os.O_RDONLY)
        try:
            text = os.read(descriptor, 8192)
        finally:
            os.close(descriptor)
    except OSError:
        return None
    at = text.find(b"VmHWM:")
    if at < 0:
        return None
    return int(text[at + 6 : text.index(b"kB", at)]) * 1024


def resident_bytes(pid: int) -> int:
    """Resident memory of a process now; 0 if it is gone."""
    try:
        text = Path(f"/proc/{pid}/statm").read_bytes()
        return int(text.split()[1]) * _PAGE
    except (OSError, IndexError, ValueError):
        return 0


def process_tree(roots: set[int]) -> dict[int, list[int]]:
    """Return the descendants of each of these processes."""
    children: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                text = Path(f"/proc/{entry.name}/stat").read_bytes()
            except OSError:
                continue
            parent = int(text[text.rfind(b")") + 2 :].split()[1])
            children.setdefault(parent, []).append(int(entry.name))
    found: dict[int, list[int]] = {}
    for root in roots:
        queue = [root]
        below: list[int] = []
        while queue:
            new = children.get(queue.pop(), [])
            below += new
            queue += new
        found[root] = below
    return found


def oom_kills() -> int | None:
    """How many processes of this lab were killed for want of memory."""
    memory = ControlGroup().memory()
    return None if memory is None else memory.oom_kills


def memory_limit_bytes() -> int | None:
    """Return the lab's memory limit by its control group, or `None`."""
    memory = ControlGroup().memory()
    return None if memory is None else memory.limit_bytes

"""The user's processes that take most, told so that users know them."""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "Consumer",
    "CpuTime",
    "cpu_times",
    "is_kernel",
    "kernels",
    "largest",
    "name_of",
    "processor_times",
    "tree",
]

_KERNEL = re.compile(r"kernel-([0-9a-f]{8})[0-9a-f-]*\.json")
_A_KERNEL = "the kernel"
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """A process.

    Parameters
    ----------
    pid
        Its id.
    name
        Its program, or the kernel that it is.
    memory_bytes
        What it has in memory; of what it shares, its part.
    """

    pid: int
    name: str
    memory_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CpuTime:
    """Processor time of a process.

    Parameters
    ----------
    parent
        The process that started it.
    own_s
        Seconds of a core that it took.
    ended_s
        Seconds that those took which it started, and which have ended.
    """

    parent: int
    own_s: float
    ended_s: float


def largest(proc: Path, most: int = 4) -> list[Consumer]:
    """Return the processes of this user with most memory, largest first."""
    resident: list[tuple[int, Path]] = []
    for folder in proc.iterdir():
        if not folder.name.isdigit():
            continue
        with contextlib.suppress(OSError, ValueError, IndexError):
            if folder.stat().st_uid == os.getuid():
                pages = int((folder / "statm").read_text().split()[1])
                resident.append((pages * _PAGE, folder))
    resident.sort(key=lambda item: -item[0])
    found = [
        Consumer(
            pid=int(folder.name),
            name=name_of(folder),
            memory_bytes=_shared_out(folder) or size,
        )
        for size, folder in resident[:most]
        if size
    ]
    return sorted(found, key=lambda one: -one.memory_bytes)


def kernels(proc: Path) -> list[Consumer]:
    """Return the kernels of this user, those with most memory first."""
    found = []
    for folder in proc.iterdir():
        if not folder.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            name = name_of(folder)
            if folder.stat().st_uid == os.getuid() and name.startswith(
                _A_KERNEL
            ):
                found.append(
                    Consumer(
                        pid=int(folder.name),
                        name=name,
                        memory_bytes=_shared_out(folder) or 0,
                    )
                )
    return sorted(found, key=lambda one: -one.memory_bytes)


def cpu_times(proc: Path) -> dict[int, float]:
    """Return the seconds of a core that each process of this user took."""
    return {pid: one.own_s for pid, one in processor_times(proc).items()}


def processor_times(proc: Path) -> dict[int, CpuTime]:
    """Return the time of each process of this user."""
    found: dict[int, CpuTime] = {}
    for folder in proc.iterdir():
        if not folder.name.isdigit():
            continue
        with contextlib.suppress(OSError, ValueError, IndexError):
            if folder.stat().st_uid == os.getuid():
                # The name before it is in brackets, and may hold any.
                text = (folder / "stat").read_text(errors="replace")
                fields = text.rpartition(")")[2].split()
                own, ended = fields[11:13], fields[13:15]
                found[int(folder.name)] = CpuTime(
                    parent=int(fields[1]),
                    own_s=sum(map(int, own)) / _TICKS,
                    ended_s=sum(map(int, ended)) / _TICKS,
                )
    return found


def tree(times: dict[int, CpuTime], top: int) -> set[int]:
    """Return a process and all that it started, as far as they run."""
    found = {top}
    while True:
        more = {pid for pid, one in times.items() if one.parent in found}
        if more <= found:
            return found
        found |= more


def is_kernel(name: str) -> bool:
    """Return whether a name of `name_of` is that of a kernel."""
    return name.startswith(_A_KERNEL)


def _shared_out(folder: Path) -> int | None:
    """Return the proportional size: what is shared counts once in all."""
    with contextlib.suppress(OSError):
        text = (folder / "smaps_rollup").read_text(encoding="ascii")
        match = re.search(r"^Pss: +(\d+) kB", text, re.MULTILINE)
        return int(match[1]) * 1024 if match is not None else None
    return None


def name_of(folder: Path) -> str:
    """Return what a process is called, by its folder in ``/proc``."""
    words: list[str] = []
    with contextlib.suppress(OSError):
        line = (folder / "cmdline").read_bytes()[:4096]
        words = line.decode("utf-8", "replace").rstrip("\0").split("\0")
    for word in words:
        match = _KERNEL.search(word)
        if match is not None:
            return f"{_A_KERNEL} {match[1]}"
    names = [word.rpartition("/")[2] for word in words[:1]]
    # Of `python -m name` and `python file.py`, the second tells more.
    if "-m" in words[:-1]:
        names.append(words[words.index("-m") + 1])
    elif len(words) > 1 and not words[1].startswith("-"):
        names.append(words[1].rpartition("/")[2])
    return " ".join(names)[:80] or "a process"

"""What the kernel counts for this container: memory and processor time.

Control groups exist in two versions, and a container sees its own group
either as the root or by its path. What cannot be read is `None`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ControlGroup", "CpuCounters", "MemoryCounters"]

#: Version 1 writes a number of pages for "no limit".
_NO_LIMIT = 1 << 60

#: The page cache: the kernel drops it, also what was read twice, before it
#: kills anything.
_CACHE = ("inactive_file", "active_file")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryCounters:
    """Memory of all processes together.

    Parameters
    ----------
    used_bytes
        What is in use, without page cache that can be dropped.
    limit_bytes
        What is allowed; `None` if there is no limit.
    peak_bytes
        The most that was ever in use.
    oom_kills
        Processes that were killed for lack of memory.
    """

    used_bytes: int
    limit_bytes: int | None
    peak_bytes: int | None
    oom_kills: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CpuCounters:
    """Processor time of all processes together, since the group exists.

    Parameters
    ----------
    used_s
        Seconds of one core.
    limit_cores
        Cores that are allowed; `None` if there is no limit.
    periods, throttled
        Spans of time in which something ran, and in how many of them it was
        held back for the limit.
    """

    used_s: float
    limit_cores: float | None
    periods: int | None
    throttled: int | None


class ControlGroup:
    """Reads the control group of this process.

    Parameters
    ----------
    root
        Where control groups are mounted.
    proc
        Where processes are.
    """

    def __init__(
        self,
        root: Path = Path("/sys/fs/cgroup"),
        proc: Path = Path("/proc"),
    ) -> None:
        self._root = root
        self._proc = proc

    def memory(self) -> MemoryCounters | None:
        """Return the counters of memory."""
        group = self._group("", "memory.current")
        if group is not None:
            used = _number(group / "memory.current")
            if used is None:
                return None
            stat = _fields(group / "memory.stat")
            cache = sum(stat.get(name, 0) for name in _CACHE)
            events = _fields(group / "memory.events")
            return MemoryCounters(
                used_bytes=max(0, used - cache),
                limit_bytes=self._limit(group, "memory.max"),
                peak_bytes=_number(group / "memory.peak"),
                oom_kills=events.get("oom_kill"),
            )
        group = self._group("memory", "memory.usage_in_bytes")
        if group is None:
            return None
        used = _number(group / "memory.usage_in_bytes")
        if used is None:
            return None
        stat = _fields(group / "memory.stat")
        cache = sum(stat.get(f"total_{name}", 0) for name in _CACHE)
        control = _fields(group / "memory.oom_control")
        return MemoryCounters(
            used_bytes=max(0, used - cache),
            limit_bytes=self._limit(group, "memory.limit_in_bytes"),
            peak_bytes=_number(group / "memory.max_usage_in_bytes"),
            oom_kills=control.get("oom_kill"),
        )

    def cpu(self) -> CpuCounters | None:
        """Return the counters of processor time."""
        group = self._group("", "cpu.stat")
        stat = {} if group is None else _fields(group / "cpu.stat")
        if group is not None and "usage_usec" in stat:
            return CpuCounters(
                used_s=stat["usage_usec"] / 1e6,
                limit_cores=_quota(_text(group / "cpu.max").split()),
                periods=stat.get("nr_periods"),
                throttled=stat.get("nr_throttled"),
            )
        usage = self._group("cpuacct", "cpuacct.usage")
        if usage is None:
            return None
        group = self._group("cpu", "cpu.stat") or usage
        stat = _fields(group / "cpu.stat")
        quota = [
            _text(group / f"cpu.cfs_{name}_us").strip()
            for name in ("quota", "period")
        ]
        return CpuCounters(
            used_s=(_number(usage / "cpuacct.usage") or 0) / 1e9,
            limit_cores=_quota(quota),
            periods=stat.get("nr_periods"),
            throttled=stat.get("nr_throttled"),
        )

    def cpu_waiting(self) -> float | None:
        """Return the share of the last minute in which something waited.

        `None` if nobody counts for how long the processes of the group wait
        for a core.
        """
        group = self._group("", "cpu.pressure")
        text = "" if group is None else _text(group / "cpu.pressure")
        found = re.search(
            r"^some .*\bavg60=(\d{1,3}(?:\.\d+)?)", text, re.MULTILINE
        )
        return None if found is None else float(found[1]) / 100

    def _limit(self, group: Path, file: str) -> int | None:
        """Return the limit of the nearest group that has one."""
        for folder in (group, *group.parents):
            limit = _number(folder / file)
            if limit is not None and limit < _NO_LIMIT:
                return limit
            if folder == self._root:
                break
        return None

    def _group(self, controller: str, file: str) -> Path | None:
        """Return the folder of our group; "" is version 2."""
        tops = [self._root / controller]
        if not controller:
            tops.append(self._root / "unified")
        for top in tops:
            for folder in (top / self._path(controller), top):
                if (folder / file).exists():
                    return folder
        return None

    def _path(self, controller: str) -> str:
        """Return the path of our group below its mount."""
        for line in _text(self._proc / "self" / "cgroup").splitlines():
            number, _, rest = line.partition(":")
            names, _, path = rest.partition(":")
            is_ours = (
                controller in names.split(",") if controller else number == "0"
            )
            if is_ours:
                return path.lstrip("/")
        return ""


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return ""


def _number(path: Path) -> int | None:
    text = _text(path).strip()
    return int(text) if text.isdigit() else None


def _fields(path: Path) -> dict[str, int]:
    pairs = (line.split() for line in _text(path).splitlines())
    return {p[0]: int(p[1]) for p in pairs if len(p) == 2 and p[1].isdigit()}


def _quota(parts: list[str]) -> float | None:
    if len(parts) != 2 or not all(part.isdigit() for part in parts):
        return None
    quota, period = map(int, parts)
    return quota / period if period else None

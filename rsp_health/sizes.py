"""Sizes in words, as the panel says them: of disks, and of memory.

A disk is sold, and a quota given, in powers of 1000; a container's memory in
powers of 1024. Both doors say the same of the same number.
"""

from __future__ import annotations

__all__ = ["disk_size", "memory_size"]


def disk_size(size: float) -> str:
    """Return a number of bytes on a disk, such as "4.1 MB"."""
    return _scaled(size, 1000, ("B", "kB", "MB", "GB", "TB"))


def memory_size(size: float) -> str:
    """Return an amount of memory, such as "5.1 GiB"."""
    return _scaled(size, 1024, ("B", "KiB", "MiB", "GiB", "TiB"))


def _scaled(size: float, base: int, units: tuple[str, ...]) -> str:
    value, number = float(size), 0
    while value >= base and number < len(units) - 1:
        value /= base
        number += 1
    if number == 0 or value >= 10:
        return f"{value:.0f} {units[number]}"
    return f"{value:.1f} {units[number]}".replace(".0 ", " ")

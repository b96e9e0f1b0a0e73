"""Who works in a folder: kernels, runs, terminals, whatever runs here.

A tree in which nothing differs can still not be deleted under a process that
is about to write its results there. Only processes of this container are
seen, which in a lab are all of the user's.
"""

from __future__ import annotations

import os
from pathlib import Path

import psutil

__all__ = ["occupants"]


def occupants(tree: Path) -> list[str]:
    """Return the processes that are in a folder, such as ``python (42)``.

    In it are those whose working directory is there, and those that have a
    file of it open. Processes of other users are not seen.
    """
    top = tree.resolve()
    return [
        f"{_name(process)} ({process.pid})"
        for process in psutil.process_iter()
        if any(Path(place).is_relative_to(top) for place in _places(process))
    ]


def _places(process: psutil.Process) -> list[str]:
    """Return where a process is, and what it has open."""
    places = []
    try:
        places.append(process.cwd())
        if process.pid != os.getpid():  # which may just be looking at it
            places += [file.path for file in process.open_files()]
    except (psutil.Error, OSError):
        pass  # gone, or not the user's
    return places


def _name(process: psutil.Process) -> str:
    try:
        words = process.cmdline()
        if any(word.startswith("ipykernel") for word in words):
            return "kernel"
        if any(word.startswith("rsp_health.") for word in words):
            return "rsp-health"
        return process.name()[:40]
    except (psutil.Error, OSError):
        return "process"

"""Look at the disk and the folder of the files that an error names."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...evidence.patience import within
from ...evidence.words import size
from ...models import Evidence, attention, cannot_tell, fault, ok
from ..base import Check
from .identity import owner_in_words

if TYPE_CHECKING:
    from ...context import Context
    from ...models import Finding

__all__ = ["FilePlace"]

#: A file server that works answers in milliseconds.
_PATIENCE_S = 0.4
_FULL_BYTES = 1_000_000
_MOST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """The nearest folder of a file, that exists."""

    folder: Path
    owner: str
    free_bytes: int
    total_bytes: int
    has_no_files_left: bool
    is_read_only: bool
    may_write: bool
    is_of_home: bool


class FilePlace(Check):
    """Asks the file system of each, by its nearest folder that exists."""

    id = "file.place"
    title = "Disk of the file that failed"
    otherwise = (
        "No error names a file: ask with `rsp-health doctor --run last`."
    )

    def applies(self, context: Context) -> bool:
        """Return whether an error names a file."""
        return bool(_paths(context))

    def look(self, context: Context) -> Finding:
        """Return what is found of the worst of them."""
        worst: list[tuple[int, Finding]] = []
        for path in _paths(context):
            rank, finding = _look(path, context)
            worst.append((rank, finding))
        return min(worst, key=lambda one: one[0])[1]


def _paths(context: Context) -> list[Path]:
    paths = []
    for name in context.places[:_MOST]:
        if "\0" in name:
            continue
        if name.startswith("~/"):
            paths.append(context.home / name[2:])
        elif name.startswith("/"):
            paths.append(Path(name))
    return paths


def _look(path: Path, context: Context) -> tuple[int, Finding]:
    """Return how bad it is, 0 the worst, and the finding."""
    shown = context.shown(path)
    try:
        place = within(_PATIENCE_S, lambda: _place(path, context.home))
    except TimeoutError:
        return 0, fault(
            f"The file server of {shown} does not answer.",
            Evidence(source=shown, value=f"no answer in {_PATIENCE_S:g} s"),
            whose="platform",
            next_step="Wait some minutes and look again; write below your "
            "home meanwhile.",
        )
    except OSError as exc:
        why = os.strerror(exc.errno or 0).lower()
        return 3, cannot_tell(f"{shown} could not be looked at: {why}.")
    return _judge(place, context.shown(place.folder))


def _judge(place: _Place, where: str) -> tuple[int, Finding]:
    volume = "your home" if place.is_of_home else "another volume"
    left = f"{size(place.free_bytes)} of {size(place.total_bytes)}"
    seen = [
        Evidence(source=f"statvfs {where}", value=f"{left} are free"),
        Evidence(source=where, value=place.owner),
    ]
    if place.has_no_files_left or place.free_bytes < _FULL_BYTES:
        which = (
            "on the disk of your home"
            if place.is_of_home
            else "on another volume than your home"
        )
        return 1, fault(
            f"The disk of {where} is full, {which}: {left} are left"
            + (", for no more files." if place.has_no_files_left else "."),
            *seen,
            whose="your_environment",
            next_step=f"Delete or move what you no longer need in {where}, "
            "or write elsewhere.",
        )
    if place.is_read_only:
        return 1, attention(
            f"Nothing can be written to {where}: its volume is read-only.",
            *seen,
            whose="your_environment",
            next_step="Write to another folder, such as one in your home.",
        )
    if not place.may_write:
        return 2, attention(
            f"You may not write to {where}: it is {place.owner}.",
            *seen,
            whose="your_environment",
            next_step="Write to a folder of your own; if this one should be "
            "yours, tell whoever runs the site what stands here.",
        )
    return 4, ok(
        f"{where} is on {volume}, which has {left} left now; it is "
        f"{place.owner}.",
        *seen,
    )


def _place(path: Path, home: Path) -> _Place:
    folder, status = _nearest(path)
    disk = os.statvfs(folder)
    return _Place(
        folder=folder,
        owner=owner_in_words(status),
        free_bytes=disk.f_bavail * disk.f_frsize,
        total_bytes=disk.f_blocks * disk.f_frsize,
        has_no_files_left=bool(disk.f_files) and disk.f_favail == 0,
        is_read_only=bool(disk.f_flag & os.ST_RDONLY),
        may_write=os.access(folder, os.W_OK | os.X_OK),
        is_of_home=_is_same(home, status.st_dev),
    )


def _nearest(path: Path) -> tuple[Path, os.stat_result]:
    """Return the nearest folder of a file that exists, and can be seen."""
    last: OSError = FileNotFoundError()
    for folder in path.parents:
        try:
            status = folder.stat()
        except (FileNotFoundError, NotADirectoryError, PermissionError) as exc:
            last = exc
            continue
        if stat.S_ISDIR(status.st_mode):
            return folder, status
    raise last


def _is_same(home: Path, device: int) -> bool:
    try:
        return home.stat().st_dev == device
    except OSError:
        return False

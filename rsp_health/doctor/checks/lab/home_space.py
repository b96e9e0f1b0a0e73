"""Look for room in the home, and whether it can be written to."""

from __future__ import annotations

import contextlib
import errno
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ....platform.lab_room import home_little
from ...evidence.folder_sizes import largest_below
from ...evidence.patience import waited_s, within
from ...evidence.words import duration, size
from ...models import Evidence, attention, cannot_tell, fault, ok
from ..base import Check

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ...context import Context
    from ...models import Finding, Whose

__all__ = ["HomeSpace"]

#: What the lab writes when it starts; where that fails, it starts without
#: the home.
_PROBE_BYTES = 1_000_000
#: A file server that works answers in milliseconds.
_PATIENCE_S = 1.5
#: Slow if it waits so long for a megabyte twice, or once so much longer.
_SLOW_S, _VERY_SLOW_S = 0.5, 1.0
_LOW_INODES = 1000

#: What programs fill, and fill again.
_CACHES = (".cache", ".npm")

#: What `open` says where there are no files without a name.
_NO_TMPFILE = (errno.EINVAL, errno.EISDIR, errno.ENOENT, errno.EOPNOTSUPP)
_FULL = (errno.ENOSPC, errno.EDQUOT)
_MEANS: dict[int, tuple[str, Whose]] = {
    errno.ENOSPC: ("is full", "your_environment"),
    errno.EDQUOT: ("has reached your disk quota", "your_environment"),
    errno.EROFS: ("is read-only", "platform"),
    errno.EACCES: ("may not be written to by you", "platform"),
    errno.EPERM: ("may not be written to by you", "platform"),
    errno.EIO: ("has a storage error", "platform"),
    errno.ENOENT: ("is not there", "platform"),
    errno.ENOTCONN: ("was lost by the file server", "platform"),
    errno.ESTALE: ("was lost by the file server", "platform"),
}
_ASK = (
    "Restart the lab; if it stays so, tell whoever runs the site what stands "
    "here."
)


@dataclass(frozen=True, slots=True)
class _Written:
    """Where a megabyte was written, and how long that took."""

    folder: Path
    took_s: float


class HomeSpace(Check):
    """Reads the free space, and writes a megabyte as the lab's start does."""

    id = "home.space"
    title = "Space in your home"

    def look(self, context: Context) -> Finding:
        """Return what is found."""
        home = context.lasting_home()
        try:
            status = within(_PATIENCE_S, lambda: os.statvfs(home))
        except TimeoutError:
            return _hangs(home)
        except OSError as exc:
            return _failed(home, exc, [])
        return _judge(home, status, _write(home, context.find_data_dir))


def _judge(
    home: Path, status: os.statvfs_result, written: _Written | OSError | None
) -> Finding:
    free = status.f_bavail * status.f_frsize
    total = status.f_blocks * status.f_frsize
    inodes = status.f_favail if status.f_files else None
    seen = [
        Evidence(
            source=f"statvfs {home}",
            value=f"{size(free)} of {size(total)} are free"
            + ("" if inodes is None else f", room for {inodes} files"),
        )
    ]
    if isinstance(written, OSError):
        return _failed(home, written, seen)
    if written is not None:
        seen.append(
            Evidence(
                source=str(written.folder),
                value=f"1 MB could be written, in {duration(written.took_s)}",
            )
        )
    if free < home_little(total):
        return _has_little(home, size(free), seen)
    if inodes is not None and inodes < _LOW_INODES:
        return _has_few_files(inodes, seen)
    if written is None:
        return cannot_tell(
            f"Your home has {size(free)} left; whether your quota lets "
            "you use it could not be tried here.",
            *seen,
        )
    if written.took_s >= _SLOW_S:
        return _is_slow(written.took_s, seen)
    return ok(f"Your home has {size(free)} left.", *seen)


def _is_slow(took_s: float, seen: list[Evidence]) -> Finding:
    return attention(
        f"Your home is slow: to write 1 MB there took {duration(took_s)}, "
        "apart from any wait for a processor.",
        *seen,
        whose="unknown",
        next_step="If a program of yours reads or writes many files now, let "
        "it end; else tell whoever runs the site what stands here.",
    )


def _has_little(home: Path, free: str, seen: list[Evidence]) -> Finding:
    largest = _largest(home)
    return attention(
        f"Your home has only {free} left.",
        *seen,
        *_told(largest),
        whose="your_environment",
        next_step=_to_delete(home, largest),
    )


def _has_few_files(inodes: int, seen: list[Evidence]) -> Finding:
    return attention(
        f"Your home has room for only {inodes} more files, of whatever size.",
        *seen,
        whose="your_environment",
        next_step="Delete folders of many small files, such as old "
        "environments.",
    )


def _write(
    home: Path, find_data_dir: Callable[[], Path]
) -> _Written | OSError | None:
    """Write a megabyte that has no name, so that nothing is left of it.

    Returns
    -------
    _Written or OSError or None
        Where it was written, or why it could not be; `None` if there is no
        way to write to this file system without a trace.
    """
    try:
        folder, descriptor = home, _unnamed(home)
        if descriptor is None:
            folder = find_data_dir()
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if folder.stat().st_dev != home.stat().st_dev:
                return None
            descriptor = _nameless(folder)
        try:
            took = waited_s(lambda: _fill(descriptor))
            if _SLOW_S <= took < _VERY_SLOW_S:
                took = min(took, waited_s(lambda: _fill(descriptor)))
        finally:
            # Where a file server tells that the quota is used up.
            os.close(descriptor)
    except OSError as exc:
        return exc
    return _Written(folder, took)


def _fill(descriptor: int) -> None:
    """Write the megabyte to the disk, over what stands there."""
    at = 0
    while at < _PROBE_BYTES:
        at += os.pwrite(descriptor, bytes(_PROBE_BYTES - at), at)
    os.fsync(descriptor)


def _unnamed(folder: Path) -> int | None:
    """Open a file that never has a name; `None` where that is not possible."""
    try:
        return os.open(folder, os.O_TMPFILE | os.O_WRONLY, 0o600)
    except OSError as exc:
        if exc.errno in _NO_TMPFILE:
            return None
        raise


def _nameless(folder: Path) -> int:
    """Open a file that loses its name at once, as on NFS."""
    path = folder / f".space-{os.getpid()}.tmp"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    path.unlink()
    return descriptor


def _hangs(home: Path) -> Finding:
    return fault(
        "The file server of your home does not answer.",
        Evidence(
            source=f"statvfs {home}", value=f"no answer in {_PATIENCE_S:g} s"
        ),
        whose="platform",
        next_step="Wait some minutes and look again; programs that use your "
        "home wait too, and go on by themselves.",
    )


def _failed(home: Path, exc: OSError, seen: list[Evidence]) -> Finding:
    number = exc.errno or 0
    name = errno.errorcode.get(number, "error")
    doing = "writing 1 MB" if seen else f"statvfs {home}"
    value = f"{name}: {os.strerror(number).lower()}"
    seen = [*seen, Evidence(source=doing, value=value)]
    if number not in _MEANS:
        return cannot_tell("Your home could not be looked at.", *seen)
    what, whose = _MEANS[number]
    largest = _largest(home) if number in _FULL else []
    return fault(
        f"Your home {what}: nothing can be saved.",
        *seen,
        *_told(largest),
        whose=whose,
        next_step=_to_delete(home, largest) if number in _FULL else _ASK,
    )


def _largest(home: Path) -> list[tuple[Path, int]]:
    with contextlib.suppress(OSError):
        return largest_below(home)
    return []


def _told(largest: list[tuple[Path, int]]) -> list[Evidence]:
    return [
        Evidence(source=str(path), value=f"takes at least {size(count)}")
        for path, count in largest
    ]


def _to_delete(home: Path, largest: list[tuple[Path, int]]) -> str:
    """Return the next step: a cache first, which nobody misses."""
    for path, _ in largest:
        if path.name in _CACHES:
            return (
                f"Delete what is in ~/{path.name}: programs fill it again "
                "when they need it."
            )
    if largest:
        name = largest[0][0].relative_to(home)
        return (
            f"Delete or move what you no longer need; the largest is ~/{name}."
        )
    return "Delete or move what you no longer need."

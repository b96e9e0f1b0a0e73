"""What was read from files, until one of them is another one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..errors import RSPHealthError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["Remembered"]

#: Nanoseconds of age from which on a file's times tell two states apart: the
#: clock of a file system may stand still for a while.
_SETTLED_NS = 2_000_000_000
type _State = tuple[int, int, int, int, int] | None


class Remembered[T]:
    """Keeps what a function made of files, or how it failed.

    While the files stay the same, looking at them is all that is done.

    Parameters
    ----------
    most
        Values that are kept; beyond that all are forgotten.
    """

    def __init__(self, *, most: int = 256) -> None:
        self._most = most
        self._kept: dict[
            tuple[Path, ...], tuple[list[_State], T | RSPHealthError]
        ] = {}

    def get(self, paths: tuple[Path, ...], make: Callable[[], T]) -> T:
        """Return what ``make`` returns, or raise what it raises.

        Parameters
        ----------
        paths
            All files that it reads, whether they exist or not.
        make
            Reads them.
        """
        states = [_state(path) for path in paths]
        kept = self._kept.get(paths)
        if kept is not None and kept[0] == states:
            value = kept[1]
        else:
            try:
                value = make()
            except RSPHealthError as exc:
                value = exc
            self._keep(paths, states, value)
        if isinstance(value, RSPHealthError):
            raise value.with_traceback(None)
        return value

    def _keep(
        self,
        paths: tuple[Path, ...],
        states: list[_State],
        value: T | RSPHealthError,
    ) -> None:
        self._kept.pop(paths, None)
        latest = max((max(state[3:]) for state in states if state), default=0)
        if time.time_ns() - latest > _SETTLED_NS:
            if len(self._kept) >= self._most:
                self._kept.clear()
            self._kept[paths] = states, value


def _state(path: Path) -> _State:
    """Return what differs when a file is another one, or another state."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return (
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )

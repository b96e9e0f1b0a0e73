"""The catalogue as the site has it now: the overlay is watched for changes.

Labs live for weeks, and maintenance is announced in the overlay. So it is read
again when it changes. A mistake in it takes nothing away: what it said before
holds, or else the shipped catalogue alone, and the table says what is wrong.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from ...errors import BadInputError
from ...platform.clock import seconds
from .catalogue import load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .catalogue import Catalogue

__all__ = ["SiteCatalogue"]

_LOOK_S = 30.0
"""Seconds between two looks at the overlay."""

_Stamp = tuple[int, int, int]


class SiteCatalogue:
    """The shipped catalogue with the site's overlay.

    Parameters
    ----------
    overlay
        The site's TOML file, if it has one.
    clock
        Monotonic clock, in seconds.
    """

    def __init__(
        self,
        overlay: Path | None,
        clock: Callable[[], float] = seconds,
    ) -> None:
        self._overlay = overlay
        self._clock = clock
        self._current: Catalogue | None = None
        self._stamp: _Stamp | None = None
        self._looked_at = 0.0

    @property
    def current(self) -> Catalogue:
        """What is known about applications; its ``problem`` is for users."""
        return self._read() if self._current is None else self._current

    async def update(self) -> bool:
        """Read the overlay if it is new or changed.

        Returns
        -------
        bool
            Whether the catalogue differs from before.
        """
        now = self._clock()
        if self._current is not None and (
            self._overlay is None or now - self._looked_at < _LOOK_S
        ):
            return False
        self._looked_at = now
        return await asyncio.to_thread(self._read_if_changed)

    def _read_if_changed(self) -> bool:
        before = self._current
        if before is None or _stamp(self._overlay) != self._stamp:
            self._read()
        return before is not None and self._current != before

    def _read(self) -> Catalogue:
        # The stamp first: what is written while it is read is read again.
        self._stamp = _stamp(self._overlay)
        try:
            found = load(self._overlay)
        except BadInputError as exc:
            known = load() if self._current is None else self._current
            found = replace(known, problem=f"{exc.message} {exc.hint}")
        self._current = found
        return found


def _stamp(path: Path | None) -> _Stamp | None:
    try:
        found = None if path is None else path.stat()
    except OSError:
        return None
    return found and (found.st_mtime_ns, found.st_size, found.st_ino)

"""Which announcement is about which row.

Semaphore's announcements are prose. One names a row by its title or by its
application; one that speaks of the platform as a whole is about all rows. This
is only asked of rows that do not work, so that a word too many does no harm: a
row that answers is shown as up whatever was announced.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from ..probes.base import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from ..models import Broadcast
    from ..rows.catalogue import Catalogue
    from ..rows.targets import Target

__all__ = ["Announcement", "Announcements"]

_TROUBLE = re.compile(
    r"\b(maintenance|outages?|down|downtime|offline|unavailable|"
    r"not available|interruption)\b",
    re.IGNORECASE,
)
_EVERYTHING = re.compile(
    r"\b(RSP|Science Platform|platform|system|all services|everything)\b",
    re.IGNORECASE,
)

_SHORT = 4
"""Names of so many letters ("TAP", "SIA") are words of their own in prose,
unless they are written in capitals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What was announced of a row, and until when, if that is known."""

    title: str
    until: datetime | None = None


class Announcements:
    """What the site's overlay and Semaphore announce for now.

    Parameters
    ----------
    catalogue
        Knows the overlay's maintenance windows.
    at
        The present time.
    broadcasts
        Semaphore's announcements.
    targets
        All rows: what names one of them is not about the platform as a whole.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        at: datetime,
        broadcasts: Iterable[Broadcast] = (),
        targets: Sequence[Target] = (),
    ) -> None:
        self._catalogue = catalogue
        self._at = at
        self._outages = [b for b in broadcasts if _is_outage(b)]
        self._general = {
            b.id
            for b in self._outages
            if _EVERYTHING.search(b.summary)
            and not any(_names(t, b.summary) for t in targets)
        }

    def general(self) -> Announcement | None:
        """Return what was announced of the platform as a whole."""
        window = self._catalogue.window("*", self._at)
        if window is not None:
            return Announcement(title=window.title, until=window.end)
        for broadcast in self._outages:
            if broadcast.id in self._general:
                return Announcement(title=broadcast.summary)
        return None

    def sentence(self) -> str | None:
        """Say what was announced of the platform as a whole, if anything."""
        found = self.general()
        if found is None:
            return None
        until = f" until {found.until:%H:%M} UTC" if found.until else ""
        return f"Announced: {shorten(found.title).rstrip('.')}{until}."

    def of(self, target: Target) -> Announcement | None:
        """Return what was announced of a row, the overlay's word first."""
        window = self._catalogue.window(target.id, self._at)
        if window is not None:
            return Announcement(title=window.title, until=window.end)
        for broadcast in self._outages:
            if broadcast.id in self._general or _names(
                target, broadcast.summary
            ):
                return Announcement(title=broadcast.summary)
        return None


def _is_outage(broadcast: Broadcast) -> bool:
    if broadcast.category == "outage":
        return True
    return broadcast.category == "notice" and bool(
        _TROUBLE.search(broadcast.summary)
    )


def _names(target: Target, text: str) -> bool:
    return _pattern(target.title, target.application).search(text) is not None


@lru_cache(maxsize=1000)
def _pattern(title: str, application: str) -> re.Pattern[str]:
    # "TAP (Solar System)" is also meant where TAP is announced.
    bare = re.sub(r"\s*\(.*\)$", "", title)
    found = []
    for name in {title, bare, application}:
        short = len(name) <= _SHORT
        word = re.escape(name.upper() if short else name)
        found.append(f"{word}" if short else f"(?i:{word})")
    return re.compile(rf"(?<![\w-])(?:{'|'.join(sorted(found))})(?![\w-])")

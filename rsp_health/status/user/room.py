"""What the lab itself lacks, for the verdict: memory, or room in the home."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...platform.clock import seconds
from ...platform.lab_room import HOME_NONE_BYTES, MEMORY_NONE
from ...sizes import disk_size, memory_size

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..models import LabResources

__all__ = ["Lack", "Room"]

#: Seconds that a look waits for a home: one that works answers at once.
_PATIENCE_S = 0.3

#: Seconds after which a look says nothing of now.
_OLD_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """What is missing.

    Parameters
    ----------
    word
        In two or three words.
    sentence
        What is known.
    next_step
        What the user can do.
    since
        Since when it is seen, on the monotonic clock.
    """

    word: str
    sentence: str
    next_step: str
    since: float


class Room:
    """Looks whether the lab's memory and the home have any room left.

    A home on a file server that is gone never answers. So each look is a
    thread that nobody waits for for long, and that ends with its process.

    Parameters
    ----------
    read
        Reads memory and disk; may never return.
    clock
        Monotonic clock, in seconds.
    """

    def __init__(
        self,
        read: Callable[[], LabResources],
        clock: Callable[[], float] = seconds,
    ) -> None:
        self._read = read
        self._clock = clock
        self._thread: threading.Thread | None = None
        self._lack: Lack | None = None
        self._seen_at = 0.0

    @property
    def lack(self) -> Lack | None:
        """What is missing, as far as it was looked at lately."""
        is_old = self._clock() - self._seen_at > _OLD_S
        return None if is_old else self._lack

    async def look(self) -> None:
        """Look once more, unless the last look has not come back yet."""
        if self._thread is not None and self._thread.is_alive():
            return
        loop, done = asyncio.get_running_loop(), asyncio.Event()

        def run() -> None:
            found = self._read()
            # The loop may have ended meanwhile.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._take, found)
                loop.call_soon_threadsafe(done.set)

        self._thread = threading.Thread(
            target=run, name="rsp-health-room", daemon=True
        )
        self._thread.start()
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE_S):
                await done.wait()

    def _take(self, found: LabResources) -> None:
        now = self._clock()
        lack, before = _lack_of(found, now), self._lack
        # The figures change with each look; what is missing does not.
        if lack and before and lack.word == before.word:
            lack = replace(lack, since=before.since)
        self._lack, self._seen_at = lack, now


def _lack_of(lab: LabResources, now: float) -> Lack | None:
    free = lab.disk_free_bytes
    if free is not None and free < HOME_NONE_BYTES:
        return Lack(
            word="home full",
            sentence=f"Your home is full: only {disk_size(free)} are left, "
            "so saving may fail.",
            next_step="Delete files that you do not need: rsp-health doctor "
            "home.space names the largest folders.",
            since=now,
        )
    limit, used = lab.memory_limit_bytes, lab.memory_used_bytes
    if limit and used is not None and used >= MEMORY_NONE * limit:
        left = memory_size(max(0, limit - used))
        return Lack(
            word="memory full",
            sentence=f"This lab's memory is full: only {left} of "
            f"{memory_size(limit)} are left, and what needs more is killed.",
            next_step="Shut down kernels that you do not need, or start a "
            "larger lab.",
            since=now,
        )
    return None

"""Sends what waits, sink by sink, within a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ...errors import ConflictError
from ...files.locks import FileLock
from .contract import SinkError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from .contract import Sink
    from .spool import Spool

__all__ = ["deliver"]


async def deliver(
    folder: Path,
    pairs: Sequence[tuple[Sink, Spool]],
    *,
    limit_s: float,
) -> None:
    """Send what waits; what is not taken is kept, and why is noted.

    One sink that fails or hangs delays no other: each has the whole time.
    Nothing is done if another process is at it.

    Parameters
    ----------
    folder
        Holds the lock.
    pairs
        The sinks, each with what waits for it.
    limit_s
        Seconds for all.
    """
    lock = FileLock(
        folder / "lock", action="sending results", what="What waits to be sent"
    )
    try:
        lock.acquire()
    except ConflictError:
        return
    try:
        await asyncio.gather(
            *(_send(sink, spool, limit_s) for sink, spool in pairs)
        )
    finally:
        lock.release()


async def _send(sink: Sink, spool: Spool, limit_s: float) -> None:
    try:
        async with asyncio.timeout(limit_s):
            for path in spool.batches():
                events = spool.read(path)
                if events:
                    await sink.send(events)
                spool.done(path)
    except SinkError as exc:
        spool.note(exc.message)
    except TimeoutError:
        spool.note(f"not everything was taken in {limit_s:g} s")
    else:
        spool.note("")

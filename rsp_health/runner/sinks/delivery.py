"""Sends what waits, sink by sink, within a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from ...errors import (
    BadDocumentError,
    ConflictError,
    MissingFileError,
    RSPHealthError,
)
from ...files.locks import FileLock
from .contract import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from .contract import Sink
    from .spool import Spool

__all__ = ["deliver"]

#: What comes of a file that does not hold events of ours.
_DAMAGED = (
    BadDocumentError,
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
)


async def deliver(
    folder: Path,
    pairs: Sequence[tuple[Callable[[], Sink[Any]], Spool]],
    *,
    limit_s: float,
) -> list[RSPHealthError]:
    """Send what waits; what is not taken is kept, and why is noted.

    One sink that fails or hangs, or has a wrong setting, delays no other:
    each has the whole time. Nothing is done if another process is at it.

    Parameters
    ----------
    folder
        Holds the lock.
    pairs
        What makes the sinks, each with what waits for it.
    limit_s
        Seconds for all.

    Returns
    -------
    list
        What is wrong with their settings.
    """
    lock = FileLock(
        folder / "lock", action="sending results", what="What waits to be sent"
    )
    try:
        lock.acquire()
    except ConflictError:
        return []
    try:
        found = await asyncio.gather(
            *(_send(make, spool, limit_s) for make, spool in pairs)
        )
    finally:
        lock.release()
    return [wrong for wrong in found if wrong is not None]


async def _send(
    make: Callable[[], Sink[Any]], spool: Spool, limit_s: float
) -> RSPHealthError | None:
    try:
        sink = make()
    except RSPHealthError as exc:
        spool.note(f"{exc.message} {exc.hint}")
        return exc
    problem = ""
    try:
        async with asyncio.timeout(limit_s):
            problem = await _send_all(sink, spool)
    except RSPHealthError as exc:
        problem = exc.message
    except TimeoutError:
        problem = f"not everything could be sent in {limit_s:g} s"
    except Exception as exc:  # noqa: BLE001 - told, and no other sink's matter
        problem = f"rsp-health has a bug: {type(exc).__name__}"
    spool.note(problem)
    return None


async def _send_all(sink: Sink[Any], spool: Spool) -> str:
    """Return why some of it was refused, if that is so."""
    problem = ""
    for path in spool.batches():
        try:
            requests = sink.requests(spool.read(path))
        except MissingFileError:
            continue  # there was no room for it any more
        except _DAMAGED:
            spool.drop(path)
            continue
        try:
            for request in requests:
                await sink.send(request)
        except RefusedError as exc:
            problem = exc.message
        else:
            spool.done(path)
    return problem

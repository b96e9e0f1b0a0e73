"""What the monitor knows of the platform, or one look where none runs.

In a Jupyter server the panel's monitor hands over what it knows. In a
terminal each check that needs it looks by itself, once and quickly: only at
what is anonymous or costs no quota.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...errors import RSPHealthError
from ...platform.discovery import DiscoveryService
from ...status.service import StatusService

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ...platform.models import Discovery
    from ...status.models import BroadcastList, QuotaDocument, StatusDocument
    from ..context import Context

__all__ = ["Monitored", "announcements", "discovery", "quota", "services"]

#: Seconds for everything; a check is stopped after two.
_LIMIT_S = 1.7
_PROBE_S = 0.8
_PAUSES_S = (0.1, 0.2)


@dataclass(frozen=True, slots=True)
class Monitored[T]:
    """What is known, and how.

    Parameters
    ----------
    document
        What is known.
    is_watched
        Whether it comes from a monitor that goes on looking.
    """

    document: T
    is_watched: bool


def services(context: Context) -> Monitored[StatusDocument]:
    """Return the state of all services."""
    if context.seen is not None and context.seen.status is not None:
        return Monitored(context.seen.status, is_watched=True)

    async def look(service: StatusService) -> StatusDocument:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LIMIT_S):
                return await service.settle(pauses_s=_PAUSES_S)
        return service.known()

    return Monitored(_with_service(context, look), is_watched=False)


def announcements(context: Context) -> BroadcastList:
    """Return what the platform announces."""
    if context.seen is not None and context.seen.broadcasts is not None:
        return context.seen.broadcasts
    return _with_service(context, lambda service: service.broadcasts())


def quota(context: Context) -> QuotaDocument:
    """Return the user's quotas."""
    if context.seen is not None and context.seen.quota is not None:
        return context.seen.quota
    return _with_service(context, lambda service: service.quota())


def discovery(context: Context) -> Discovery:
    """Return what is deployed, from the last answer if that is recent."""

    async def ask() -> Discovery:
        known = _discovery(context)
        try:
            return await known.get(patience_s=_LIMIT_S / 2)
        finally:
            await known.aclose()

    return asyncio.run(ask())


def _discovery(context: Context) -> DiscoveryService:
    return DiscoveryService(
        environment=context.environment,
        cache_dir=context.find_data_dir() / "cache",
        timeout_s=_PROBE_S,
    )


def _with_service[T](
    context: Context, ask: Callable[[StatusService], Awaitable[T]]
) -> T:
    async def run() -> T:
        known = _discovery(context)
        overlay = None
        with contextlib.suppress(RSPHealthError):  # `site.known` tells it.
            overlay = context.find_catalogue()
        service = StatusService(
            environment=context.environment,
            discovery=known,
            overlay=overlay,
            probe_timeout=_PROBE_S,
        )
        try:
            return await ask(service)
        finally:
            await service.aclose()
            await known.aclose()

    return asyncio.run(run())

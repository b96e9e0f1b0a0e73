"""Lets a run see how the platform is at the time when a notebook fails."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..runner.models import SeenServices
    from ..services import ServiceBuilder
    from ..status.models import StatusDocument
    from .context import CliContext

__all__ = ["services_look"]

#: Seconds after which what is known by then is told.
_LIMIT_S = 4.5


def services_look(
    context: CliContext,
) -> Callable[[], SeenServices | None] | None:
    """Return what looks at the services; `None` if there is no platform.

    Parameters
    ----------
    context
        The call.
    """
    if context.environment.base_url is None:
        return None
    # In the main thread: what is wrong with them is told there, once.
    builder = context.builder

    def look() -> SeenServices | None:
        from ..doctor.explain.services import seen_services

        document = asyncio.run(_look(builder))
        # Without a row there is nothing that anybody saw.
        if not document.services:
            return None
        return seen_services(document)

    return look


async def _look(builder: ServiceBuilder) -> StatusDocument:
    # Of its own: the one of the call belongs to another event loop.
    discovery = builder.discovery()
    status = builder.status(discovery)
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LIMIT_S):
                return await status.settle()
        return status.known()
    finally:
        await status.aclose()
        await discovery.aclose()

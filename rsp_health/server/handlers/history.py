"""What has changed from run to run."""

from __future__ import annotations

import asyncio

from jupyter_server.auth.decorator import authorized
from tornado import web

from ...errors import BadInputError
from .base import HealthHandler

__all__ = ["ComparisonHandler", "TrendHandler"]

_MOST = 40


class ComparisonHandler(HealthHandler):
    """Two runs side by side."""

    @web.authenticated
    @authorized("read", "rsp_health:runner")
    async def get(self) -> None:
        """Answer with what differs: ``?before=RUN&after=RUN``."""
        before = self.get_query_argument("before", "") or ""
        after = self.get_query_argument("after", "") or ""
        runner = await self.features.runner.get()
        from ...runner.comparison.service import comparison

        self.answer(
            await asyncio.to_thread(comparison, runner.history, before, after)
        )


class TrendHandler(HealthHandler):
    """Notebooks, or the cells of one, over the last runs."""

    @web.authenticated
    @authorized("read", "rsp_health:runner")
    async def get(self) -> None:
        """Answer with the last results: ``?notebook=PATH&limit=N``."""
        notebook = self.get_query_argument("notebook", None)
        limit = self.get_query_argument("limit", "20") or ""
        if not (limit.isascii() and limit.isdigit()) or not (
            1 <= int(limit[:9]) <= _MOST
        ):
            raise BadInputError(
                f"The argument 'limit' is not a number from 1 to {_MOST}.",
                hint="Leave it out for the last 20 results.",
                code="invalid_request",
            )
        runner = await self.features.runner.get()
        from ...runner.comparison.service import trend

        self.answer(
            await asyncio.to_thread(
                trend, runner.history, notebook, limit=int(limit)
            )
        )

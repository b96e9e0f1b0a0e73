"""``POST clean``: strips the outputs of notebooks, or says what would go."""

from __future__ import annotations

import asyncio
from pathlib import Path

from jupyter_server.auth.decorator import authorized
from tornado import web

from .base import HealthHandler

__all__ = ["CleanHandler"]


class CleanHandler(HealthHandler):
    """Cleans notebooks below the root."""

    @web.authenticated
    @authorized("write", "rsp_health:cleaning")
    async def post(self) -> None:
        """Judge, and unless ``dry_run``, strip; answer with each file."""
        cleaning = await self.features.cleaning.get()
        from ...cleaning.models import CleanRequest

        request = self.parse(CleanRequest)
        paths = [Path(path) for path in request.paths]
        if request.dry_run:
            report = await asyncio.to_thread(cleaning.check, paths)
        else:
            report = await asyncio.to_thread(cleaning.clean, paths)
        self.answer(report)

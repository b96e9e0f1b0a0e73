"""Strips the outputs of notebooks, or says what would go and by what rule."""

from __future__ import annotations

import asyncio
from pathlib import Path

from jupyter_server.auth.decorator import authorized
from tornado import web

from .base import HealthHandler

__all__ = [
    "CleanHandler",
    "CleanPolicyHandler",
    "CleanUndoHandler",
    "StripOnSaveHandler",
]


class CleanHandler(HealthHandler):
    """Cleans notebooks below the root."""

    @web.authenticated
    @authorized("write", "rsp_health:cleaning")
    async def post(self) -> None:
        """Judge, and unless ``dry_run``, strip; answer with each file."""
        cleaning = await self.features.cleaning.get()
        from ...cleaning.models import CleanRequest

        request = self.parse(CleanRequest)
        report = await asyncio.to_thread(
            cleaning.clean,
            [Path(path) for path in request.paths],
            exclude=[Path(path) for path in request.exclude],
            dry_run=request.dry_run,
            fingerprint=request.fingerprint,
        )
        self.answer(report)


class CleanPolicyHandler(HealthHandler):
    """Tells what is stripped from a notebook, and what stays."""

    @web.authenticated
    @authorized("read", "rsp_health:cleaning")
    async def get(self) -> None:
        """Answer with the policy of ``path``; the notebook is not read."""
        cleaning = await self.features.cleaning.get()
        path = Path(self.get_query_argument("path", "", strip=False))
        self.answer(await asyncio.to_thread(cleaning.policy_for, path))


class CleanUndoHandler(HealthHandler):
    """Puts back what a clean replaced."""

    @web.authenticated
    @authorized("write", "rsp_health:cleaning")
    async def post(self) -> None:
        """Put back each file that is still as we left it."""
        cleaning = await self.features.cleaning.get()
        from ...cleaning.models import CleanUndoRequest

        request = self.parse(CleanUndoRequest)
        self.answer(await asyncio.to_thread(cleaning.undo, request.undo))


class StripOnSaveHandler(HealthHandler):
    """Chooses the folders whose notebooks are saved without outputs."""

    @web.authenticated
    @authorized("read", "rsp_health:cleaning")
    async def get(self) -> None:
        """Answer with the chosen folders."""
        self.answer(await asyncio.to_thread(self.features.saving.settings))

    @web.authenticated
    @authorized("write", "rsp_health:cleaning")
    async def post(self) -> None:
        """Choose the folders."""
        from ...cleaning.models import StripOnSaveRequest

        folders = self.parse(StripOnSaveRequest).folders
        choose = self.features.saving.choose
        self.answer(await asyncio.to_thread(choose, folders))

"""``info`` (the handshake), and everything else below our prefix."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from jupyter_server.auth.decorator import authorized
from tornado import web

from ... import __version__
from ...errors import NotFoundError
from .base import HealthHandler

if TYPE_CHECKING:
    from ..features import Features
    from ..models import InfoDocument

__all__ = ["InfoHandler", "UnknownHandler"]


def _info(features: Features) -> InfoDocument:
    from ..models import InfoDocument, LabLimits

    environment = features.environment
    return InfoDocument(
        version=__version__,
        instance=environment.instance,
        image=environment.image,
        image_description=environment.image_description,
        root=str(features.root),
        features=["checkout", "runner", "status", "cleaning"],
        cell_timeout_s=features.settings.cell_timeout,
        limits=LabLimits(
            size=environment.container_size,
            cpu_limit=environment.cpu_limit,
            memory_limit_bytes=environment.memory_limit_bytes,
        ),
    )


class InfoHandler(HealthHandler):
    """What runs here."""

    @web.authenticated
    @authorized("read", "rsp_health")
    async def get(self) -> None:
        """Answer with the version, the lab and the root."""
        # In a thread, because the first call imports pydantic.
        self.answer(await asyncio.to_thread(_info, self.features))


class UnknownHandler(HealthHandler):
    """Everything else below our prefix, so that it, too, needs a login."""

    @web.authenticated
    @authorized("read", "rsp_health")
    async def get(self) -> None:
        """Say that there is nothing."""
        raise _nothing()

    @web.authenticated
    @authorized("write", "rsp_health")
    async def post(self) -> None:
        """Say that there is nothing."""
        raise _nothing()


def _nothing() -> NotFoundError:
    return NotFoundError(
        "rsp-health has no such address.",
        hint="See the HTTP interface in docs/developers.",
    )

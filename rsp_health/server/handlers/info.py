"""``info`` (the handshake), ``doctor``, and everything else below our prefix."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from jupyter_server.auth.decorator import authorized
from tornado import web

from ... import __version__
from ...errors import BadInputError, NotFoundError
from .base import HealthHandler

if TYPE_CHECKING:
    from ..features import Features
    from ..models import InfoDocument

__all__ = ["DoctorHandler", "InfoHandler", "UnknownHandler"]

#: Checks that one request may name, and characters of a name.
_MOST = 50
_LONGEST = 64


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


class DoctorHandler(HealthHandler):
    """The doctor's report."""

    @web.authenticated
    @authorized("read", "rsp_health:doctor")
    async def get(self) -> None:
        """Look now, and answer with what was found; it takes some seconds.

        ``check=ID``, which may be given several times, asks for some checks.
        """
        checks = tuple(self.get_query_arguments("check"))
        if len(checks) > _MOST or any(
            not name or len(name) > _LONGEST or "\0" in name for name in checks
        ):
            raise BadInputError(
                "The argument 'check' is not the id of a check.",
                hint="Leave it out for all checks.",
                code="invalid_request",
            )
        doctor = await self.features.doctor.get()
        self.answer(await doctor.look(checks))


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

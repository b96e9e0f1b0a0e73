"""``doctor/explain``: why a run, a cell or a service failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_server.auth.decorator import authorized
from tornado import web

from .base import HealthHandler

if TYPE_CHECKING:
    from ...runner.models import SeenServices

__all__ = ["ExplainHandler"]


class ExplainHandler(HealthHandler):
    """Why something failed, whose it is, and what to do."""

    @web.authenticated
    @authorized("execute", "rsp_health:doctor")
    async def post(self) -> None:
        """Explain a run's failures, the error of a cell, or a red row."""
        doctor = await self.features.doctor.get()
        status = await self.features.status.get()
        from ...doctor.explain.models import ExplainRequest

        request = self.parse(ExplainRequest)
        services: SeenServices | None = None
        # What a run saw is kept with it.
        if request.run_id is None:
            from ...doctor.explain.services import seen_services

            services = seen_services(status.known())
        self.answer(await doctor.explain(request, services))

"""The platform's services, quota and announcements."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from .base import HealthHandler

__all__ = [
    "BroadcastsHandler",
    "HistoryHandler",
    "QueryHandler",
    "QuotaHandler",
    "RefreshHandler",
    "ServicesHandler",
]


class ServicesHandler(HealthHandler):
    """The table of services."""

    @web.authenticated
    @authorized("read", "rsp_health:status")
    async def get(self) -> None:
        """Answer from the monitor's memory, with the notebooks that check.

        With ``look=false`` nobody looks: what is known is told, and nothing
        is probed because of it.
        """
        status = await self.features.status.get()
        looks = self.get_query_argument("look", "") != "false"
        document = await status.snapshot() if looks else status.known()
        self.answer(await self.features.checks.fill(document))


class HistoryHandler(HealthHandler):
    """What was seen of a service in the last 24 hours."""

    @web.authenticated
    @authorized("read", "rsp_health:status")
    async def get(self) -> None:
        """Answer from memory: nothing is probed because of it."""
        status = await self.features.status.get()
        name = self.get_query_argument("service", "")
        self.answer(status.history(name))


class RefreshHandler(HealthHandler):
    """Probes on request."""

    @web.authenticated
    @authorized("execute", "rsp_health:status")
    async def post(self) -> None:
        """Probe now, also what is otherwise not probed to save quota."""
        status = await self.features.status.get()
        from ..models import RefreshRequest

        request = self.parse(RefreshRequest)
        document = await status.refresh(request.services)
        self.answer(await self.features.checks.fill(document))


class QueryHandler(HealthHandler):
    """The deep check of a service, on request."""

    @web.authenticated
    @authorized("execute", "rsp_health:status")
    async def post(self) -> None:
        """Read one row of a service's data with the user's token."""
        status = await self.features.status.get()
        from ..models import QueryRequest

        request = self.parse(QueryRequest)
        document = await status.query(request.service)
        self.answer(await self.features.checks.fill(document))


class QuotaHandler(HealthHandler):
    """The user's quota, the lab's token and the lab's limits."""

    @web.authenticated
    @authorized("read", "rsp_health:status")
    async def get(self) -> None:
        """Answer with what the platform says of them. Never the token.

        With ``refresh=true`` it is asked now.
        """
        status = await self.features.status.get()
        refresh = self.get_query_argument("refresh", "") == "true"
        self.answer(await status.quota(refresh=refresh))


class BroadcastsHandler(HealthHandler):
    """The platform's announcements."""

    @web.authenticated
    @authorized("read", "rsp_health:status")
    async def get(self) -> None:
        """Answer with the current announcements, as plain text.

        With ``refresh=true`` Semaphore is asked now.
        """
        status = await self.features.status.get()
        refresh = self.get_query_argument("refresh", "") == "true"
        self.answer(await status.broadcasts(refresh=refresh))

"""Notebooks, runs and their reports."""

from __future__ import annotations

import asyncio

from jupyter_server.auth.decorator import authorized
from tornado import web

from ...errors import BadInputError
from .base import HealthHandler

__all__ = [
    "CopiesHandler",
    "NotebooksHandler",
    "ReportHandler",
    "RunHandler",
    "RunsHandler",
    "StopHandler",
]

_SUFFIXES = {"json": "json", "junit": "xml", "html": "html"}
_LIST_LIMIT = 500


class NotebooksHandler(HealthHandler):
    """The notebooks of a checkout, and which of them apply here."""

    @web.authenticated
    @authorized("read", "rsp_health:runner")
    async def get(self) -> None:
        """Answer with each notebook, and why it would not be run."""
        repo_id = self.repository_argument()
        self.answer(await self.features.runs.notebooks(repo_id))


class RunsHandler(HealthHandler):
    """The history of runs, and new ones."""

    @web.authenticated
    @authorized("read", "rsp_health:runner")
    async def get(self) -> None:
        """Answer with the last runs, newest first."""
        limit = self.get_query_argument("limit", "50") or ""
        if not (limit.isascii() and limit.isdigit()) or not (
            1 <= int(limit[:9]) <= _LIST_LIMIT
        ):
            raise BadInputError(
                f"The argument 'limit' is not a number from 1 to "
                f"{_LIST_LIMIT}.",
                hint="Leave it out for the last 50 runs.",
                code="invalid_request",
            )
        runner = await self.features.runner.get()
        self.answer(await asyncio.to_thread(runner.list, limit=int(limit)))

    @web.authenticated
    @authorized("execute", "rsp_health:runner")
    async def post(self) -> None:
        """Start a run in a process of its own; answer 201."""
        await self.features.runner.get()
        from ...runner.models import RunRequest

        summary = await self.features.runs.start(self.parse(RunRequest))
        self.answer(summary, status=201)


class RunHandler(HealthHandler):
    """One run."""

    @web.authenticated
    @authorized("read", "rsp_health:runner")
    async def get(self, run_id: str) -> None:
        """Answer with all that is known of it, also while it runs."""
        runner = await self.features.runner.get()
        self.answer(await asyncio.to_thread(runner.get, run_id))


class StopHandler(HealthHandler):
    """Stops a run."""

    @web.authenticated
    @authorized("execute", "rsp_health:runner")
    async def post(self, run_id: str) -> None:
        """Ask it to stop, and answer with it as it is then."""
        runner = await self.features.runner.get()
        self.answer(await asyncio.to_thread(runner.stop, run_id))


class CopiesHandler(HealthHandler):
    """Executed copies where the lab can open them."""

    @web.authenticated
    @authorized("write", "rsp_health:runner")
    async def post(self, run_id: str) -> None:
        """Copy one, never over another file; answer 201 if it is new."""
        runner = await self.features.runner.get()
        from ...runner.models import CopyRequest

        asked = self.parse(CopyRequest)
        copy = await asyncio.to_thread(
            runner.copy, run_id, asked.notebook, asked.purpose
        )
        self.answer(copy, status=201 if copy.created else 200)


class ReportHandler(HealthHandler):
    """A run as a file to take away."""

    @property
    def content_security_policy(self) -> str:
        """Confine the report, should a browser show it all the same.

        The HTML report holds what notebooks printed. It is a download, never
        a page of the lab's origin.
        """
        return (
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
            "frame-ancestors 'none'; sandbox"
        )

    @web.authenticated
    @authorized("read", "rsp_health:runner")
    async def get(self, run_id: str) -> None:
        """Answer with an attachment: ``?format=json|junit|html``."""
        kind = self.get_query_argument("format", "json") or "json"
        if kind not in _SUFFIXES:
            raise BadInputError(
                "The argument 'format' is not json, junit or html.",
                hint="Add ?format=html, for example.",
                code="invalid_request",
            )
        runner = await self.features.runner.get()
        content_type, body = await asyncio.to_thread(
            runner.report, run_id, kind
        )
        self.set_attachment_header(f"{run_id}.{_SUFFIXES[kind]}")
        self.set_header("Cache-Control", "no-store")
        _ = self.finish(body, set_content_type=content_type)

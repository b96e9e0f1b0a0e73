"""Repositories and their checkouts."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from jupyter_server.auth.decorator import authorized
from tornado import web

from ...errors import BadInputError
from ..conflicts import KnownConflictError
from ..sessions import notebooks_with_kernels
from .base import HealthHandler

if TYPE_CHECKING:
    from ...checkout.models import Inspection

__all__ = [
    "BackupsHandler",
    "CancelHandler",
    "CheckoutHandler",
    "InspectHandler",
    "OperationHandler",
    "RemoveHandler",
    "RepositoriesHandler",
    "RestoreHandler",
]


class RepositoriesHandler(HealthHandler):
    """All configured repositories."""

    @web.authenticated
    @authorized("read", "rsp_health:checkout")
    async def get(self) -> None:
        """Answer with each repository, its checkout and its operation."""
        checkout = await self.features.checkout.get()
        document = await asyncio.to_thread(checkout.list)
        running = self.features.operations.running()
        for repository in document.repositories:
            repository.operation = running.get(
                repository.id, repository.operation
            )
        self.answer(document)


class InspectHandler(HealthHandler):
    """What a checkout would replace."""

    @web.authenticated
    @authorized("read", "rsp_health:checkout")
    async def post(self, repo_id: str) -> None:
        """Look, and change nothing."""
        checkout = await self.features.checkout.get()
        from ...checkout.models import InspectRequest

        request = self.parse(InspectRequest)
        inspection = await asyncio.to_thread(
            checkout.inspect, repo_id, ref=request.ref
        )
        self.answer(await self._with_kernels(repo_id, inspection))

    async def _with_kernels(
        self, repo_id: str, inspection: Inspection
    ) -> Inspection:
        checkout = await self.features.checkout.get()
        directory = await asyncio.to_thread(
            lambda: checkout.directory(repo_id).resolve()
        )
        kernels = await notebooks_with_kernels(
            self.session_manager, self.features.root, directory
        )
        return inspection.model_copy(update={"kernels": kernels})


class CheckoutHandler(HealthHandler):
    """Checks a repository out."""

    @web.authenticated
    @authorized("write", "rsp_health:checkout")
    async def post(self, repo_id: str) -> None:
        """Start, if the tree still is as it was inspected; answer 202."""
        checkout = await self.features.checkout.get()
        from ...checkout.models import CheckoutRequest

        request = self.parse(CheckoutRequest)
        inspection = await asyncio.to_thread(
            checkout.inspect, repo_id, ref=request.ref
        )
        if inspection.fingerprint != request.fingerprint:
            raise KnownConflictError(
                f"{inspection.directory} changed since it was inspected.",
                hint="Look at the new list of changes, and decide again.",
                code="changed",
                inspection=inspection,
            )
        work = partial(
            checkout.checkout,
            repo_id,
            fingerprint=request.fingerprint,
            ref=request.ref,
        )
        operation = self.features.operations.start(
            repo_id, "checkout", work, directory=inspection.directory
        )
        self.answer(operation, status=202)


class RestoreHandler(HealthHandler):
    """Brings a backup back."""

    @web.authenticated
    @authorized("write", "rsp_health:checkout")
    async def post(self, repo_id: str) -> None:
        """Start; what stands there now becomes a backup. Answer 202."""
        checkout = await self.features.checkout.get()
        from ...checkout.models import RestoreRequest

        request = self.parse(RestoreRequest)
        known = await asyncio.to_thread(checkout.backups, repo_id)
        if request.backup not in {backup.id for backup in known.backups}:
            raise BadInputError(
                f"There is no such backup of {repo_id}.",
                hint="Choose one of GET repositories/{id}/backups.",
                code="no_such_backup",
            )
        repository = await asyncio.to_thread(checkout.repository, repo_id)
        work = partial(checkout.restore, repo_id, request.backup)
        operation = self.features.operations.start(
            repo_id, "restore", work, directory=repository.directory
        )
        self.answer(operation, status=202)


class RemoveHandler(HealthHandler):
    """Takes a checkout away."""

    @web.authenticated
    @authorized("write", "rsp_health:checkout")
    async def post(self, repo_id: str) -> None:
        """Start moving the checkout to a backup; answer 202."""
        checkout = await self.features.checkout.get()
        repository = await asyncio.to_thread(checkout.repository, repo_id)
        work = partial(checkout.remove, repo_id)
        operation = self.features.operations.start(
            repo_id, "remove", work, directory=repository.directory
        )
        self.answer(operation, status=202)


class BackupsHandler(HealthHandler):
    """The trees that were moved aside."""

    @web.authenticated
    @authorized("read", "rsp_health:checkout")
    async def get(self, repo_id: str) -> None:
        """Answer with the backups, newest first."""
        checkout = await self.features.checkout.get()
        self.answer(await asyncio.to_thread(checkout.backups, repo_id))


class OperationHandler(HealthHandler):
    """The operation under way, or the last one."""

    @web.authenticated
    @authorized("read", "rsp_health:checkout")
    async def get(self, repo_id: str) -> None:
        """Answer with the operation; 404 if there was none."""
        # Built so that the models are imported, off the loop.
        await self.features.checkout.get()
        self.answer(self.features.operations.get(repo_id))


class CancelHandler(HealthHandler):
    """Cancels the operation under way."""

    @web.authenticated
    @authorized("write", "rsp_health:checkout")
    async def post(self, repo_id: str) -> None:
        """Ask it to stop; answer with it as it is now."""
        await self.features.checkout.get()
        self.answer(self.features.operations.cancel(repo_id), status=202)

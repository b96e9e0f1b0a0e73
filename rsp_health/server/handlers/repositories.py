"""Repositories and their checkouts."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from jupyter_server.auth.decorator import authorized
from tornado import web

from ...errors import ConflictError, NotFoundError
from ..conflicts import KnownConflictError
from ..notebooks.sessions import notebooks_with_kernels
from .base import HealthHandler

if TYPE_CHECKING:
    from ...checkout.models import Inspection, OperationKind, Repository
    from ..jobs.checkout_operations import Work

__all__ = [
    "BackupsHandler",
    "CancelHandler",
    "CheckoutHandler",
    "DifferenceHandler",
    "InspectHandler",
    "OperationHandler",
    "PruneBackupsHandler",
    "RefsHandler",
    "RemoveBackupHandler",
    "RemoveHandler",
    "RepositoriesHandler",
    "ResetHandler",
    "RestoreHandler",
    "UpdatesHandler",
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


class RepositoryHandler(HealthHandler):
    """What the handlers of one repository share."""

    async def inspect(self, repo_id: str, ref: str | None) -> Inspection:
        """Return what a checkout would replace, with the running kernels."""
        from ...checkout.inspect.open_files import besides

        checkout = await self.features.checkout.get()
        inspection = await self.features.ask_upstream(
            partial(checkout.inspect, repo_id, ref=ref)
        )
        directory = await asyncio.to_thread(
            lambda: checkout.directory(repo_id).resolve()
        )
        kernels = await notebooks_with_kernels(
            self.session_manager,
            self.kernel_manager,
            self.features.root,
            directory,
        )
        # A kernel that is told by its notebook is not told by its number too.
        known = [pid for pid in kernels.values() if pid is not None]
        status = self.features.status.peek()
        quota = None if status is None else status.disk_quota
        return inspection.model_copy(
            update={
                "kernels": list(kernels),
                "processes": besides(inspection.processes, known),
                "quota_bytes": quota,
            }
        )

    async def begin(
        self, repo_id: str, kind: OperationKind, work: Work, directory: str
    ) -> None:
        """Start an operation, and answer when it has the place to itself.

        Raises
        ------
        ConflictError
            Raised with code ``locked`` if another process has it. One that
            is found out later is told by the operation, like any failure.
        """
        operation = await asyncio.to_thread(
            self.features.operations.start,
            repo_id,
            kind,
            work,
            directory=directory,
        )
        self.answer(operation, status=202)

    async def unlocked(self, repo_id: str) -> Repository:
        """Return a repository that no process is working on.

        Raises
        ------
        ConflictError
            Raised with code ``locked`` if one is.
        """
        checkout = await self.features.checkout.get()
        repository = await asyncio.to_thread(checkout.repository, repo_id)
        owner = repository.locked_by
        if owner is not None:
            from ...files.locks import locked_by

            raise locked_by(
                f"The folder {repository.directory}",
                pid=owner.pid,
                host=owner.host,
                since=owner.since.timestamp(),
                action=owner.action,
            )
        return repository


class InspectHandler(RepositoryHandler):
    """What a checkout would replace."""

    @web.authenticated
    @authorized("read", "rsp_health:checkout")
    async def post(self, repo_id: str) -> None:
        """Look, and change nothing."""
        await self.features.checkout.get()
        from ...checkout.models import InspectRequest

        request = self.parse(InspectRequest)
        self.answer(await self.inspect(repo_id, request.ref))


class DifferenceHandler(HealthHandler):
    """How a file differs from what was checked out."""

    @web.authenticated
    @authorized("read", "rsp_health:checkout")
    async def get(self, repo_id: str) -> None:
        """Compare it now."""
        checkout = await self.features.checkout.get()
        path = self.get_query_argument("path", "") or ""
        self.answer(
            await asyncio.to_thread(checkout.difference, repo_id, path)
        )


class CheckoutHandler(RepositoryHandler):
    """Checks a repository out."""

    @web.authenticated
    @authorized("write", "rsp_health:checkout")
    async def post(self, repo_id: str) -> None:
        """Start, if the tree still is as it was inspected; answer 202."""
        checkout = await self.features.checkout.get()
        from ...checkout.models import CheckoutRequest
        from ...checkout.repositories import check_ref

        request = self.parse(CheckoutRequest)
        repository = await self.unlocked(repo_id)
        if request.ref is not None:
            check_ref(request.ref)
        work = partial(
            checkout.checkout,
            repo_id,
            fingerprint=request.fingerprint,
            ref=request.ref,
            output_filter=request.output_filter,
        )
        try:
            await self.begin(repo_id, "checkout", work, repository.directory)
        except ConflictError as exc:
            if exc.code != "changed":
                raise
            # Whoever acts on an old list gets the new one.
            raise KnownConflictError(
                exc.message,
                hint=exc.hint,
                code=exc.code,
                inspection=await self.inspect(repo_id, request.ref),
            ) from exc


class RestoreHandler(RepositoryHandler):
    """Brings a backup back."""

    @web.authenticated
    @authorized("write", "rsp_health:checkout")
    async def post(self, repo_id: str) -> None:
        """Start; what stands there now becomes a backup. Answer 202."""
        checkout = await self.features.checkout.get()
        from ...checkout.models import RestoreRequest

        request = self.parse(RestoreRequest)
        repository = await self.unlocked(repo_id)
        known = await asyncio.to_thread(checkout.backups, repo_id)
        if request.backup not in {backup.id for backup in known.backups}:
            raise NotFoundError(
                f"There is no such backup of {repo_id}.",
                hint="Choose one of GET repositories/{id}/backups.",
                code="no_such_backup",
            )
        work = partial(checkout.restore, repo_id, request.backup)
        await self.begin(repo_id, "restore", work, repository.directory)


class RemoveHandler(RepositoryHandler):
    """Takes a checkout away."""

    @web.authenticated
    @authorized("write", "rsp_health:checkout")
    async def post(self, repo_id: str) -> None:
        """Start moving the checkout to a backup; answer 202."""
        checkout = await self.features.checkout.get()
        repository = await self.unlocked(repo_id)
        work = partial(checkout.remove, repo_id)
        await self.begin(repo_id, "remove", work, repository.directory)


class ResetHandler(RepositoryHandler):
    """Puts one file back."""

    @web.authenticated
    @authorized("write", "rsp_health:checkout")
    async def post(self, repo_id: str) -> None:
        """Start; the user's version becomes a backup. Answer 202."""
        checkout = await self.features.checkout.get()
        from ...checkout.models import ResetRequest

        request = self.parse(ResetRequest)
        repository = await self.unlocked(repo_id)
        work = partial(checkout.reset, repo_id, request.path)
        await self.begin(repo_id, "reset", work, repository.directory)


class RefsHandler(HealthHandler):
    """The branches and tags that can be checked out."""

    @web.authenticated
    @authorized("read", "rsp_health:checkout")
    async def get(self, repo_id: str) -> None:
        """Answer with what the repository's server lists."""
        checkout = await self.features.checkout.get()
        ask = partial(checkout.refs, repo_id)
        self.answer(await self.features.ask_upstream(ask))


class UpdatesHandler(HealthHandler):
    """Whether upstream is newer than the checkout."""

    @web.authenticated
    @authorized("read", "rsp_health:checkout")
    async def get(self, repo_id: str) -> None:
        """Answer from memory; upstream is asked every few hours at most.

        With ``refresh=true`` it is asked now.
        """
        checkout = await self.features.checkout.get()
        refresh = self.get_query_argument("refresh", "") == "true"
        ask = partial(checkout.updates, repo_id, refresh=refresh)
        self.answer(await self.features.ask_upstream(ask))


class RemoveBackupHandler(RepositoryHandler):
    """Deletes a backup."""

    @web.authenticated
    @authorized("write", "rsp_health:checkout")
    async def post(self, repo_id: str) -> None:
        """Delete it for good, and answer with those that are left."""
        checkout = await self.features.checkout.get()
        from ...checkout.models import RestoreRequest

        request = self.parse(RestoreRequest)
        left = await asyncio.to_thread(
            checkout.remove_backup, repo_id, request.backup
        )
        self.answer(left)


class PruneBackupsHandler(RepositoryHandler):
    """Deletes backups that are past their time."""

    @web.authenticated
    @authorized("write", "rsp_health:checkout")
    async def post(self, repo_id: str) -> None:
        """Delete the named ones that are expired; answer with the rest."""
        checkout = await self.features.checkout.get()
        from ...checkout.models import PruneRequest

        request = self.parse(PruneRequest)
        left = await asyncio.to_thread(
            checkout.prune_backups, repo_id, request.backups
        )
        self.answer(left)


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

"""The checkout feature: what the menu and the terminal call."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from ..errors import NotFoundError, RSPHealthError
from ..files import to_user_error
from ..git.mirrors import local_folder
from ..git.runner import Git
from ..git.scratch import remove_left_views
from .change.output_filter import refresh
from .difference import file_difference
from .models import (
    BackupList,
    FileDifference,
    Inspection,
    Operation,
    RefList,
    Repository,
    RepositoryList,
    UpdateStatus,
)
from .operations import Checkout, Removal, Reset, Restoration
from .perform import perform
from .preview import take_inspection
from .repositories import check_ref, load_repositories
from .repository_checkout import RepositoryCheckout
from .updates import Updates

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from ..platform.environment import LabEnvironment
    from .change.output_filter import OutputFilter

__all__ = ["CheckoutService"]


class CheckoutService:
    """Checks repositories out, and keeps everything that stood there.

    All methods block; call them off the event loop.

    Parameters
    ----------
    repositories
        ``c.HealthApp.repositories``.
    root
        What JupyterLab shows as ``/``; nothing is written outside it.
    data_dir
        Our own folder.
    environment
        The lab.
    allowed_protocols
        Transports that git may use.
    outputs
        The output filter that checkouts get; `None` offers none.
    """

    def __init__(
        self,
        *,
        repositories: list[dict[str, Any]],
        root: Path,
        data_dir: Path,
        environment: LabEnvironment,
        allowed_protocols: Sequence[str],
        outputs: OutputFilter | None = None,
    ) -> None:
        self._root = root.resolve()
        self._scratch = data_dir / "scratch"
        self._answers = data_dir / "checkouts"
        self._environment = environment
        offer = load_repositories(
            repositories,
            root=self._root,
            data_dir=data_dir,
            environment=environment,
            allowed_protocols=allowed_protocols,
        )
        found = offer.found
        self._refused = offer.refused
        mirrors = [local_folder(item.config.url) for item in found.values()]
        git = Git(
            allowed_protocols=allowed_protocols,
            mirrors=[folder for folder in mirrors if folder is not None],
            scratch=self._scratch,
        )
        self._checkouts = {
            name: RepositoryCheckout(
                repository=item,
                git=git,
                scratch=self._scratch,
                outputs=outputs,
            )
            for name, item in found.items()
        }

    def list(self) -> RepositoryList:
        """Describe every repository that is offered here; runs no git."""
        return RepositoryList(
            root=str(self._root),
            repositories=[
                checkout.describe() for checkout in self._checkouts.values()
            ],
            problems=[
                f"{exc.message} {exc.hint}" for exc in self._refused.values()
            ],
        )

    def repository(self, repo_id: str) -> Repository:
        """Describe one repository.

        Raises
        ------
        rsp_health.errors.NotFoundError
            Raised if it is not offered here.
        """
        return self._find(repo_id).describe()

    def directory(self, repo_id: str) -> Path:
        """Return the absolute path where the checkout is or would be."""
        return self._find(repo_id).path

    def _find(self, repo_id: str) -> RepositoryCheckout:
        try:
            return self._checkouts[repo_id]
        except KeyError:
            if repo_id in self._refused:
                raise self._refused[repo_id] from None
            known = ", ".join(self._checkouts) or "none"
            raise NotFoundError(
                f"There is no repository {repo_id[:64]!r} here.",
                hint=f"Configured for this environment: {known}.",
                code="no_such_repository",
            ) from None

    def refs(self, repo_id: str) -> RefList:
        """List the branches and tags of a repository; asks its server.

        Raises
        ------
        rsp_health.errors.RSPHealthError
            Raised by kind, for example with code ``offline``.
        """
        return Updates(self._find(repo_id), cache=self._answers).refs()

    def updates(self, repo_id: str, *, refresh: bool = False) -> UpdateStatus:
        """Tell whether upstream is newer; asks at most every few hours.

        Raises
        ------
        rsp_health.errors.NotFoundError
            Raised with code ``not_checked_out``. An unreachable server is no
            error: `UpdateStatus.error` tells.
        """
        checkout = self._find(repo_id)
        return Updates(checkout, cache=self._answers).status(refresh=refresh)

    def inspect(
        self, repo_id: str, *, ref: str | None = None, news: bool = True
    ) -> Inspection:
        """List what a checkout would replace, and ask upstream for news.

        Without ``news`` it is asked only if something stands there.

        Raises
        ------
        rsp_health.errors.RSPHealthError
            Raised if the place cannot be used. An unreachable upstream is no
            error: `Inspection.upstream_error` tells.
        """
        item = self._find(repo_id)
        return take_inspection(item, ref=ref, cache=self._answers, news=news)

    def difference(self, repo_id: str, path: str) -> FileDifference:
        """Compare a file with what was checked out; see `.difference`."""
        return file_difference(self._find(repo_id), path)

    def backups(self, repo_id: str) -> BackupList:
        """List the backups of a repository's checkout, newest first."""
        checkout = self._find(repo_id)
        try:
            found = checkout.backups.describe_all()
        except OSError as exc:
            raise to_user_error(exc, "list the backups") from exc
        return BackupList(
            repository=checkout.repository.id,
            backups=found,
            size_bytes=sum(backup.size_bytes or 0 for backup in found),
        )

    def remove_backup(self, repo_id: str, backup_id: str) -> BackupList:
        """Delete a backup for good, and list those that are left.

        Raises
        ------
        rsp_health.errors.NotFoundError
            Raised if there is no such backup.
        """
        self._find(repo_id).delete_backup(backup_id)
        return self.backups(repo_id)

    def prune_backups(
        self, repo_id: str, backups: Sequence[str]
    ) -> BackupList:
        """Delete expired backups for good, and list those that are left.

        Parameters
        ----------
        repo_id
            Which repository.
        backups
            Those that the user agreed to. One that is not expired, or no
            longer there, is passed over: see `.backups.KEPT_AGE`.
        """
        for backup in self.backups(repo_id).backups:
            if backup.expired and backup.id in backups:
                with contextlib.suppress(NotFoundError):
                    self._find(repo_id).delete_backup(backup.id)
        return self.backups(repo_id)

    def checkout(
        self,
        repo_id: str,
        *,
        fingerprint: str | None,
        ref: str | None = None,
        output_filter: bool = True,
        trial: Future[str] | None = None,
        on_progress: Callable[[Operation], None] | None = None,
        cancel: threading.Event | None = None,
        operation_id: str | None = None,
    ) -> Operation:
        """Replace the checkout by a fresh one, and back the old one up.

        Parameters
        ----------
        repo_id
            Which repository.
        fingerprint
            From `inspect`: what the user agreed to replace. `None` accepts
            whatever stands there.
        ref
            Branch, tag or full commit; by default the configured one.
        output_filter
            Whether outputs are to be kept out of what is committed there. If
            that fails, the checkout still succeeds; `Operation.warning` tells.
        trial
            Of the filter's program, if the caller has begun one.
        on_progress
            Told the operation's state as it changes.
        cancel
            Set to stop; possible until the trees are exchanged.
        operation_id
            The operation's id, if the caller has announced one.

        Raises
        ------
        rsp_health.errors.ConflictError
            Raised with code ``changed`` if the tree is no longer what was
            inspected, with ``locked`` if another operation has the place.
        rsp_health.errors.RSPHealthError
            Raised by kind if it failed; the old tree then stands unchanged.
        """
        checkout = self._find(repo_id)
        change = Checkout(
            checkout,
            cancel=cancel,
            ref=checkout.repository.config.ref
            if ref is None
            else check_ref(ref),
            fingerprint=fingerprint,
            by=self._environment.user,
            output_filter=output_filter,
            trial=trial,
        )
        return perform(checkout, "checkout", change, on_progress, operation_id)

    def restore(
        self,
        repo_id: str,
        backup_id: str,
        *,
        on_progress: Callable[[Operation], None] | None = None,
        cancel: threading.Event | None = None,
        operation_id: str | None = None,
    ) -> Operation:
        """Put a backup back; what stands there becomes a backup.

        Raises
        ------
        rsp_health.errors.NotFoundError
            Raised if there is no such backup.
        rsp_health.errors.RSPHealthError
            Raised by kind if it failed; nothing was moved then.
        """
        checkout = self._find(repo_id)
        checkout.backups.find(backup_id)
        change = Restoration(checkout, cancel=cancel, backup_id=backup_id)
        return perform(checkout, "restore", change, on_progress, operation_id)

    def remove(
        self,
        repo_id: str,
        *,
        on_progress: Callable[[Operation], None] | None = None,
        cancel: threading.Event | None = None,
        operation_id: str | None = None,
    ) -> Operation:
        """Move the checkout away; what is the user's becomes a backup.

        Raises
        ------
        rsp_health.errors.NotFoundError
            Raised if nothing is there.
        rsp_health.errors.RSPHealthError
            Raised by kind if it failed; nothing was moved then.
        """
        checkout = self._find(repo_id)
        change = Removal(checkout, cancel=cancel)
        return perform(checkout, "remove", change, on_progress, operation_id)

    def reset(
        self,
        repo_id: str,
        path: str,
        *,
        on_progress: Callable[[Operation], None] | None = None,
        cancel: threading.Event | None = None,
        operation_id: str | None = None,
    ) -> Operation:
        """Put one file back to what was checked out; keep the user's.

        Parameters
        ----------
        repo_id
            Which repository.
        path
            The file's path below the checkout.
        on_progress, cancel, operation_id
            As for `checkout`.

        Raises
        ------
        rsp_health.errors.RSPHealthError
            Raised by kind if it failed; the user's file then stands.
        """
        checkout = self._find(repo_id)
        change = Reset(checkout, cancel=cancel, path=path)
        return perform(checkout, "reset", change, on_progress, operation_id)

    def recover(self) -> bool:
        """Finish or undo what a crash interrupted; skips what is in use.

        Idempotent. For a server's start; each operation does it too.

        Returns
        -------
        bool
            Whether all is well. Else something is in use: perhaps by a lab
            that is gone, which is known a few seconds later.
        """
        done = True
        for item in self._checkouts.values():
            try:
                item.recover()
                refresh(item.outputs, item.path, item.repository.id)
            except RSPHealthError as exc:
                done = done and exc.code != "locked"
            except OSError:
                continue
        remove_left_views(self._scratch)
        return done

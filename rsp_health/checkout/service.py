"""The checkout feature: what the menu and the terminal call."""

from __future__ import annotations

import contextlib
import shutil
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from ..errors import NotFoundError, RSPHealthError
from ..files import failure, free_space
from ..wire import ErrorBody, utc_now
from .git import Git
from .models import (
    BackupList,
    Inspection,
    Operation,
    RefList,
    Repository,
    RepositoryList,
    UpdateStatus,
)
from .operations import Checkout, Removal, Reset, Restoration, perform
from .progress import error_body
from .provenance import accept_settings
from .repositories import check_ref, load_repositories
from .site import Site
from .updates import Updates, remote_commit

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from ..platform.environment import LabEnvironment

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
    instance
        The platform's name for itself, for entries with ``environments``.

    Raises
    ------
    rsp_health.errors.BadInputError
        Raised with code ``bad_config`` if an entry is wrong.
    """

    def __init__(
        self,
        *,
        repositories: list[dict[str, Any]],
        root: Path,
        data_dir: Path,
        environment: LabEnvironment,
        allowed_protocols: Sequence[str],
        instance: str | None = None,
    ) -> None:
        self._root = root.resolve()
        self._scratch = data_dir / "scratch"
        self._answers = data_dir / "checkouts"
        self._environment = environment
        git = Git(allowed_protocols=allowed_protocols)
        self._sites = {
            name: Site(repository=item, git=git, scratch=self._scratch)
            for name, item in load_repositories(
                repositories,
                root=self._root,
                data_dir=data_dir,
                environment=environment,
                allowed_protocols=allowed_protocols,
                instance=instance,
            ).items()
        }

    def list(self) -> RepositoryList:
        """Describe every repository that is offered here; runs no git."""
        return RepositoryList(
            root=str(self._root),
            repositories=[site.describe() for site in self._sites.values()],
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

    def _find(self, repo_id: str) -> Site:
        try:
            return self._sites[repo_id]
        except KeyError:
            known = ", ".join(self._sites) or "none"
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
        site = self._find(repo_id)
        return Updates(site, cache=self._answers).status(refresh=refresh)

    def inspect(self, repo_id: str, *, ref: str | None = None) -> Inspection:
        """List what a checkout would replace, and ask upstream for news.

        Raises
        ------
        rsp_health.errors.RSPHealthError
            Raised if the place cannot be used. An unreachable upstream is no
            error: `Inspection.upstream_error` tells.
        """
        site = self._find(repo_id)
        item = site.repository
        ref = item.config.ref if ref is None else check_ref(ref)
        site.recover()
        with ThreadPoolExecutor(1, "ls-remote") as pool:
            asked = pool.submit(_upstream, site, ref)
            try:
                site.check_place()
                report = site.look()
            except OSError as exc:
                raise failure(exc, f"look at {item.relative}") from exc
            commit, error = asked.result()
        backup = site.backups.new_path() if report.at_risk else None
        return Inspection(
            repository=item.id,
            title=item.config.title,
            ref=ref,
            directory=item.relative,
            state=report.state,
            at_risk=report.at_risk,
            changes=report.changes,
            changes_omitted=report.omitted,
            commits=report.commits,
            stashes=report.stashes,
            branches=report.branches,
            size_bytes=report.size_bytes,
            free_bytes=free_space(item.path).free_bytes,
            ignored_files=report.ignored_files,
            ignored_bytes=report.ignored_bytes,
            backup=None if backup is None else backup.name,
            commit=report.head,
            base_commit=(
                report.record.provenance.commit if report.record else None
            ),
            upstream_commit=commit,
            upstream_error=error,
            fingerprint=report.fingerprint,
        )

    def fingerprint(self, repo_id: str) -> str:
        """Return the fingerprint of what stands there; asks no upstream."""
        site = self._find(repo_id)
        site.recover()
        try:
            site.check_place()
            return site.look().fingerprint
        except OSError as exc:
            doing = f"look at {site.repository.relative}"
            raise failure(exc, doing) from exc

    def backups(self, repo_id: str) -> BackupList:
        """List the backups of a repository's checkout, newest first."""
        site = self._find(repo_id)
        try:
            found = site.backups.describe_all()
        except OSError as exc:
            raise failure(exc, "list the backups") from exc
        return BackupList(
            repository=site.repository.id,
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
        site = self._find(repo_id)
        try:
            with site.place.lock("remove"):
                path = site.backups.find(backup_id)
                site.place.discard(path)
                site.backups.forget(backup_id)
        except OSError as exc:
            raise failure(exc, f"delete the backup {backup_id}") from exc
        return self.backups(repo_id)

    def accept_settings(self, repo_id: str) -> None:
        """Take the checkout's present git settings for ours.

        For whoever installs our output filter right after a checkout: else
        its lines in ``.git/config`` would count as the user's work.
        """
        site = self._find(repo_id)
        try:
            with site.place.lock("checkout"):
                accept_settings(site.path, repo_id)
        except OSError as exc:
            raise failure(exc, "note the settings") from exc

    def checkout(
        self,
        repo_id: str,
        *,
        fingerprint: str | None,
        ref: str | None = None,
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
        site = self._find(repo_id)
        change = Checkout(
            site,
            cancel=cancel,
            ref=site.repository.config.ref if ref is None else check_ref(ref),
            fingerprint=fingerprint,
            by=self._environment.user,
        )
        return perform(site, "checkout", change, on_progress, operation_id)

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
        site = self._find(repo_id)
        site.backups.find(backup_id)
        change = Restoration(site, cancel=cancel, backup_id=backup_id)
        return perform(site, "restore", change, on_progress, operation_id)

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
        site = self._find(repo_id)
        change = Removal(site, cancel=cancel)
        return perform(site, "remove", change, on_progress, operation_id)

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
        site = self._find(repo_id)
        change = Reset(site, cancel=cancel, path=path)
        return perform(site, "reset", change, on_progress, operation_id)

    def recover(self) -> None:
        """Finish or undo what a crash interrupted; skips what is in use.

        Idempotent. For a server's start; each operation does it too.
        """
        for site in self._sites.values():
            with contextlib.suppress(RSPHealthError):
                site.recover()
        with contextlib.suppress(OSError):
            for path in self._scratch.glob("view-*"):
                age = utc_now().timestamp() - path.stat().st_mtime
                if age > 3600:
                    shutil.rmtree(path, ignore_errors=True)


def _upstream(site: Site, ref: str) -> tuple[str | None, ErrorBody | None]:
    try:
        url = site.repository.config.url
        commit = remote_commit(site.git, url, ref)
    except RSPHealthError as exc:
        return None, error_body(exc)
    if commit is None:
        return None, ErrorBody(
            error="no_such_ref",
            message=f"{site.title} has no branch or tag {ref!r}.",
            hint="Choose another ref.",
        )
    return commit, None

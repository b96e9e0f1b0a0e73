"""The checkout feature: what the menu and the terminal call."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..errors import ConflictError, NotFoundError, RSPHealthError
from ..files import FileLock, failure, free_space
from ..wire import ErrorBody
from .backups import Backups
from .clone import remote_commit
from .git import Git
from .inspect import TreeReport, look
from .models import (
    BackupList,
    Inspection,
    LockOwner,
    Operation,
    OperationKind,
    Repository,
    RepositoryList,
)
from .operations import Checkout, Removal, Restoration
from .provenance import read_record
from .repositories import check_ref, load_repositories
from .swap import Place

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from ..platform.environment import LabEnvironment
    from .operations import Change
    from .repositories import ConfiguredRepository

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
        self._environment = environment
        self._git = Git(allowed_protocols=allowed_protocols)
        self._repositories = load_repositories(
            repositories,
            root=self._root,
            data_dir=data_dir,
            environment=environment,
            allowed_protocols=allowed_protocols,
            instance=instance,
        )

    # What there is

    def list(self) -> RepositoryList:
        """Describe every repository that is offered here; runs no git."""
        return RepositoryList(
            root=str(self._root),
            repositories=[
                self._describe(item) for item in self._repositories.values()
            ],
        )

    def repository(self, repo_id: str) -> Repository:
        """Describe one repository.

        Raises
        ------
        rsp_health.errors.NotFoundError
            Raised if it is not offered here.
        """
        return self._describe(self._find(repo_id))

    def directory(self, repo_id: str) -> Path:
        """Return the absolute path where the checkout is or would be."""
        return self._find(repo_id).path

    def _find(self, repo_id: str) -> ConfiguredRepository:
        try:
            return self._repositories[repo_id]
        except KeyError:
            known = ", ".join(self._repositories) or "none"
            raise NotFoundError(
                f"There is no repository {repo_id[:64]!r} here.",
                hint=f"Configured for this environment: {known}.",
                code="no_such_repository",
            ) from None

    def _describe(self, item: ConfiguredRepository) -> Repository:
        record = read_record(item.path)
        ours = record is not None and record.repository == item.id
        exists = os.path.lexists(item.path)
        return Repository(
            id=item.id,
            title=item.config.title,
            url=item.config.url,
            ref=item.config.ref,
            suggested_ref=item.suggested_ref,
            directory=item.relative,
            state="present" if ours else "foreign" if exists else "absent",
            writable=_may_write(item.path.parent),
            provenance=record.provenance if record and ours else None,
            backups=len(self._backups(item).ids()),
            locked_by=_lock_owner(_place(item)),
        )

    def _backups(self, item: ConfiguredRepository) -> Backups:
        return Backups(item, git=self._git, scratch=self._scratch)

    # Looking

    def inspect(self, repo_id: str, *, ref: str | None = None) -> Inspection:
        """List what a checkout would replace, and ask upstream for news.

        Raises
        ------
        rsp_health.errors.RSPHealthError
            Raised if the place cannot be used. An unreachable upstream is no
            error: `Inspection.upstream_error` tells.
        """
        item = self._find(repo_id)
        ref = item.config.ref if ref is None else check_ref(ref)
        self._recover(item)
        _refuse_what_is_no_folder(item)
        with ThreadPoolExecutor(1, "ls-remote") as pool:
            asked = pool.submit(self._upstream, item, ref)
            try:
                report = self._look(item)
            except OSError as exc:
                raise failure(exc, f"look at {item.relative}") from exc
            commit, error = asked.result()
        backup = self._backups(item).new_path() if report.at_risk else None
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
        item = self._find(repo_id)
        self._recover(item)
        _refuse_what_is_no_folder(item)
        try:
            return self._look(item).fingerprint
        except OSError as exc:
            raise failure(exc, f"look at {item.relative}") from exc

    def _look(self, item: ConfiguredRepository) -> TreeReport:
        return look(
            item.path,
            repository=item.id,
            git=self._git,
            scratch=self._scratch,
        )

    def _upstream(
        self, item: ConfiguredRepository, ref: str
    ) -> tuple[str | None, ErrorBody | None]:
        try:
            commit = remote_commit(self._git, item.config.url, ref)
        except RSPHealthError as exc:
            return None, _body(exc)
        if commit is None:
            return None, ErrorBody(
                error="no_such_ref",
                message=f"{item.config.title} has no branch or tag {ref!r}.",
                hint="Choose another ref.",
            )
        return commit, None

    def backups(self, repo_id: str) -> BackupList:
        """List the backups of a repository's checkout, newest first."""
        item = self._find(repo_id)
        try:
            found = self._backups(item).list()
        except OSError as exc:
            raise failure(exc, "list the backups") from exc
        return BackupList(repository=item.id, backups=found)

    # Changing

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
        item = self._find(repo_id)
        ref = item.config.ref if ref is None else check_ref(ref)
        change = Checkout(
            item,
            git=self._git,
            backups=self._backups(item),
            place=_place(item),
            look=lambda: self._look(item),
            scratch=self._scratch,
            ref=ref,
            fingerprint=fingerprint,
            by=self._environment.user,
            cancel=cancel,
        )
        return self._change(
            item, "checkout", change, on_progress, operation_id
        )

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
        item = self._find(repo_id)
        backups = self._backups(item)
        backups.find(backup_id)
        change = Restoration(
            item,
            git=self._git,
            backups=backups,
            place=_place(item),
            look=lambda: self._look(item),
            scratch=self._scratch,
            cancel=cancel,
            backup_id=backup_id,
        )
        return self._change(item, "restore", change, on_progress, operation_id)

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
        item = self._find(repo_id)
        change = Removal(
            item,
            git=self._git,
            backups=self._backups(item),
            place=_place(item),
            look=lambda: self._look(item),
            scratch=self._scratch,
            cancel=cancel,
        )
        return self._change(item, "remove", change, on_progress, operation_id)

    def recover(self) -> None:
        """Finish or undo what a crash interrupted; skips what is in use.

        Idempotent. Call it when a server starts; each operation does it too.
        """
        for item in self._repositories.values():
            with contextlib.suppress(RSPHealthError):
                self._recover(item)
        with contextlib.suppress(OSError):
            for path in self._scratch.glob("view-*"):
                age = datetime.now(tz=UTC).timestamp() - path.stat().st_mtime
                if age > 3600:
                    shutil.rmtree(path, ignore_errors=True)

    def _recover(self, item: ConfiguredRepository) -> None:
        place = _place(item)
        if not place.needs_recovery:
            return
        try:
            with place.lock("recover"):
                place.recover()
        except OSError as exc:
            raise failure(exc, f"recover {item.relative}") from exc

    def _change(
        self,
        item: ConfiguredRepository,
        kind: OperationKind,
        change: Change,
        on_progress: Callable[[Operation], None] | None,
        operation_id: str | None,
    ) -> Operation:
        operation = Operation(
            id=operation_id or secrets.token_hex(8),
            kind=kind,
            repository=item.id,
            state="running",
            phase="Starting",
            directory=item.relative,
        )

        def tell(**update: Any) -> None:
            nonlocal operation
            operation = operation.model_copy(update=update)
            if on_progress is not None:
                on_progress(operation)

        doing = f"{kind} {item.config.title}"
        if kind == "checkout":
            doing = f"check out {item.config.title}"
        tell()
        try:
            _refuse_what_is_no_folder(item)
            try:
                with _place(item).lock(kind) as lock:
                    change.run(lock, tell)
            except OSError as exc:
                raise failure(exc, doing) from exc
        except RSPHealthError as exc:
            if exc.code == "locked":
                exc.message = f"Cannot {doing}. {exc.message}"
            if exc.code == "cancelled":
                tell(state="cancelled", phase="Cancelled", percent=None)
                return operation
            tell(state="failed", phase="Failed", error=_body(exc))
            raise
        except BaseException:
            tell(state="failed", phase="Failed")
            raise
        tell(state="done", phase="Done", percent=100.0)
        return operation


def _place(item: ConfiguredRepository) -> Place:
    return Place(item.path, item.work_area)


def _body(exc: RSPHealthError) -> ErrorBody:
    return ErrorBody(error=exc.code, message=exc.message, hint=exc.hint)


def _may_write(path: Path) -> bool:
    while not path.exists() and path != path.parent:
        path = path.parent
    return path.is_dir() and os.access(path, os.W_OK | os.X_OK)


def _lock_owner(place: Place) -> LockOwner | None:
    owner = FileLock.holder(place.lock_path)
    if owner is None:
        return None
    kinds: dict[str, OperationKind] = {
        "checkout": "checkout",
        "restore": "restore",
        "remove": "remove",
        "reset": "reset",
    }
    return LockOwner(
        host=owner.host,
        pid=owner.pid,
        since=datetime.fromtimestamp(owner.since, tz=UTC),
        action=kinds.get(owner.action, "checkout"),
    )


def _refuse_what_is_no_folder(item: ConfiguredRepository) -> None:
    path = item.path
    if path.is_symlink():
        what = "a symbolic link"
    elif path.exists() and not path.is_dir():
        what = "a file"
    else:
        return
    raise ConflictError(
        f"Where {item.config.title} belongs, {item.relative}, stands {what}.",
        hint="Rename or remove it, and try again.",
        code="not_a_folder",
    )

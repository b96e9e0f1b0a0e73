"""One repository's checkout here, with everything that works on it."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING

from ..errors import ConflictError
from ..files import FileLock, finish_swap, locked, to_user_error
from .change.backups import Backups
from .change.exchange import CheckoutSlot
from .inspect.open_files import CAN_TELL, occupants
from .inspect.provenance import read_record
from .inspect.survey import time_stamps
from .inspect.tree_report import look
from .models import LockOwner, OperationKind, Repository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ..git.runner import Git
    from .change.output_filter import OutputFilter
    from .inspect.tree_report import TreeReport
    from .repositories import ConfiguredRepository

__all__ = ["RepositoryCheckout"]

_KINDS: dict[str, OperationKind] = {
    "checkout": "checkout",
    "restore": "restore",
    "remove": "remove",
    "reset": "reset",
}


@dataclass(kw_only=True)
class RepositoryCheckout:
    """A configured repository, and what stands at its place.

    Parameters
    ----------
    repository
        The operator's entry.
    git
        Runs git.
    scratch
        Folder for fresh git directories.
    outputs
        Our output filter; without it none is offered.
    """

    repository: ConfiguredRepository
    git: Git
    scratch: Path
    outputs: OutputFilter | None = None

    @property
    def path(self) -> Path:
        """Where the checkout is or would be."""
        return self.repository.path

    @property
    def title(self) -> str:
        """What users call it."""
        return self.repository.config.title

    @cached_property
    def slot(self) -> CheckoutSlot:
        """Does the exchange."""
        return CheckoutSlot(self.path, self.repository.work_area)

    @cached_property
    def backups(self) -> Backups:
        """The trees that were moved aside."""
        return Backups(self.repository, git=self.git, scratch=self.scratch)

    def judge(self, ask: Callable[[], dict[str, str]]) -> TreeReport:
        """Report what stands here, and ask the server where that matters.

        Parameters
        ----------
        ask
            Returns the server's references; none if it does not answer.
        """
        report = self.look()
        if report.record and report.has_history:
            upstream = ask()
            if upstream:
                report = self.look(upstream=upstream)
        return report

    def look(
        self,
        tree: Path | None = None,
        *,
        thorough: bool = False,
        upstream: dict[str, str] | None = None,
    ) -> TreeReport:
        """Report what stands here, or in a backup; see `.inspect.look`.

        With who works in it: a folder is not deleted under a process. A
        thorough look asks before it reads, too. Whoever could write before
        that is either still there, or had written all when it was read; and
        what changed while it was read says so by its times.
        """
        tree = self.path if tree is None else tree
        before = occupants(tree) if thorough else []
        times = time_stamps(tree) if thorough else ""
        report = look(
            tree,
            repository=self.repository.id,
            git=self.git,
            scratch=self.scratch,
            thorough=thorough,
            upstream=upstream,
        )
        if report.state != "absent":
            now = occupants(tree)
            report.processes = [*now, *(set(before) - set(now))]
        if thorough:
            report.is_moving = time_stamps(tree) != times or not CAN_TELL
        return report

    def recover(self) -> None:
        """Finish or undo what a crash interrupted.

        Raises
        ------
        rsp_health.errors.RSPHealthError
            Raised if it is in use, or the file system refused.
        """
        self._check_ground()
        try:
            if not self.slot.needs_recovery and not self.backups.half_done():
                return
            with self.slot.lock("recover"):
                self.recover_locked()
        except OSError as exc:
            doing = f"recover {self.repository.relative}"
            raise to_user_error(exc, doing) from exc

    def delete_backup(self, backup_id: str) -> None:
        """Delete a backup for good.

        Raises
        ------
        rsp_health.errors.NotFoundError
            Raised if there is no such backup.
        rsp_health.errors.RSPHealthError
            Raised if another operation has the place, or it cannot be
            deleted.
        """
        try:
            with self._deletion_lock():
                path = self.backups.find(backup_id)
                self.slot.discard(path)
                self.backups.forget(backup_id)
        except OSError as exc:
            raise to_user_error(exc, f"delete the backup {backup_id}") from exc

    @contextlib.contextmanager
    def _deletion_lock(self) -> Iterator[None]:
        """Hold the lock, or do without where the disk is too full for it.

        Deleting a backup begins with one rename, which another operation
        either finds done or does first. Refusing it for want of space would
        leave the user no way to make some.

        Raises
        ------
        rsp_health.errors.ConflictError
            Raised with code ``locked`` if another operation has the place.
        OSError
            Raised if the lock cannot be taken for another reason.
        """
        lock = self.slot.lock("remove")
        try:
            lock.acquire()
        except OSError as exc:
            owner = FileLock.holder(lock.path)
            if owner is not None:
                raise locked(owner, lock.what) from exc
            if exc.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
        try:
            yield
        finally:
            lock.release()

    def recover_locked(self) -> None:
        """Do what `recover` does; the lock must be held.

        Raises
        ------
        OSError
            Raised if the file system refused; the next call tries again.
        """
        self.slot.recover()
        for backup, name in self.backups.half_done():
            target = self.path / name
            if target.parent.is_dir() and not target.parent.is_symlink():
                finish_swap(backup / name, target)

    def check_slot(self) -> None:
        """Refuse a place that holds neither a folder nor nothing.

        Raises
        ------
        rsp_health.errors.ConflictError
            Raised with code ``not_a_folder``.
        OSError
            Raised if the file system does not answer.
        """
        self._check_ground()
        try:
            mode = os.lstat(self.path).st_mode
        except FileNotFoundError:
            return
        if stat.S_ISDIR(mode):
            return
        what = "a symbolic link" if stat.S_ISLNK(mode) else "a file"
        raise ConflictError(
            f"Where {self.title} belongs, {self.repository.relative}, stands"
            f" {what}.",
            hint="Rename or remove it, and try again.",
            code="not_a_folder",
        )

    def _check_ground(self) -> None:
        """Refuse links that would lead our writes elsewhere.

        Raises
        ------
        rsp_health.errors.ConflictError
            Raised with code ``not_a_folder``.
        """
        linked = self._link_on_the_way()
        if linked is not None:
            shown = os.path.relpath(linked, self.repository.root)
            raise ConflictError(
                f"{shown} is a symbolic link, or lies behind one.",
                hint="Remove the link, and try again.",
                code="not_a_folder",
            )

    def _link_on_the_way(self) -> Path | None:
        area = self.repository.work_area
        folders = [
            area,
            *(area / name for name in ("backups", "journal", "locks")),
        ]
        linked = next((f for f in folders if f.is_symlink()), None)
        if self.path.parent.resolve() != self.path.parent:
            linked = self.path.parent
        return linked

    def describe(self) -> Repository:
        """Describe the repository and its checkout; runs no git.

        Raises
        ------
        rsp_health.errors.EnvironmentFailureError
            Raised if the file system does not answer.
        """
        try:
            return self._describe()
        except OSError as exc:
            doing = f"look at {self.repository.relative}"
            raise to_user_error(exc, doing) from exc

    def _describe(self) -> Repository:
        config = self.repository.config
        known = partial(
            Repository,
            id=config.id,
            title=config.title,
            url=config.url,
            ref=config.ref,
            suggested_ref=self.repository.suggested_ref,
            directory=self.repository.relative,
        )
        if self._link_on_the_way() is not None:
            # Nothing behind the link is looked at; an attempt to check out
            # says what is in the way.
            return known(state="foreign", writable=False)
        record = read_record(self.path)
        ours = record is not None and record.repository == config.id
        exists = os.path.lexists(self.path)
        return known(
            state="present" if ours else "foreign" if exists else "absent",
            writable=_may_write(self.path.parent),
            provenance=record.provenance if record and ours else None,
            output_filter=self.has_filter() if ours else None,
            backups=len(self.backups.ids()),
            locked_by=self._lock_owner(),
        )

    def has_filter(self) -> bool | None:
        """Whether our output filter is on; `None` if that is not offered."""
        if self.outputs is None:
            return None
        return self.outputs.is_bound(self.path)

    def _lock_owner(self) -> LockOwner | None:
        """Return who else works here; what we do is told as an operation."""
        owner = FileLock.holder(self.slot.lock_path)
        if owner is None or owner.is_this_process:
            return None
        return LockOwner(
            host=owner.process.host,
            pid=owner.process.pid,
            since=datetime.fromtimestamp(owner.since, tz=UTC),
            action=_KINDS.get(owner.action, "checkout"),
        )


def _may_write(path: Path) -> bool:
    while not path.exists() and path != path.parent:
        path = path.parent
    return path.is_dir() and os.access(path, os.W_OK | os.X_OK)

"""The changes to a checkout, each under the place's lock."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Protocol

from ..errors import ConflictError, NotFoundError, RSPHealthError
from ..files import locked
from .clone import check_space, clone, remote_commit
from .git import CancelledError, Progress
from .inspect import TreeReport, look
from .swap import remove_tree

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from pathlib import Path

    from ..files import FileLock
    from .backups import Backups
    from .git import Git
    from .repositories import ConfiguredRepository
    from .swap import Place

__all__ = ["Change", "Checkout", "Removal", "Restoration"]

#: Git's phases, and where in the whole (percent) each begins and ends.
_SPANS = {
    "Counting objects": (0.0, 4.0),
    "Compressing objects": (4.0, 8.0),
    "Receiving objects": (8.0, 65.0),
    "Resolving deltas": (65.0, 75.0),
    "Updating files": (75.0, 92.0),
}
_VERIFIED = 94.0


class Tell(Protocol):
    """Updates fields of the running `.models.Operation`."""

    def __call__(self, **update: object) -> None: ...


class Change(ABC):
    """One change to one checkout.

    Parameters
    ----------
    repository
        What is changed.
    git
        Runs git.
    backups
        Names and describes the trees that are moved aside.
    place
        Does the exchange.
    look
        Reports what stands there now.
    scratch
        For looking.
    cancel
        Set by another thread to stop.
    """

    def __init__(
        self,
        repository: ConfiguredRepository,
        *,
        git: Git,
        backups: Backups,
        place: Place,
        look: Callable[[], TreeReport],
        scratch: Path,
        cancel: threading.Event | None,
    ) -> None:
        self.repository = repository
        self.git = git
        self.backups = backups
        self.place = place
        self.look = look
        self.scratch = scratch
        self.cancel = cancel

    @abstractmethod
    def run(self, lock: FileLock, tell: Tell) -> None:
        """Do it. The lock is held; its loss stops what is final.

        Raises
        ------
        OSError, rsp_health.errors.RSPHealthError
            Raised if it failed; what is the user's then stands as before.
        """

    def stop_if_cancelled(self) -> None:
        """Raise if the user asked to stop."""
        if self.cancel is not None and self.cancel.is_set():
            raise CancelledError(
                "The operation was cancelled.", hint="Nothing was changed."
            )

    def exchange(
        self, kind: str, lock: FileLock, *, source: Path | None, old: bool
    ) -> Path | None:
        """Exchange, and return where the old tree went."""

        def check() -> None:
            self.stop_if_cancelled()
            if not lock.is_held():
                raise locked(None)

        backup = self.backups.new_path() if old else None
        self.place.exchange(kind, source=source, backup=backup, check=check)
        return backup

    def settle(self, backup: Path | None, *, at_risk: bool) -> str | None:
        """Keep a moved tree as a backup, or delete it if nobody misses it.

        A tree that seemed unchanged is read again, file by file, now that
        nobody can save into it through its old name.

        Returns
        -------
        str | None
            The id of the backup, if it is kept.
        """
        if backup is None:
            return None
        backup_id = self.backups.id_of(backup)
        with contextlib.suppress(OSError, RSPHealthError):
            report = look(
                backup,
                repository=self.repository.id,
                git=self.git,
                scratch=self.scratch,
                thorough=not at_risk,
            )
            if not at_risk and not report.at_risk:
                self.place.discard(backup)
                return None
            self.backups.note(backup_id, report)
        return backup_id if backup.exists() else None


class Checkout(Change):
    """Replaces the checkout by a fresh clone."""

    def __init__(
        self,
        repository: ConfiguredRepository,
        *,
        git: Git,
        backups: Backups,
        place: Place,
        look: Callable[[], TreeReport],
        scratch: Path,
        cancel: threading.Event | None,
        ref: str,
        fingerprint: str | None,
        by: str | None,
    ) -> None:
        super().__init__(
            repository,
            git=git,
            backups=backups,
            place=place,
            look=look,
            scratch=scratch,
            cancel=cancel,
        )
        self._ref = ref
        self._fingerprint = fingerprint
        self._by = by

    def run(self, lock: FileLock, tell: Tell) -> None:
        """Look, clone beside, exchange, and settle what stood there."""
        self.place.recover()
        tell(phase="Looking at what is there")
        report = self.look()
        if self._fingerprint not in (None, report.fingerprint):
            raise ConflictError(
                f"{self.repository.relative} has changed since it was"
                " inspected.",
                hint="Look at the new list, and confirm again.",
                code="changed",
            )
        if self._is_current(report):
            tell(up_to_date=True, commit=report.head)
            return
        check_space(self.place.parent, report.size_bytes or 0, report.files)
        temporary = self.place.make_temporary()
        try:
            tree = temporary / "tree"
            record = clone(
                self.repository,
                self._ref,
                tree,
                git=self.git,
                by=self._by,
                cancel=self.cancel,
                on_progress=_scaled(tell),
            )
            tell(phase="Exchanging", percent=_VERIFIED)
            backup = self.exchange(
                "checkout", lock, source=tree, old=report.state != "absent"
            )
        finally:
            with contextlib.suppress(OSError):
                remove_tree(temporary)
        tell(commit=record.provenance.commit, phase="Keeping the old files")
        tell(backup=self.settle(backup, at_risk=report.at_risk))

    def _is_current(self, report: TreeReport) -> bool:
        """Whether the checkout is, unchanged, what upstream has now."""
        record = report.record
        if report.at_risk or record is None:
            return False
        provenance = record.provenance
        if (provenance.ref, provenance.url, provenance.commit) != (
            self._ref,
            self.repository.config.url,
            report.head,
        ):
            return False
        commit = remote_commit(self.git, provenance.url, self._ref)
        return commit == report.head


def _scaled(tell: Tell) -> Callable[[Progress], None]:
    """Turn git's phases into one bar that only moves forward."""
    reached = 0.0
    phase = ""

    def on_progress(progress: Progress) -> None:
        nonlocal reached, phase
        begin, end = _SPANS.get(progress.phase, (reached, reached))
        percent = begin + (end - begin) * progress.percent / 100
        if percent < reached + 1 and progress.phase == phase:
            return
        reached, phase = max(reached, percent), progress.phase
        tell(phase=phase, percent=round(reached, 1))

    return on_progress


class Removal(Change):
    """Moves the checkout away."""

    def run(self, lock: FileLock, tell: Tell) -> None:
        """Look, rename, and settle."""
        self.place.recover()
        tell(phase="Looking at what is there")
        report = self.look()
        if report.state == "absent":
            raise NotFoundError(
                f"{self.repository.config.title} is not checked out.",
                hint="Nothing needs to be removed.",
                code="not_checked_out",
            )
        backup = self.exchange("remove", lock, source=None, old=True)
        tell(backup=self.settle(backup, at_risk=report.at_risk))


class Restoration(Change):
    """Puts a backup back."""

    def __init__(
        self,
        repository: ConfiguredRepository,
        *,
        git: Git,
        backups: Backups,
        place: Place,
        look: Callable[[], TreeReport],
        scratch: Path,
        cancel: threading.Event | None,
        backup_id: str,
    ) -> None:
        super().__init__(
            repository,
            git=git,
            backups=backups,
            place=place,
            look=look,
            scratch=scratch,
            cancel=cancel,
        )
        self._backup_id = backup_id

    def run(self, lock: FileLock, tell: Tell) -> None:
        """Look, rename both, and settle what stood there."""
        self.place.recover()
        source = self.backups.find(self._backup_id)
        tell(phase="Looking at what is there")
        report = self.look()
        backup = self.exchange(
            "restore", lock, source=source, old=report.state != "absent"
        )
        self.backups.forget(self._backup_id)
        restored = self.look()
        tell(commit=restored.head, phase="Keeping the old files")
        tell(backup=self.settle(backup, at_risk=report.at_risk))

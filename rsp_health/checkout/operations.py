"""The changes to a checkout, each under the checkout's lock."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from ..errors import ConflictError, NotFoundError, RSPHealthError
from ..files import locked
from ..git.runner import CancelledError
from .change.clone import check_space, clone, is_commit, may_be_commit
from .change.exchange import remove_tree
from .change.output_filter import apply_choice, renew
from .inspect.changes import shown
from .models import LOOKING
from .progress import ReportProgress, scaled
from .reset import reset_file, restore_files
from .updates import chosen, chosen_name, remote_commit, remote_refs

if TYPE_CHECKING:
    import threading
    from concurrent.futures import Future
    from pathlib import Path

    from ..files import FileLock
    from ..wire import ErrorBody
    from .inspect.tree_report import TreeReport
    from .repository_checkout import RepositoryCheckout

__all__ = [
    "Checkout",
    "CheckoutOperation",
    "Removal",
    "Reset",
    "Restoration",
]

_VERIFIED = 94.0
"""Percent of a checkout that are done when its clone is verified."""


class CheckoutOperation(ABC):
    """One change to one checkout.

    Parameters
    ----------
    checkout
        What is changed.
    cancel
        Set by another thread to stop.
    """

    def __init__(
        self, checkout: RepositoryCheckout, *, cancel: threading.Event | None
    ) -> None:
        self.checkout = checkout
        self.cancel = cancel
        #: What the server has, once it was asked.
        self._upstream: dict[str, str] | None = None

    def upstream(self) -> dict[str, str]:
        """Return what the server has; nothing if it does not answer."""
        if self._upstream is None:
            try:
                url = self.checkout.repository.config.url
                self._upstream = remote_refs(self.checkout.git, url)
            except RSPHealthError:
                self._upstream = {}
        return self._upstream

    @abstractmethod
    def run(self, lock: FileLock, report_progress: ReportProgress) -> None:
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

        backup = self.checkout.backups.new_path() if old else None
        self.checkout.slot.exchange(
            kind, source=source, backup=backup, check=check
        )
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
        backup_id = self.checkout.backups.id_of(backup)
        with contextlib.suppress(OSError, RSPHealthError):
            report = self.checkout.look(
                backup, thorough=not at_risk, upstream=self._upstream
            )
            if not at_risk and not report.at_risk:
                self.checkout.slot.discard(backup)
                return None
            self.checkout.backups.note(backup_id, report)
        return backup_id if backup.exists() else None


class Checkout(CheckoutOperation):
    """Replaces the checkout by a fresh clone."""

    def __init__(
        self,
        checkout: RepositoryCheckout,
        *,
        cancel: threading.Event | None,
        ref: str,
        fingerprint: str | None,
        by: str | None,
        output_filter: bool,
        trial: Future[str] | None = None,
    ) -> None:
        super().__init__(checkout, cancel=cancel)
        self._output_filter = output_filter
        self._trial = trial
        self._ref = ref
        self._fingerprint = fingerprint
        self._by = by

    def run(self, lock: FileLock, report_progress: ReportProgress) -> None:
        """Look, clone beside, exchange, and settle what stood there."""
        self.checkout.recover_locked()
        report_progress(phase=LOOKING)
        report = self.checkout.judge(self.upstream)
        self._refuse_changed(report, self._fingerprint)
        report_progress(phase="Asking upstream")
        fixed = self._find_commit(report)
        if self._is_current(report):
            warning = self._set_filter(self.checkout.path, self._trial)
            report_progress(
                up_to_date=True, commit=report.head, warning=warning
            )
            return
        # What stands there is only renamed; what comes is about as large, but
        # for the user's own files. The clone looks again, when it knows.
        theirs = sum(change.size_bytes or 0 for change in report.changes)
        coming = max((report.size_bytes or 0) - theirs, 0)
        check_space(self.checkout.slot.parent, coming // 2, report.files // 2)
        temporary = self.checkout.slot.make_temporary()
        outputs = self.checkout.outputs if self._output_filter else None
        trial = self._trial
        if outputs is not None and trial is None:
            trial = outputs.begin_trial()
        try:
            tree = temporary / "tree"
            record = clone(
                self.checkout.repository,
                self._ref,
                tree,
                git=self.checkout.git,
                by=self._by,
                fixed=fixed,
                cancel=self.cancel,
                on_progress=scaled(report_progress),
            )
            # Before the exchange, so that no commit comes before it.
            report_progress(warning=self._set_filter(tree, trial))
            if self._fingerprint is not None:
                # A clone takes its time, and the user may have gone on
                # working: what nobody was asked about is not replaced.
                report = self.checkout.judge(self.upstream)
                self._refuse_changed(report, self._fingerprint)
            report_progress(phase="Exchanging", percent=_VERIFIED)
            backup = self.exchange(
                "checkout", lock, source=tree, old=report.state != "absent"
            )
        finally:
            with contextlib.suppress(OSError):
                remove_tree(temporary)
        report_progress(
            commit=record.provenance.commit, phase="Keeping the old files"
        )
        report_progress(backup=self.settle(backup, at_risk=report.at_risk))

    def _refuse_changed(
        self, report: TreeReport, fingerprint: str | None
    ) -> None:
        if fingerprint not in (None, report.fingerprint):
            raise ConflictError(
                f"{self.checkout.repository.relative} has changed since it was"
                " inspected.",
                hint="Look at the new list, and confirm again.",
                code="changed",
            )

    def _find_commit(self, report: TreeReport) -> bool:
        """Tell whether a commit is asked for; by its full name, if known.

        A branch or tag of that name is meant first.
        """
        if is_commit(self._ref):
            return True
        if not may_be_commit(self._ref):
            return False
        refs = self.upstream()
        if not chosen_name(refs, self._ref):
            also = [] if report.record is None else [report.head]
            self._ref = chosen(refs, self._ref, also) or self._ref
            return True
        return False

    def _set_filter(
        self, tree: Path, trial: Future[str] | None = None
    ) -> ErrorBody | None:
        return apply_choice(
            self.checkout.outputs,
            tree,
            self.checkout.repository.id,
            wanted=self._output_filter,
            trial=trial,
        )

    def _is_current(self, report: TreeReport) -> bool:
        """Whether the checkout is, unchanged, what upstream has now."""
        record = report.record
        if report.at_risk or record is None:
            return False
        subset = self.checkout.repository.config.subset
        if record.subset != (None if subset is None else tuple(subset)):
            return False
        provenance = record.provenance
        if (provenance.ref, provenance.url, provenance.commit) != (
            self._ref,
            self.checkout.repository.config.url,
            report.head,
        ):
            return False
        commit = remote_commit(self.checkout.git, provenance.url, self._ref)
        return commit == report.head


class Removal(CheckoutOperation):
    """Moves the checkout away."""

    def run(self, lock: FileLock, report_progress: ReportProgress) -> None:
        """Look, rename, and settle."""
        self.checkout.recover_locked()
        report_progress(phase=LOOKING)
        report = self.checkout.look()
        if report.state == "absent":
            raise NotFoundError(
                f"{self.checkout.repository.config.title} is not checked out.",
                hint="Nothing needs to be removed.",
                code="not_checked_out",
            )
        report_progress(phase="Exchanging")
        backup = self.exchange("remove", lock, source=None, old=True)
        # Kept even if unchanged: a removal can be undone.
        report_progress(backup=self.settle(backup, at_risk=True))


class Restoration(CheckoutOperation):
    """Puts a backup back."""

    def __init__(
        self,
        checkout: RepositoryCheckout,
        *,
        cancel: threading.Event | None,
        backup_id: str,
    ) -> None:
        super().__init__(checkout, cancel=cancel)
        self._backup_id = backup_id

    def run(self, lock: FileLock, report_progress: ReportProgress) -> None:
        """Look, rename both, and settle what stood there."""
        self.checkout.recover_locked()
        source = self.checkout.backups.find(self._backup_id)
        names = self.checkout.backups.files_in(source)
        if names is not None:
            report_progress(phase="Restoring the files")
            report_progress(backup=restore_files(self.checkout, source, names))
            return
        report_progress(phase=LOOKING)
        report = self.checkout.look()
        report_progress(phase="Exchanging")
        backup = self.exchange(
            "restore", lock, source=source, old=report.state != "absent"
        )
        self.checkout.backups.forget(self._backup_id)
        # A backup may be older than the lab's image, whose program it names.
        warning = renew(
            self.checkout.outputs,
            self.checkout.path,
            self.checkout.repository.id,
        )
        restored = self.checkout.look()
        report_progress(
            commit=restored.head,
            warning=warning,
            phase="Keeping the old files",
        )
        report_progress(backup=self.settle(backup, at_risk=report.at_risk))


class Reset(CheckoutOperation):
    """Resets one file to what was checked out."""

    def __init__(
        self,
        checkout: RepositoryCheckout,
        *,
        cancel: threading.Event | None,
        path: str,
    ) -> None:
        super().__init__(checkout, cancel=cancel)
        self._path = path

    def run(self, lock: FileLock, report_progress: ReportProgress) -> None:
        """Swap the file with its original, which becomes the backup."""
        self.checkout.recover_locked()
        report_progress(phase="Resetting the file", path=shown(self._path))
        self.stop_if_cancelled()
        if not lock.is_held():
            raise locked(None)
        done = reset_file(self.checkout, self._path)
        report_progress(
            commit=done.commit,
            backup=done.backup,
            up_to_date=done.was_original,
        )

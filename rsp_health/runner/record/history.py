"""The runs that were: one folder each, newest first, until pruned."""

from __future__ import annotations

import contextlib
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from ...errors import UnreadableFileError
from ...files import safe_read
from ..models import RunDocument, RunSummary
from ..run_ids import valid_run_id
from ..timings.lookup import Timings
from ..timings.store import TimingStore
from .index import IndexedRun, RunIndex
from .run_document import is_under_way, read_document
from .run_folder import (
    RunFolder,
    index_of,
    mark_of,
    summarise,
    timings_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "KEEP_BYTES",
    "KEEP_RUNS",
    "History",
]

#: Retention unless the user says otherwise.
KEEP_RUNS = 10_000
KEEP_BYTES = 5 * 1024**3
#: Bytes of a summary, which is one line.
_SUMMARY_BYTES = 65_536
#: Newest runs whose times are learnt from their records if they are not noted.
_LEARNED = 50


class History:
    """All runs of a data folder.

    Parameters
    ----------
    data_dir
        The data folder; it need not exist.
    """

    def __init__(self, data_dir: Path) -> None:
        self._runs = data_dir / "runs"
        self._active = self._runs / ".active"
        self._index = RunIndex(index_of(self._runs))
        self._timings = TimingStore(timings_of(self._runs))

    def ids(self) -> list[str]:
        """Return the ids of all runs, newest first."""
        try:
            names = [entry.name for entry in os.scandir(self._runs)]
        except OSError:
            return []
        return sorted(filter(valid_run_id, names), reverse=True)

    def folder(self, run_id: str) -> RunFolder:
        """Return the folder of a run; it need not exist."""
        return RunFolder(self._runs / run_id)

    def document(self, run_id: str) -> RunDocument | None:
        """Return a run's document; `None` if there is no such run.

        If its record cannot be read, its state is ``unreadable``.
        """
        if not valid_run_id(run_id):
            return None
        try:
            document = read_document(self.folder(run_id).record)
        except UnreadableFileError as exc:
            return _unreadable(run_id, exc)
        if document is not None:
            # Whatever it says: it is the folder that is listed and removed.
            document.run_id = run_id
        return document

    def summary(self, run_id: str) -> RunSummary | None:
        """Return a run's line, from its summary if it has one."""
        folder = self.folder(run_id)
        try:
            data = safe_read(folder.summary, limit=_SUMMARY_BYTES)
            summary = RunSummary.model_validate_json(data)
        except (UnreadableFileError, ValueError):
            pass
        else:
            if folder.says(summary):
                return summary
        document = self.document(run_id)
        if document is None:
            return None
        if document.state == "interrupted":
            # Nobody else will write it, and reading a record costs.
            folder.write_summary(document)
        return summarise(document)

    def summaries(self) -> Iterator[RunSummary]:
        """Yield the lines of all runs, newest first."""
        known = self._index.read()
        missed = []
        try:
            runs = str(self._runs)
            for run_id in self.ids():
                record = mark_of(runs, run_id)
                indexed = known.get(run_id)
                if indexed is not None and indexed.record == record:
                    yield indexed.run
                    continue
                if indexed is not None:
                    # What was kept of the record tells of it no more.
                    with contextlib.suppress(OSError):
                        self.folder(run_id).summary.unlink(missing_ok=True)
                summary = self.summary(run_id)
                if record is not None and _is_final(summary):
                    missed.append(IndexedRun(record=record, run=summary))
                if summary is not None:
                    yield summary
        finally:
            self._index.append(missed)

    def timings(self) -> Timings:
        """Return what the runs took.

        The newest runs of which that is not noted (by another version, on a
        full disk) are read: once, then it is.
        """
        seen, known = self._timings.read()
        missed = [
            document
            for run_id in self.ids()[:_LEARNED]
            if run_id not in known
            and (document := self._ended(run_id)) is not None
        ]
        if missed:
            self._timings.append(reversed(missed))
            seen, _ = self._timings.read()
        return Timings(seen)

    def _ended(self, run_id: str) -> RunDocument | None:
        """Return a run's document, if nobody is at work on it."""
        if self.folder(run_id).is_under_way():
            return None
        document = self.document(run_id)
        if document is None or document.finished_at is None:
            return None
        return document

    def is_under_way(self, run_id: str) -> bool:
        """Whether a run has begun, and has not ended."""
        return is_under_way(self.folder(run_id).record)

    def active(self) -> list[str]:
        """Return the ids of the runs under way, newest first."""
        try:
            names = [entry.name for entry in os.scandir(self._active)]
        except OSError:
            return []
        found = []
        for run_id in sorted(filter(valid_run_id, names), reverse=True):
            if self.is_under_way(run_id):
                found.append(run_id)
                continue
            document = self.document(run_id)
            if document is None:
                continue
            if document.state == "running":
                found.append(run_id)
            elif document.state == "unreadable":
                self.folder(run_id).forget_if_broken()
            else:
                # Its supervisor was killed before it could say so.
                self.folder(run_id).write_summary(document)
        return found

    def prune_sometimes(self) -> None:
        """Prune to the defaults, at every twentieth run: it takes a while."""
        if len(self.ids()) % 20 == 0:
            self.prune(keep=KEEP_RUNS, max_bytes=KEEP_BYTES)

    def compact(self) -> None:
        """Take out of the times what no longer counts, if that is much.

        Where they have just been read, it costs little more than the writing.
        """
        self._timings.compact()

    def prune(self, *, keep: int, max_bytes: int) -> list[str]:
        """Remove the oldest runs beyond a count and a size.

        Returns
        -------
        list of str
            The ids of the runs that are gone. Runs under way stay.
        """
        removed = []
        total = 0
        for number, run_id in enumerate(self.ids(), start=1):
            folder = self.folder(run_id)
            total += _size(folder.path)
            if number <= keep and total <= max_bytes:
                continue
            document = self.document(run_id)
            if document is None and folder.is_beginning():
                continue
            if document is not None and document.finished_at is None:
                continue
            folder.remove()
            removed.append(run_id)
        if removed:
            self._index.forget(set(self.ids()))
        return removed


def _is_final(summary: RunSummary | None) -> TypeGuard[RunSummary]:
    """Whether a summary will not change, and can be kept."""
    return (
        summary is not None
        and summary.finished_at is not None
        and summary.state != "unreadable"
    )


def _unreadable(run_id: str, exc: UnreadableFileError) -> RunDocument:
    """Return what is known of a run whose record cannot be read."""
    try:
        began = datetime.strptime(run_id[:16], "%Y%m%dT%H%M%S%z")
    except ValueError:
        began = datetime.fromtimestamp(0, UTC)
    return RunDocument(
        run_id=run_id,
        state="unreadable",
        reason=f"{exc.message} {exc.hint}",
        started_at=began,
        finished_at=began,
    )


def _size(path: Path) -> int:
    total = 0
    for folder, _, files in os.walk(path):
        for name in files:
            with contextlib.suppress(OSError):
                status = Path(folder, name).lstat()
                # A file with holes takes no room, and must cost no run.
                total += min(status.st_size, status.st_blocks * 512)
    return total

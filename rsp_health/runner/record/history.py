"""The runs that were: one folder each, newest first, until pruned."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from ...errors import BadDocumentError, UnreadableFileError
from ...files import safe_read
from ...wire import utc_now
from ..models import RunDocument, RunSummary
from .index import RunIndex
from .run_document import read_document
from .writer import last_line

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "KEEP_BYTES",
    "KEEP_RUNS",
    "History",
    "RunFolder",
    "new_run_id",
    "summarise",
    "valid_run_id",
]

#: Retention unless the user says otherwise.
KEEP_RUNS = 10_000
KEEP_BYTES = 5 * 1024**3
#: Seconds between a run's folder and its first line: it may have to copy what
#: it runs in.
_BEGIN_S = 3600.0
#: Bytes of a summary, which is one line.
_SUMMARY_BYTES = 65_536
_NAME = re.compile(r"^\d{8}T\d{6}Z-[0-9a-f]{4,16}$")


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The folder of one run, ``<data>/runs/<run_id>``."""

    path: Path

    @classmethod
    def create(cls, data_dir: Path, run_id: str) -> RunFolder:
        """Make it, for its user alone.

        Raises
        ------
        OSError
            Raised if it exists or cannot be made.
        """
        runs = data_dir / "runs"
        runs.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = runs / run_id
        path.mkdir(mode=0o700)
        folder = cls(path)
        folder.active.parent.mkdir(exist_ok=True, mode=0o700)
        folder.active.touch(mode=0o600)
        return folder

    @property
    def record(self) -> Path:
        """The record."""
        return self.path / "record.jsonl"

    @property
    def active(self) -> Path:
        """A file that is there until the run has ended, or a little longer.

        So that the runs under way are found without a look at all others.
        """
        return self.path.parent / ".active" / self.path.name

    @property
    def executed(self) -> Path:
        """Folder of executed copies."""
        return self.path / "executed"

    @property
    def scratch(self) -> Path:
        """Copy of the notebooks' folder, while a run is in it."""
        return self.path / "scratch"

    @property
    def summary(self) -> Path:
        """What the history shows, so that it need not read the record."""
        return self.path / "summary.json"

    def says(self, summary: RunSummary) -> bool:
        """Whether the record ends as a summary tells it.

        A summary is only a copy: it may be stale, or edited by hand.
        """
        try:
            last = last_line(self.record)
        except UnreadableFileError:
            return False
        if last is None or last["kind"] != "run_finished":
            return summary.state == "interrupted"
        return (
            summary.run_id == self.path.name
            and summary.state == last.get("state")
            and summary.duration_s == last.get("duration_s")
        )

    def is_beginning(self) -> bool:
        """Whether this run, of which nothing is told yet, may still begin."""
        try:
            return time.time() - self.active.stat().st_mtime < _BEGIN_S
        except OSError:
            return False

    def forget_if_broken(self) -> None:
        """Look no more whether the run is under way, if its record is none.

        If only the storage failed, it may be better at the next look.
        """
        try:
            read_document(self.record)
        except BadDocumentError:
            with contextlib.suppress(OSError):
                self.active.unlink(missing_ok=True)
        except UnreadableFileError:
            pass

    def remove(self) -> None:
        """Remove the run, as far as that can be done."""
        shutil.rmtree(self.path, ignore_errors=True)
        with contextlib.suppress(OSError):
            self.active.unlink(missing_ok=True)

    def ask_to_stop(self) -> None:
        """Leave word that the user wants the run to stop."""
        (self.path / "stop").touch(mode=0o600)

    def stop_asked(self) -> bool:
        """Whether the user wants the run to stop."""
        return (self.path / "stop").exists()

    def write_summary(self, document: RunDocument) -> None:
        """Keep the summary of a finished run; without it, all still works."""
        # A supervisor that was killed could not take it away.
        shutil.rmtree(self.scratch, ignore_errors=True)
        summary = summarise(document)
        temporary = self.path / f".summary.{os.getpid()}.tmp"
        with contextlib.suppress(OSError):
            temporary.write_bytes(summary.model_dump_json().encode())
            temporary.replace(self.summary)
            RunIndex(_index(self.path.parent)).append([summary])
            self.active.unlink(missing_ok=True)


def new_run_id() -> str:
    """Return a run id that sorts by time, such as 20261120T213341Z-3f9c.

    Its end is the fraction of the second, in 65536ths: small notebooks are
    run twice in a second, and the last run must be known all the same.
    """
    now = utc_now()
    fraction = now.microsecond * 65536 // 1_000_000
    return f"{now:%Y%m%dT%H%M%SZ}-{fraction:04x}"


def valid_run_id(run_id: str) -> bool:
    """Whether this can be a run's id, and so the name of its folder."""
    return _NAME.fullmatch(run_id) is not None


def summarise(document: RunDocument) -> RunSummary:
    """Return the history's line for a run."""
    return RunSummary(
        run_id=document.run_id,
        state=document.state,
        mode=document.mode,
        started_at=document.started_at,
        finished_at=document.finished_at,
        duration_s=document.duration_s,
        folder=document.folder,
        totals=document.totals,
        notebooks=len(document.notebooks),
    )


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
        self._index = RunIndex(_index(self._runs))

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
            for run_id in self.ids():
                summary = known.get(run_id)
                if summary is None or not self.folder(run_id).says(summary):
                    summary = self.summary(run_id)
                    if _is_final(summary):
                        missed.append(summary)
                if summary is not None:
                    yield summary
        finally:
            self._index.append(missed)

    def active(self) -> list[str]:
        """Return the ids of the runs under way, newest first."""
        try:
            names = [entry.name for entry in os.scandir(self._active)]
        except OSError:
            return []
        found = []
        for run_id in sorted(filter(valid_run_id, names), reverse=True):
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


def _index(runs: Path) -> Path:
    return runs / ".ledger.jsonl"  # Its first name: files stay readable.


def _size(path: Path) -> int:
    total = 0
    for folder, _, files in os.walk(path):
        for name in files:
            with contextlib.suppress(OSError):
                status = Path(folder, name).lstat()
                # A file with holes takes no room, and must cost no run.
                total += min(status.st_size, status.st_blocks * 512)
    return total

"""The folder of one run, and what is written there when it has ended."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...errors import BadDocumentError, UnreadableFileError
from ..models import RunSummary
from ..record_lines import RunFinished
from ..timings.store import TimingStore
from .index import IndexedRun, RunIndex
from .run_document import read_document
from .writer import last_line

if TYPE_CHECKING:
    from pathlib import Path

    from ..models import RunDocument

__all__ = [
    "RunFolder",
    "index_of",
    "mark_of",
    "summarise",
    "timings_of",
]

_RECORD = "record.jsonl"
#: Seconds between a run's folder and its first line: it may have to copy what
#: it runs in.
_BEGIN_S = 3600.0


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
        return self.path / _RECORD

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
    def kernel_log(self) -> Path:
        """What kernels wrote past the notebooks that did not pass."""
        return self.path / "kernels.log"

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
        if summary.run_id != self.path.name:
            return False
        try:
            last = last_line(self.record)
        except UnreadableFileError:
            return False
        if not isinstance(last, RunFinished):
            return summary.state == "interrupted"
        return (
            summary.state == last.state
            and summary.duration_s == last.duration_s
        )

    def is_beginning(self) -> bool:
        """Whether this run, of which nothing is told yet, may still begin."""
        try:
            return time.time() - self.active.stat().st_mtime < _BEGIN_S
        except OSError:
            return False

    def is_under_way(self) -> bool:
        """Whether somebody is at work on this run, as far as is told.

        The last line of its record is the end of it: what its supervisor
        still writes, nobody has to wait for.
        """
        if not self.active.exists():
            return False
        try:
            return not isinstance(last_line(self.record), RunFinished)
        except UnreadableFileError:
            return True

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
            # As it was before it is compared: what changes later, shows.
            record = mark_of(str(self.path.parent), self.path.name)
            if record is not None and self.says(summary):
                known = IndexedRun(record=record, run=summary)
                RunIndex(index_of(self.path.parent)).append([known])
            TimingStore(timings_of(self.path.parent)).append([document])
            self.active.unlink(missing_ok=True)


def mark_of(runs: str, run_id: str) -> tuple[int, int] | None:
    """Return size and time of a run's record: it changes as they do.

    Parameters
    ----------
    runs
        The folder of all runs; as text, for ten thousand are asked at once.
    run_id
        The run.

    Returns
    -------
    tuple of int, or None
        Bytes, and nanoseconds since the epoch; `None` without a record.
    """
    try:
        status = os.stat(f"{runs}/{run_id}/{_RECORD}")  # noqa: PTH116
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


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


def index_of(runs: Path) -> Path:
    """Return the file with the summaries of all runs."""
    # Its first name. Each version leaves out the lines of another one.
    return runs / ".ledger.jsonl"


def timings_of(runs: Path) -> Path:
    """Return the file with what notebooks took in earlier runs."""
    return runs / ".timings.jsonl"

"""Keeps what a clean replaces, for a while, so that it can be put back.

Before a notebook is replaced, its old content gets a second name below the
data directory: a hard link, which takes no room and is there at once, or a
copy where the file system cannot link. What is put back is compared first, on
both sides: a notebook that somebody wrote since is left alone.

::

    <folder>/20261121T083000Z-3f9c12/index.jsonl   which file was what
                                     0, 1, …       their old content
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import stat
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import (
    BadDocumentError,
    BadInputError,
    NotFoundError,
    UnreadableFileError,
)
from ..files import fsync_directory, parse_json, safe_read, write_atomic
from .clean_outcomes import Outcome
from .inplace import Source, write_back

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

__all__ = ["KEPT_S", "Keeper", "UndoStore"]

KEPT_S = 24 * 3600.0
"""Seconds for which what was replaced is kept."""

_INDEX = "index.jsonl"
#: Bytes of an index: some hundreds for each of thousands of notebooks.
_INDEX_BYTES = 16 * 1024**2
#: To the microsecond, so that they sort by time.
_STAMP = "%Y%m%dT%H%M%S%fZ"
_ID = re.compile(r"\d{8}T\d{12}Z-[0-9a-f]{6}")

#: What ``link`` says where it is not possible, and a copy may be.
_NO_LINKS = {
    errno.EMLINK,
    errno.ENOSYS,
    errno.ENOTSUP,
    errno.EPERM,
    errno.EXDEV,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One line of an index: which file, and its content before and after."""

    name: str
    path: str
    before: str
    after: str

    def is_ours(self) -> bool:
        """Whether we wrote it: a name that leads away is not from us."""
        texts = (self.name, self.path, self.before, self.after)
        return (
            all(isinstance(text, str) for text in texts)
            and self.name.isascii()
            and self.name.isdigit()
            and Path(self.path).is_absolute()
        )


class UndoStore:
    """What cleans replaced, each under an id.

    Parameters
    ----------
    folder
        Where it is kept. Made when needed.
    clock
        Seconds since the epoch.
    """

    def __init__(
        self, folder: Path, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._lock = threading.Lock()

    def keeper(self) -> Keeper:
        """Return what keeps the files of one clean; see `Keeper.keep`."""
        stamp = datetime.fromtimestamp(self._clock(), UTC).strftime(_STAMP)
        return Keeper(self._folder / f"{stamp}-{secrets.token_hex(3)}")

    def restore(self, undo: str) -> list[Outcome]:
        """Put back what one clean replaced.

        Parameters
        ----------
        undo
            The id of the clean.

        Returns
        -------
        list of Outcome
            One for each file. Its state is ``cleaned`` if its old content is
            back, else ``error``: because it was changed since, is gone or
            cannot be written. What is not back is still kept.

        Raises
        ------
        rsp_health.errors.NotFoundError
            Raised with code ``no_such_undo`` if nothing is kept under the id.
        rsp_health.errors.BadInputError
            Raised with code ``bad_undo`` if nobody can tell what it was.
        """
        folder = self._folder / undo
        with self._lock:
            if not _ID.fullmatch(undo) or not folder.is_dir():
                raise NotFoundError(
                    "What this clean removed is not kept any more.",
                    hint="It is kept for 24 hours, until it is put back.",
                    code="no_such_undo",
                )
            later = self._later_than(undo)
            outcomes = [
                _refused(entry, "it was stripped again since; undo that first")
                if entry.path in later
                else _put_back(folder, entry)
                for entry in _read(folder)
            ]
            if not _kept(folder):
                shutil.rmtree(folder, ignore_errors=True)
            elif not outcomes:
                raise BadInputError(
                    f"{folder / _INDEX} does not say which notebooks this "
                    "clean replaced.",
                    hint="Their old content is in that folder, until it is "
                    "24 hours old.",
                    code="bad_undo",
                )
        return outcomes

    def _later_than(self, undo: str) -> set[str]:
        """Return the files that a later clean replaced, and still keeps.

        Their older content would bury the newer one.
        """
        return {
            entry.path
            for folder in self._folder.iterdir()
            if _ID.fullmatch(folder.name) and folder.name > undo
            for entry in _read(folder)
        }

    def prune(self) -> None:
        """Delete what is past its time."""
        with contextlib.suppress(FileNotFoundError):
            for folder in sorted(self._folder.iterdir()):
                if _ID.fullmatch(folder.name) and self._is_old(folder.name):
                    shutil.rmtree(folder, ignore_errors=True)

    def _is_old(self, name: str) -> bool:
        limit = time.gmtime(self._clock() - KEPT_S)
        # Stamps of one form: their order is that of time.
        return name < time.strftime(_STAMP, limit)


class Keeper:
    """Keeps the files of one clean.

    Parameters
    ----------
    folder
        Where to; its name is the id.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self._kept: dict[str, str] = {}

    @property
    def undo(self) -> str | None:
        """The id to put it back by; `None` if nothing is kept."""
        return self._folder.name if self._kept else None

    def keep(self, jobs: Sequence[tuple[Source, bytes]]) -> None:
        """Keep files that are about to be replaced.

        Parameters
        ----------
        jobs
            Each file as it was read, and what will be written.

        Raises
        ------
        OSError
            Raised if they cannot be kept; then nothing may be replaced.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lines = []
        for item, data in jobs:
            name = str(self._count)
            self._count += 1
            _hold(item, self._folder / name)
            self._kept[str(item.path)] = name
            entry = {
                "name": name,
                "path": str(item.path),
                "before": _digest(item.data),
                "after": _digest(data),
            }
            lines.append(json.dumps(entry) + "\n")
        with (self._folder / _INDEX).open("a") as stream:
            stream.writelines(lines)
            stream.flush()
            os.fsync(stream.fileno())
        fsync_directory(self._folder)

    def finish(self, outcomes: Iterable[Outcome]) -> None:
        """Forget the files that were not replaced after all."""
        for outcome in outcomes:
            if outcome.state != "cleaned" and outcome.path in self._kept:
                name = self._kept.pop(outcome.path)
                (self._folder / name).unlink(missing_ok=True)
        if not self._kept:
            shutil.rmtree(self._folder, ignore_errors=True)


def _hold(item: Source, kept: Path) -> None:
    """Give a file's content a second name."""
    try:
        os.link(item.path.resolve(), kept)
    except OSError as exc:
        if exc.errno not in _NO_LINKS:
            raise
        write_atomic(kept, item.data, mode=stat.S_IRUSR | stat.S_IWUSR)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _read(folder: Path) -> Iterator[_Entry]:
    try:
        lines = safe_read(folder / _INDEX, limit=_INDEX_BYTES).splitlines()
    except UnreadableFileError:
        return  # a crash came before anything was replaced
    for line in lines:
        # A crash may have cut the last line off; its file was not replaced.
        # What is not there was not replaced either, or is back.
        with contextlib.suppress(BadDocumentError, TypeError):
            entry = _Entry(**parse_json(line, folder / _INDEX))
            if entry.is_ours() and (folder / entry.name).exists():
                yield entry


def _kept(folder: Path) -> list[str]:
    """Return what is kept there still: it is nobody's to delete before."""
    return [path.name for path in folder.iterdir() if path.name != _INDEX]


def _refused(entry: _Entry, why: str) -> Outcome:
    return Outcome(path=entry.path, state="error", message=why)


def _put_back(folder: Path, entry: _Entry) -> Outcome:
    outcome = Outcome(path=entry.path, state="cleaned")
    current = Source.read(Path(entry.path))
    if current.outcome is not None:
        return current.outcome
    found = _digest(current.data)
    kept = Source.read(folder / entry.name)
    if found not in (entry.before, entry.after):
        outcome.state = "error"
        outcome.message = "it was changed since; it is left as it is"
    elif _digest(kept.data) != entry.before:
        outcome.state = "error"
        outcome.message = "what was kept of it is not what it was"
    elif found == entry.after:
        write_back(current, kept.data, outcome)
    if outcome.state == "cleaned":
        (folder / entry.name).unlink(missing_ok=True)
    return outcome

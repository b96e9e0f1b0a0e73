"""Files that are cleaned where they are: read, and durably exchanged."""

from __future__ import annotations

import errno
import os
import stat
import threading
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING, Self

from ..errors import (
    ConflictError,
    EnvironmentFailureError,
    UnreadableFileError,
)
from ..files.reading import identity, safe_open
from .clean_outcomes import Outcome
from .policy import DEFAULT_POLICY, Policy

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Source", "Writers", "is_read_only", "write_back"]

#: Bytes beyond which a file is not taken for a notebook, as for runs.
_MAX_BYTES = 256 * 1024**2
#: Files written at once, and from how many on that is worth its threads.
_THREADS = 8
_WORTH_IT = 8

#: What the system says to a name that is wrong, rather than of the disk.
_WRONG_NAMES = (
    errno.EISDIR,
    errno.ELOOP,
    errno.ENAMETOOLONG,
    errno.ENOENT,
    errno.ENOTDIR,
)


@dataclass(slots=True)
class Source:
    """A file that was read.

    Parameters
    ----------
    path
        The file.
    data
        Its content.
    identity
        Which file and state of it that was.
    policy
        What its repository wants of it.
    outcome
        Set if it could not be read.
    """

    path: Path
    data: bytes = b""
    identity: tuple[int, int, int] = (0, 0, 0)
    policy: Policy = DEFAULT_POLICY
    outcome: Outcome | None = None

    @classmethod
    def read(cls, path: Path) -> Source:
        """Read a file; whether that failed is in ``outcome``."""
        try:
            descriptor = safe_open(path, limit=_MAX_BYTES)
            with os.fdopen(descriptor, "rb") as stream:
                state = identity(os.fstat(descriptor))
                return cls(path, stream.read(_MAX_BYTES + 1), state)
        except OSError as exc:
            return cls(path, outcome=_failed(path, exc, "read"))
        except UnreadableFileError as exc:
            if isinstance(exc.__cause__, OSError):
                failed = _failed(path, exc.__cause__, "read")
            else:
                message = f"cannot be read: {exc.reason}"
                failed = Outcome(
                    path=str(path),
                    state="error",
                    message=message,
                    exit_code=2,
                )
            return cls(path, outcome=failed)


def is_read_only(path: Path) -> bool:
    """Tell whether a file is not to be written.

    For root every file is writable; one without a single write bit was still
    made so by somebody who meant it.
    """
    writable = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
    return not (os.access(path, os.W_OK) and path.stat().st_mode & writable)


def _failed(path: Path, exc: OSError, doing: str) -> Outcome:
    message = f"cannot be {doing}: {os.strerror(exc.errno or 0).lower()}"
    wrong = exc.errno in _WRONG_NAMES
    return Outcome(
        path=str(path),
        state="error",
        message=message,
        exit_code=2 if wrong else 3,
    )


def _aftermath(item: Source) -> str:
    """Say what a failed write left: it may fail after the exchange."""
    try:
        same = identity(item.path.stat()) == item.identity
    except OSError:
        return "look at it before you go on"
    if same:
        return "it is as it was"
    return "it is clean now, but may not survive a power cut"


def write_back(item: Source, data: bytes, outcome: Outcome) -> None:
    """Replace a file that was read, unless it was changed since.

    Parameters
    ----------
    item
        The file as it was read.
    data
        Its new content.
    outcome
        Becomes ``cleaned``, or ``error`` with its message.
    """
    from ..files import write_together

    path = item.path
    try:
        if identity(path.stat()) != item.identity:
            _refuse(outcome)
            return
        if is_read_only(path):
            # Replacing it would succeed in a folder of ours, and would
            # overrule whoever made the file read-only.
            raise PermissionError(errno.EACCES, "read-only")
        write_together(
            {path: data},
            expected={path: item.data},
            keep_owner=True,
            always_there=True,
        )
    except ConflictError:
        _refuse(outcome)
        return
    except EnvironmentFailureError as exc:
        outcome.state = "error"
        outcome.message = f"{exc.message} {exc.hint}"
        outcome.exit_code = 3
        return
    except OSError as exc:
        failed = _failed(path, exc, "written")
        outcome.state = "error"
        outcome.message = f"{failed.message}; {_aftermath(item)}"
        outcome.exit_code = 3
        return
    outcome.state = "cleaned"


def _refuse(outcome: Outcome) -> None:
    outcome.state = "error"
    outcome.message = "it was changed meanwhile; nothing was written"
    outcome.exit_code = 1


class Writers:
    """Writes files back, several at once: flushing is mostly waiting.

    Outcomes are final when the ``with`` block is left.

    Parameters
    ----------
    expected
        How many files will come, about. Few are written by the caller's own
        thread.
    """

    def __init__(self, expected: int) -> None:
        self._queue: SimpleQueue[tuple[Source, bytes, Outcome] | None] = (
            SimpleQueue()
        )
        self._failure: BaseException | None = None
        count = _THREADS if expected > _WORTH_IT else 0
        self._threads = [
            threading.Thread(target=self._work, name=f"clean-{number}")
            for number in range(count)
        ]

    def submit(self, source: Source, data: bytes, outcome: Outcome) -> None:
        """Write a file's clean content, and its outcome."""
        if self._threads:
            self._queue.put((source, data, outcome))
        else:
            write_back(source, data, outcome)

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()
        if self._failure is not None:
            raise self._failure

    def _work(self) -> None:
        while (job := self._queue.get()) is not None:
            try:
                write_back(*job)
            except BaseException as exc:  # noqa: BLE001 - raised by the caller
                self._failure = exc

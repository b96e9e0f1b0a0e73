"""A lock between processes, threads and machines that share a folder."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import secrets
import threading
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

from ..errors import ConflictError, MissingFileError, UnreadableFileError
from .documents import load_json, read_json
from .process_identity import ProcessIdentity

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["HEARTBEAT_LIMIT", "FileLock", "Owner", "locked", "locked_by"]

HEARTBEAT_INTERVAL = 1.0
"""Seconds between two signs of life of a lock's owner."""

HEARTBEAT_LIMIT = 9.0
"""Seconds of silence after which an owner that we cannot look up is dead."""


#: Part of the names of files, so not to be believed as it comes.
_TOKEN = re.compile(r"[0-9a-z-]{1,64}")

#: What the fields of an owner file must be.
_PROCESS = {
    "pid": int,
    "start_ticks": int,
    "boot_id": str,
    "host": str,
    "pid_namespace": int,
}
_OWNER = {"since": int | float, "action": str, "token": str}


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Who holds a lock.

    Parameters
    ----------
    process
        The process.
    since
        Seconds since the epoch.
    action
        What the lock is held for.
    token
        Different for every lock ever taken.
    """

    process: ProcessIdentity
    since: float
    action: str
    token: str

    @classmethod
    def current(cls, action: str) -> Owner:
        """Describe this process."""
        return cls(
            process=ProcessIdentity.of_this_process(),
            since=time.time(),
            action=action,
            token=secrets.token_hex(8),
        )

    @property
    def is_this_process(self) -> bool:
        """Whether it is the process that asks."""
        return self.process.is_local() and self.process.pid == os.getpid()


class FileLock:
    """A lock between processes, threads and machines that share a folder.

    The lock is an owner file, made with ``link`` so that it is never seen
    half written. A dead owner's file is taken away: at once if its process
    can be looked up and is gone, else after `HEARTBEAT_LIMIT` seconds without
    a heartbeat on the file system's own clock. ``flock`` is not used; on some
    NFS mounts it grants everybody the lock.

    Parameters
    ----------
    path
        The owner file. Its folder is made when needed.
    action
        What the lock is held for, told to whom it keeps out.
    what
        What is locked, to begin that sentence with.

    Examples
    --------
    >>> with FileLock(data / "locks" / "system-test", action="checkout"):
    ...     ...
    """

    def __init__(
        self, path: Path, *, action: str = "", what: str = "It"
    ) -> None:
        self.path = path
        self.action = action
        self.what = what
        self._owner: Owner | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def acquire(self) -> None:
        """Take the lock, or say at once who has it.

        Raises
        ------
        rsp_health.errors.ConflictError
            Raised with code ``locked``.
        """
        mine = Owner.current(self.action)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        while not _create(self.path, mine):
            owner = _read_owner(self.path)
            if owner is None and not _is_unreadable(self.path):
                continue  # given back between the two looks
            dead = _is_dead(self.path, owner)
            if not (dead and _break(self.path, owner)):
                raise locked(owner, self.what)
        self._owner = mine
        self._stop.clear()
        self._thread = threading.Thread(
            target=self._beat, name=f"lock-{self.path.name}", daemon=True
        )
        self._thread.start()

    def release(self) -> None:
        """Give the lock back; nothing happens if it was lost."""
        if self._owner is None:
            return
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        if self.is_held():
            with contextlib.suppress(FileNotFoundError):
                self.path.unlink()
        self._owner = None

    def is_held(self) -> bool:
        """Whether this object still has the lock; ask before what is final."""
        owner = _read_owner(self.path)
        return self._owner is not None and owner == self._owner

    @staticmethod
    def holder(path: Path) -> Owner | None:
        """Return the living owner of a lock, or `None` if it is free."""
        owner = _read_owner(path)
        if owner is None or _is_past(path, owner):
            return None
        return owner

    def _beat(self) -> None:
        while not self._stop.wait(HEARTBEAT_INTERVAL):
            with contextlib.suppress(OSError):
                os.utime(self.path)

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(self, *exc: object) -> None:
        self.release()


def locked(owner: Owner | None, what: str = "It") -> ConflictError:
    """Build the error that names the owner of a lock."""
    if owner is None:
        return _locked(what, "another process")
    return locked_by(
        what,
        pid=owner.process.pid,
        host=owner.process.host,
        since=owner.since,
        action=owner.action,
    )


def locked_by(
    what: str, *, pid: int, host: str, since: float, action: str
) -> ConflictError:
    """Build the error that names who has a lock.

    Parameters
    ----------
    what
        What is locked, to begin the sentence with.
    pid, host
        The process.
    since
        Seconds since the epoch.
    action
        What it does; empty if that is not known.
    """
    doing = f" ({action})" if action else ""
    at = time.strftime("%H:%M:%S UTC", time.gmtime(since))
    return _locked(what, f"process {pid} on {host}{doing} since {at}")


def _locked(what: str, whom: str) -> ConflictError:
    return ConflictError(
        f"{what} is locked by {whom}.",
        hint="Wait until that operation ends, or cancel it.",
        code="locked",
    )


def _create(path: Path, owner: Owner) -> bool:
    """Make an owner file unless there is one; tell whether it was made."""
    temporary = path.parent / f".{owner.token}.tmp"
    data = json.dumps(asdict(owner)).encode()
    try:
        temporary.write_bytes(data)
        os.link(temporary, path)
    except FileExistsError:
        return False
    except OSError as exc:
        if exc.errno not in (errno.EPERM, errno.ENOTSUP, errno.EMLINK):
            raise
        # A file system without hard links.
        try:
            with path.open("xb") as stream:
                stream.write(data)
        except FileExistsError:
            return False
    finally:
        temporary.unlink(missing_ok=True)
    return True


def _read_owner(path: Path) -> Owner | None:
    try:
        return _parse_owner(read_json(path))
    except (TypeError, KeyError, ValueError, OverflowError, OSError):
        return None


def _parse_owner(document: Any) -> Owner:
    """Check a document field by field: anybody may write an owner file."""
    process = ProcessIdentity(**document["process"])
    owner = Owner(**{**document, "process": process})
    for part, kinds in ((process, _PROCESS), (owner, _OWNER)):
        for name, kind in kinds.items():
            if not isinstance(getattr(part, name), kind):
                raise TypeError(name)
    time.gmtime(owner.since)  # or it is no time
    if not _TOKEN.fullmatch(owner.token):
        raise ValueError("token")
    return owner


def _is_unreadable(path: Path) -> bool:
    """Whether there is an owner file, and it names no owner."""
    try:
        _parse_owner(load_json(path))
    except MissingFileError:
        return False
    except UnreadableFileError as exc:
        if isinstance(exc.__cause__, OSError):
            raise exc.__cause__ from None
        return True
    except (ValueError, KeyError, TypeError, OverflowError):
        return True
    return False


def _is_dead(path: Path, owner: Owner | None) -> bool:
    if owner is not None and owner.process.is_local():
        return not owner.process.is_alive()
    # Another machine, or unreadable: by its age on the file server's clock,
    # which a fresh file of ours shows.
    probe = path.parent / f".{secrets.token_hex(8)}.tmp"
    try:
        probe.write_bytes(b"")
        now = probe.stat().st_mtime
        return now - path.stat().st_mtime > HEARTBEAT_LIMIT
    except FileNotFoundError:
        return True
    finally:
        probe.unlink(missing_ok=True)


def _is_past(path: Path, owner: Owner) -> bool:
    """Tell for a mere look whether an owner is dead, also on a full disk."""
    try:
        return _is_dead(path, owner)
    except OSError:
        # What cannot be written shows no time: this machine's has to do.
        pass
    try:
        return time.time() - path.stat().st_mtime > HEARTBEAT_LIMIT
    except OSError:
        return True


def _break(path: Path, owner: Owner | None) -> bool:
    """Take a dead owner's file away; tell whether the caller may try again.

    Two processes may find the same dead owner. The right to remove exactly
    this lock is itself a lock whose name holds the dead one's token, so a
    slow breaker can never remove the file of the next, living owner.
    """
    name = "unreadable" if owner is None else owner.token
    marker = path.with_name(f"{path.name}.break-{name}")
    mine = Owner.current("break")
    if not _create(marker, mine):
        other = _read_owner(marker)
        if not _is_dead(marker, other):
            return False
        return len(marker.name) < 200 and _break(marker, other)
    try:
        # A file that is gone is none that we may remove: the next owner's
        # could be there by then.
        same = (
            _is_unreadable(path)
            if owner is None
            else _read_owner(path) == owner
        )
        if same:
            path.unlink(missing_ok=True)
    finally:
        marker.unlink(missing_ok=True)
    return True

"""A lock between processes, threads and machines that share a folder."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import secrets
import socket
import threading
import time
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

from ..errors import ConflictError, MissingFileError, UnreadableFileError
from .documents import load_json, read_json

__all__ = ["HEARTBEAT_LIMIT", "FileLock", "Owner", "locked"]

HEARTBEAT_INTERVAL = 1.0
"""Seconds between two signs of life of a lock's owner."""

HEARTBEAT_LIMIT = 9.0
"""Seconds of silence after which an owner that we cannot look up is dead."""


#: Part of the names of files, so not to be believed as it comes.
_TOKEN = re.compile(r"[0-9a-z-]{1,64}")


@cache
def _boot_id() -> str:
    try:
        text = Path("/proc/sys/kernel/random/boot_id").read_text("ascii")
    except OSError:
        return ""
    return text.strip()


@cache
def _pid_namespace() -> int:
    try:
        return Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        return 0


def _start_time(pid: int) -> float | None:
    """Return when a process began, in any unit, or `None` if it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        if Path("/proc/self/stat").exists():
            return None
        import psutil

        try:
            return float(psutil.Process(pid).create_time())
        except psutil.Error:
            return None
    # The name in brackets may itself hold spaces and brackets.
    fields = text.rpartition(b")")[2].split()
    return None if fields[0] in (b"Z", b"X") else float(fields[19])


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Who holds a lock.

    Parameters
    ----------
    host, boot_id, pid_namespace
        The machine, its start, and the container: a process id means
        something only within all three.
    pid, start_time
        The process; ids are used again, so the start time belongs to it.
    since
        Seconds since the epoch.
    action
        What the lock is held for.
    token
        Different for every lock ever taken.
    """

    host: str
    boot_id: str
    pid_namespace: int
    pid: int
    start_time: float
    since: float
    action: str
    token: str

    @classmethod
    def current(cls, action: str) -> Owner:
        """Describe this process."""
        return cls(
            host=socket.gethostname(),
            boot_id=_boot_id(),
            pid_namespace=_pid_namespace(),
            pid=os.getpid(),
            start_time=_start_time(os.getpid()) or 0.0,
            since=time.time(),
            action=action,
            token=secrets.token_hex(8),
        )

    @property
    def is_here(self) -> bool:
        """Whether the process can be looked up from this one."""
        return (self.host, self.boot_id, self.pid_namespace) == (
            socket.gethostname(),
            _boot_id(),
            _pid_namespace(),
        )

    @property
    def is_this_process(self) -> bool:
        """Whether it is the process that asks."""
        return self.is_here and self.pid == os.getpid()

    @property
    def is_running(self) -> bool:
        """Whether the process runs; only meaningful if `is_here`."""
        return _start_time(self.pid) == self.start_time


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
        whom = "another process"
    else:
        since = time.strftime("%H:%M:%S UTC", time.gmtime(owner.since))
        doing = f" ({owner.action})" if owner.action else ""
        whom = f"process {owner.pid} on {owner.host}{doing} since {since}"
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
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _parse_owner(document: Any) -> Owner:
    """Check a document field by field: anybody may write an owner file."""
    owner = Owner(**document)
    for name, kind in (
        ("host", str),
        ("boot_id", str),
        ("pid_namespace", int),
        ("pid", int),
        ("start_time", int | float),
        ("since", int | float),
        ("action", str),
        ("token", str),
    ):
        if not isinstance(getattr(owner, name), kind):
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
    except (ValueError, TypeError, OverflowError):
        return True
    return False


def _is_dead(path: Path, owner: Owner | None) -> bool:
    if owner is not None and owner.is_here:
        return not owner.is_running
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

"""Runs a function in a process of its own while strace breaks a call."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import time
import traceback
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rsp_health.errors import RSPHealthError

if TYPE_CHECKING:
    from collections.abc import Callable

DONE, REFUSED, BUG = 0, 10, 11
"""How the function ended: well, with an error of ours, with another one."""

LIMIT = 90.0
"""Seconds after which a broken process counts as hanging."""

_PR_SET_CHILD_SUBREAPER = 36
_GO = signal.SIGUSR1

_STORE = ("ENOSPC", "EDQUOT", "EIO", "SIGKILL")
_NAME = ("EACCES", "ENOSPC", "EDQUOT", "EIO", "SIGKILL")
_LOOK = ("EIO", "EACCES", "SIGKILL")

CALLS: dict[str, tuple[str, ...]] = {
    "openat": _NAME,
    "rename": _NAME,
    "renameat": _NAME,
    "renameat2": _NAME,
    "link": _NAME,
    "linkat": _NAME,
    "mkdir": _NAME,
    "mkdirat": _NAME,
    "unlink": _NAME,
    "unlinkat": _NAME,
    "rmdir": _NAME,
    "write": _STORE,
    "pwrite64": _STORE,
    "fsync": _STORE,
    "fdatasync": _STORE,
    "syncfs": _STORE,
    "ftruncate": _STORE,
    "chmod": _LOOK,
    "fchmod": _LOOK,
    "utimensat": _LOOK,
    "read": ("EIO", "SIGKILL"),
    "pread64": ("EIO", "SIGKILL"),
    "getdents64": ("EIO", "SIGKILL"),
    "newfstatat": _LOOK,
    "lstat": _LOOK,
    "stat": _LOOK,
    "close": ("SIGKILL",),
    "execve": ("EACCES", "EIO", "SIGKILL"),
}
"""The calls that are broken, and how."""


@dataclass(frozen=True)
class Fault:
    """One broken system call.

    Parameters
    ----------
    call
        Its name.
    action
        The error that it returns, or the signal that arrives there.
    number
        Which of the calls, from 1, in each process.
    lasting
        Whether all later ones fail, too: a disk stays full.
    tree
        Whether git's processes are broken as well as ours.
    """

    call: str
    action: str
    number: int
    lasting: bool = False
    tree: bool = True

    def __str__(self) -> str:
        where = "any process" if self.tree else "ours"
        more = "+" if self.lasting else ""
        return f"{self.action} at {self.call} {self.number}{more} of {where}"

    def options(self) -> list[str]:
        """Return strace's options."""
        kind = "signal" if self.action.startswith("SIG") else "error"
        when = f"{self.number}+" if self.lasting else str(self.number)
        inject = f"inject={self.call}:{kind}={self.action}:when={when}"
        follow = ["-f"] if self.tree else []
        return [*follow, "-e", f"trace={self.call}", "-e", inject]


def strace() -> str | None:
    """Return strace's path, if it is installed and may be used."""
    path = shutil.which("strace")
    if path is None:
        return None
    probe = subprocess.run(
        [path, "-o", "/dev/null", "true"], capture_output=True, check=False
    )
    return path if probe.returncode == 0 else None


def adopt_orphans() -> None:
    """Let this process inherit what a killed child leaves running."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def run(
    function: Callable[[], object],
    *,
    options: list[str] | None = None,
    kill_orphans: bool = False,
    log: Path | None = None,
) -> int:
    """Run a function in a fork of this process.

    Parameters
    ----------
    function
        What is run.
    options
        Of strace; `None` runs without.
    kill_orphans
        Whether processes that outlive the fork are killed, as when a
        container ends, or waited for.
    log
        Where an unexpected exception is told.

    Returns
    -------
    int
        Exit code; negative for a signal, `LIMIT` passed included.
    """
    for _ in range(3):
        pid, tracer, trouble = _start(function, options, log)
        if not trouble:
            break
        # Nothing ran yet: strace could not attach, as happens when the
        # machine is short of something.
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    else:
        raise RuntimeError(f"strace cannot attach: {trouble}")
    os.kill(pid, _GO)
    code = _wait(pid, LIMIT)
    _reap_orphans(tracer, kill=kill_orphans)
    if tracer is not None:
        try:
            tracer.wait(10)
        except subprocess.TimeoutExpired:
            tracer.kill()
            tracer.wait()
        if tracer.stderr is not None:
            tracer.stderr.close()
    return code


def _start(
    function: Callable[[], object], options: list[str] | None, log: Path | None
) -> tuple[int, subprocess.Popen[bytes] | None, str]:
    """Fork, and attach strace to the waiting child."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {_GO})
    pid = os.fork()
    if pid == 0:
        _child(function, log)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {_GO})
    if options is None:
        return pid, None, ""
    tracer = subprocess.Popen(
        ["strace", "-qq", "-p", str(pid), *options],
        stderr=subprocess.PIPE,
    )
    status = Path(f"/proc/{pid}/status")
    while tracer.poll() is None:
        if "TracerPid:\t0" not in status.read_text():
            return pid, tracer, ""
        time.sleep(0.001)
    assert tracer.stderr is not None
    told = tracer.stderr.read().decode(errors="replace")
    return pid, None, told or f"it ended with {tracer.returncode}"


def _child(function: Callable[[], object], log: Path | None) -> None:
    code = BUG
    try:
        # A signal, not a pipe: none of the calls that strace breaks.
        signal.sigwait({_GO})
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {_GO})
        function()
        code = DONE
    except RSPHealthError:
        code = REFUSED
    except BaseException:  # noqa: BLE001 - told apart from ours, and told
        if log is not None:
            with contextlib.suppress(OSError):
                log.write_text(traceback.format_exc())
    finally:
        os._exit(code)


def _wait(pid: int, limit: float) -> int:
    deadline = time.monotonic() + limit
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return -signal.SIGALRM
        time.sleep(0.002)


def _children() -> list[int]:
    path = Path(f"/proc/self/task/{os.getpid()}/children")
    return [int(word) for word in path.read_text().split()]


def _reap_orphans(
    tracer: subprocess.Popen[bytes] | None, *, kill: bool
) -> None:
    """End or await every adopted process, but not the tracer."""
    deadline = time.monotonic() + 20
    while True:
        orphans = [
            pid for pid in _children() if tracer is None or pid != tracer.pid
        ]
        if not orphans:
            return
        for pid in orphans:
            if kill or time.monotonic() > deadline:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        time.sleep(0.002)


def count(function: Callable[[], object], scratch: Path) -> list[Fault]:
    """Run once unbroken, and list every fault that could be injected."""
    log = scratch / "trace"
    code = run(
        function,
        options=["-f", "-o", str(log), "-e", f"trace={','.join(CALLS)}"],
    )
    if code != DONE:
        raise RuntimeError(f"the unbroken run ended with {code}")
    lines = log.read_text(errors="replace").splitlines()
    log.unlink()
    main = lines[0].split()[0]
    seen: Counter[tuple[str, str]] = Counter()
    for line in lines:
        pid, _, rest = line.partition(" ")
        call = rest.strip().partition("(")[0]
        if call in CALLS:
            seen[pid, call] += 1
    found = []
    for call, actions in CALLS.items():
        ours = seen[main, call]
        most = max((n for (_, c), n in seen.items() if c == call), default=0)
        for tree, number in ((False, ours), (True, most)):
            found += [
                Fault(call, action, k, lasting=lasting, tree=tree)
                for action in actions
                for k in range(1, number + 1)
                for lasting in (False, True)
                # A lasting signal is only the first one.
                if not (lasting and action == "SIGKILL")
            ]
    return found

"""Run git, isolated from every configuration but ours.

The only module that imports GitPython, and the only way to git. Of GitPython
it uses ``Git.execute`` with a complete argument list: no keyword options, no
``Repo`` on a tree that others may have written to. What a tree's own
configuration names is therefore never run (docs/developers/checkout.md).

GitPython starts each process with a copy of this process's environment, and
can add to it but not take away. So the command is ``env -u NAME ... git``:
everything that is not on the list below is gone before git starts, and no
value, such as a proxy's password, shows in the argument list.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import selectors
import signal
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import EnvironmentFailureError, RSPHealthError
from ..platform.environment import LabEnvironment
from ..platform.plugins import set_by_us
from .errors import explain
from .mirrors import settings_file
from .sessions import MARK, began, ended, nothing_starts

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence
    from pathlib import Path

__all__ = ["CancelledError", "Git", "Progress"]

_logger = logging.getLogger(__name__)

#: Proxies and certificate stores that the site chose; nothing else passes.
_PASSED = (
    "PATH",
    "http_proxy",
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "GIT_SSL_CAPATH",
)

_FIXED = {
    # A home that is empty and stays so: nobody can make files in a device.
    "HOME": os.devnull,
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "LANGUAGE": "",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "/bin/true",
    "SSH_ASKPASS": "/bin/true",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_PROTOCOL_FROM_USER": "0",
    "GIT_LFS_SKIP_SMUDGE": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_CEILING_DIRECTORIES": "/",
    "GIT_HTTP_LOW_SPEED_LIMIT": "1000",
    "GIT_HTTP_LOW_SPEED_TIME": "60",
    MARK: "1",
}

_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.untrackedCache=false",
    "protocol.allow=never",
    "submodule.recurse=false",
    "fetch.fsckObjects=true",
    "transfer.bundleURI=false",
    "credential.helper=",
    "gc.auto=0",
    "maintenance.auto=false",
    "commit.gpgSign=false",
    "advice.detachedHead=false",
    # A file server answers several writers sooner than one.
    "checkout.workers=4",
)

_PROGRESS = re.compile(
    rb"(?:remote: )?([A-Z][A-Za-z ]{2,40}): +(\d{1,3})% \(\d+/\d+\)"
)
_STDERR_LIMIT = 64 * 1024
_POLL = 0.2  # Seconds between two looks at the cancel flag and the clock.


class CancelledError(RSPHealthError):
    """The user asked to stop; the tree is as it was."""

    code = "cancelled"
    status_code = 409
    exit_code = 130


@dataclass(frozen=True, slots=True)
class Progress:
    """How far git says it is.

    Parameters
    ----------
    phase
        Git's own words, such as ``Receiving objects``.
    percent
        0 to 100 within that phase.
    """

    phase: str
    percent: float


class Git:
    """Runs git commands.

    Parameters
    ----------
    allowed_protocols
        Transports that git may use.
    mirrors
        Folders on this file system that the operator named as repositories.
        git may read them whoever owns them.
    scratch
        Where the setting for that is kept; needed with ``mirrors``.
    """

    def __init__(
        self,
        *,
        allowed_protocols: Sequence[str],
        mirrors: Sequence[Path] = (),
        scratch: Path | None = None,
    ) -> None:
        self._protocols = tuple(allowed_protocols)
        self._mirrors = tuple(mirrors)
        self._scratch = scratch

    def run(
        self,
        arguments: Sequence[str],
        *,
        doing: str,
        git_dir: Path | None = None,
        work_tree: Path | None = None,
        settings: Sequence[str] = (),
        environment: dict[str, str] | None = None,
        time_limit: float = 60.0,
        max_output: int = 256 * 1024 * 1024,
        cancel: threading.Event | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> bytes:
        """Run one git command and return its standard output.

        Parameters
        ----------
        arguments
            The command and its arguments; what is not ours stands after
            ``--`` or was checked before.
        doing
            What this does, for "Cannot <doing>: ...".
        git_dir, work_tree
            A git directory that we made, and the tree that it looks at.
        settings
            More ``name=value`` settings.
        environment
            More variables.
        time_limit
            Seconds after which git and its children are killed.
        max_output
            Bytes of output after which they are.
        cancel
            Set by another thread to stop.
        on_progress
            Told what ``--progress`` says.

        Raises
        ------
        CancelledError
            Raised if ``cancel`` was set.
        rsp_health.errors.EnvironmentFailureError
            Raised if git failed, by kind; see `.errors`.
        """
        process = self._start(
            self._command(arguments, git_dir, work_tree, settings),
            environment or {},
        )
        watch = _Watch(process, time_limit, max_output, cancel, on_progress)
        try:
            end = watch.until_end()
        finally:
            _kill(process)
            ended(process.pid)
        if end == "cancelled":
            raise CancelledError(
                "The operation was cancelled.",
                hint="Nothing was changed.",
            )
        if end == "time_limit":
            raise EnvironmentFailureError(
                f"Cannot {doing}: it took more than {time_limit:.0f} s.",
                hint="Try again later; the server or the network is slow.",
                code="timeout",
            )
        if end == "max_output":
            raise EnvironmentFailureError(
                f"Cannot {doing}: the repository is too large.",
                hint="Ask its owners for a smaller one.",
                code="too_large",
            )
        if process.returncode != 0:
            message = bytes(watch.stderr).decode("utf-8", "replace")
            _logger.debug("git %s failed: %s", arguments[0], message)
            raise explain(message, doing=doing)
        return bytes(watch.stdout)

    def _command(
        self,
        arguments: Sequence[str],
        git_dir: Path | None,
        work_tree: Path | None,
        settings: Sequence[str],
    ) -> list[str]:
        command = ["git", "--no-pager"]
        if git_dir is not None:
            command.append(f"--git-dir={git_dir}")
        if work_tree is not None:
            command.append(f"--work-tree={work_tree}")
        allowed = [f"protocol.{name}.allow=always" for name in self._protocols]
        for setting in (*_SETTINGS, *allowed, *settings):
            command += ["-c", setting]
        return [*command, *arguments]

    def _start(
        self, command: list[str], more: dict[str, str]
    ) -> subprocess.Popen[bytes]:
        git = _gitpython()
        now = LabEnvironment.from_process().variables
        variables = {
            **_FIXED,
            **{name: now[name] for name in _PASSED if name in now},
            "GIT_ALLOW_PROTOCOL": ":".join(self._protocols) or "none",
            "GIT_CONFIG_GLOBAL": settings_file(self._mirrors, self._scratch),
            **more,
        }
        variables.setdefault("PATH", os.defpath)
        unset = [
            part
            for name in sorted({*now, *set_by_us()})
            if name not in variables
            for part in ("-u", name)
        ]
        with nothing_starts():
            handle = git.Git("/").execute(
                ["/usr/bin/env", *unset, *command],
                as_process=True,
                shell=False,
                env=variables,
                # A session of its own: git's children can be killed with it.
                start_new_session=True,
            )
            process: subprocess.Popen[bytes] = handle.proc
            began(process.pid)
        # GitPython would kill it when its wrapper is collected.
        handle.proc = None
        return process


def _gitpython() -> Any:
    try:
        import git
    except ImportError as exc:  # what GitPython raises without a git
        raise EnvironmentFailureError(
            "There is no usable git on this machine.",
            hint="Ask the operators of the lab image to install git.",
            code="no_git",
        ) from exc
    return git


class _Watch:
    """Reads a process's pipes until it ends, is cancelled or takes too long.

    Pipes are read without blocking in this one thread, so that neither a full
    pipe nor a silent server can hold a cancel up.
    """

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        time_limit: float,
        max_output: int,
        cancel: threading.Event | None,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        self.stdout = bytearray()
        self.stderr = bytearray()
        self._process = process
        self._deadline = time.monotonic() + time_limit
        self._max_output = max_output
        self._cancel = cancel
        self._on_progress = on_progress

    def until_end(self) -> str:
        """Return ``done``, ``cancelled``, ``time_limit``, ``max_output``."""
        with selectors.DefaultSelector() as selector:
            for stream, buffer in (
                (self._process.stdout, self.stdout),
                (self._process.stderr, self.stderr),
            ):
                if stream is not None:
                    os.set_blocking(stream.fileno(), False)
                    selector.register(stream, selectors.EVENT_READ, buffer)
            while selector.get_map():
                reason = self._why_stop()
                if reason is not None:
                    return reason
                for key, _ in selector.select(_POLL):
                    data = os.read(key.fd, 1 << 16)
                    if not data:
                        selector.unregister(key.fileobj)
                    elif key.data is self.stdout:
                        self.stdout += data
                    else:
                        self._heard(data)
        try:
            self._process.wait(max(self._deadline - time.monotonic(), 1.0))
        except subprocess.TimeoutExpired:
            return "time_limit"
        return "done"

    def _why_stop(self) -> str | None:
        if self._cancel is not None and self._cancel.is_set():
            return "cancelled"
        if len(self.stdout) > self._max_output:
            return "max_output"
        return "time_limit" if time.monotonic() > self._deadline else None

    def _heard(self, data: bytes) -> None:
        self.stderr += data
        if self._on_progress is not None:
            # A line may come in two pieces; look back a little.
            tail = bytes(self.stderr[-(len(data) + 80) :])
            # The last word of each phase; a fast clone says all in one go.
            said = {m[1]: float(m[2]) for m in _PROGRESS.finditer(tail)}
            for name, percent in said.items():
                self._on_progress(
                    Progress(name.decode("ascii"), min(percent, 100.0))
                )
        # Errors come last; progress before them may go.
        del self.stderr[:-_STDERR_LIMIT]


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End what is left of git and its children, and close its pipes."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(2.0)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        # Children that ignored the first signal.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()

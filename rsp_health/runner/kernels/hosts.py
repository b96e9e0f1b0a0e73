"""A running host process (see `rsp_health.runner.kernel_host`), and our end."""

from __future__ import annotations

import array
import contextlib
import json
import socket
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from ..processes import is_stopped
from .installs import InstallWatch, Places

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Host"]

_HOST = Path(__file__).parents[1] / "kernel_host" / "host.py"
_PACKET = 131072


class Host:
    """A running host process, and our end of its socket."""

    def __init__(
        self,
        *,
        python: tuple[str, ...],
        mode: str,
        folder: Path,
        environment: Mapping[str, str],
    ) -> None:
        self.mode = mode
        #: Where its kernels have their sockets and connection files.
        self.folder = folder
        #: Why it cannot be a warm parent, if it said so.
        self.failure: str | None = None
        self.installs = InstallWatch(Places(), self.hear)
        self.control, theirs = socket.socketpair(
            socket.AF_UNIX, socket.SOCK_SEQPACKET
        )
        with theirs:
            self.process = subprocess.Popen(
                [
                    *python,
                    str(_HOST),
                    str(theirs.fileno()),
                    str(folder),
                    mode,
                ],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                env=dict(environment),
                cwd="/",
            )

    def request(self, message: dict[str, object]) -> socket.socket:
        """Ask for a kernel; return our end of its keeper's socket."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            rights = array.array("i", [theirs.fileno()])
            try:
                self.control.sendmsg(
                    [json.dumps(message).encode()],
                    [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)],
                )
            except OSError:
                ours.close()
                raise
        return ours

    def hear(self) -> None:
        """Take what it has told since, without waiting."""
        with contextlib.suppress(OSError, ValueError):
            data = self.control.recv(_PACKET, socket.MSG_DONTWAIT)
            message = json.loads(data)
            if message["event"] == "warm":
                self.installs.places.learn(
                    message["folders"], message["state"]
                )
            else:
                self.failure = str(message["error"])

    def is_intact(self) -> bool:
        """Whether the host runs; one that was told to stop is killed."""
        if self.process.poll() is None and is_stopped(self.process.pid):
            self.process.kill()
            self.process.wait()
        return self.process.returncode is None

    def was_killed(self) -> bool:
        """Whether a signal ended the host."""
        return not self.is_intact() and self.process.returncode < 0

    def close(self) -> None:
        """Let the host end, and wait for it."""
        self.control.close()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

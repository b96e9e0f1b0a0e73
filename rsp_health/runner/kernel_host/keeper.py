"""Keeps one kernel, until no process of it is left.

Loaded by `rsp_health.runner.kernel_host`, and like it under the *kernel's*
Python: standard library only, no syntax newer than Python 3.8. What its
messages say is written there.
"""

# Plain calls between fork and exec, nothing newer than Python 3.8:
# ruff: noqa: PTH123, PTH208, UP031

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from typing import Any

LOG_LIMIT = 16384
SAID_LIMIT = 8192
PACKET = 131072


def prctl(option: int, value: int) -> None:
    """Call prctl(2); without ctypes left behind for the notebook to see."""
    import ctypes

    ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def wakeup() -> int:
    """Make SIGCHLD readable; return the descriptor to poll."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return reader


def drain(descriptor: int) -> None:
    """Empty the wake-up pipe."""
    with contextlib.suppress(OSError):
        while os.read(descriptor, 4096):
            pass


def parents() -> dict[int, int]:
    """Return ``{pid: parent pid}`` of all processes."""
    table = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open("/proc/%s/stat" % name, "rb") as file:
                    text = file.read()
            except OSError:
                continue
            table[int(name)] = int(text[text.rfind(b")") + 2 :].split()[1])
    return table


def descendants(root: int) -> list[int]:
    """Return all descendants of a process, nearest first."""
    children: dict[int, list[int]] = {}
    for pid, parent in parents().items():
        children.setdefault(parent, []).append(pid)
    found: list[int] = []
    queue = [root]
    while queue:
        below = children.get(queue.pop(), [])
        found += below
        queue += below
    return found


def kill(pid: int, number: int) -> None:
    """Send a signal; a process that is already gone is no error."""
    with contextlib.suppress(OSError):
        os.kill(pid, number)


def reap() -> Iterator[tuple[int, int] | None]:
    """Yield ``(pid, status)`` of ended children; last ``None`` if none is left."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            yield None
            return
        if pid == 0:
            return
        yield pid, status


class Keeper:
    """Owns one kernel until no process of it is left."""

    def __init__(
        self, control: socket.socket, pid: int, logs: list[int], wake: int
    ) -> None:
        self.control = control
        self.pid = pid
        #: What it writes past its own capture: its output, its error output.
        self.logs = logs
        self.errors = logs[-1]
        self.wake = wake
        self.tail = b""
        self.said = b""
        self.dead = False
        self.ending = False
        self.orphaned = False

    def say(self, **message: Any) -> None:
        """Tell the supervisor, if it is still there."""
        if not self.orphaned:
            try:
                self.control.send(json.dumps(message).encode())
            except OSError:
                self.orphaned = True

    def listen(self) -> None:
        """Obey one message; without a supervisor, end everything."""
        try:
            data = self.control.recv(PACKET)
        except OSError:
            data = b""
        if not data:
            self.orphaned = self.ending = True
            return
        message = json.loads(data)
        if message.get("kill"):
            self.ending = True
        elif "ask" in message:
            self.read_logs()
            said = self.said.decode("utf-8", "replace")
            self.say(event="answer", asked=message["ask"], said=said)
        elif self.dead:
            return  # Its number may be another process's by now.
        elif message.get("group"):
            try:
                os.killpg(self.pid, message["signal"])
            except OSError:
                kill(self.pid, message["signal"])
        elif "signal" in message:
            kill(self.pid, message["signal"])

    def read_log(self, log: int) -> bool:
        """Keep the tail of what the kernel wrote; false if there is no more.

        Of its error output the beginning is kept as well: there a launcher
        says what it could not prepare.
        """
        try:
            data = os.read(log, 65536)
        except OSError:
            data = b""
        self.tail = (self.tail + data)[-LOG_LIMIT:]
        if log == self.errors:
            self.said = (self.said + data)[:SAID_LIMIT]
        return bool(data)

    def read_logs(self) -> None:
        """Read all that has been written until now."""
        for log in self.logs:
            while self.read_log(log):
                pass

    def run(self) -> None:
        """Serve until the last descendant is reaped."""
        poller = select.poll()
        for log in self.logs:
            os.set_blocking(log, False)
        for descriptor in (self.control.fileno(), *self.logs, self.wake):
            poller.register(descriptor, select.POLLIN)
        self.say(event="started", pid=self.pid)
        while True:
            self.serve(poller)
            if self.ending:
                for pid in descendants(os.getpid()):
                    kill(pid, signal.SIGKILL)
            for ended in reap():
                if ended is None:
                    self.say(event="gone")
                    return
                if ended[0] == self.pid:
                    self.dead = self.ending = True
                    self.report(ended[1])

    def serve(self, poller: select.poll) -> None:
        """Wait for something to happen, and handle it."""
        timeout = 20 if self.ending else None
        for descriptor, events in poller.poll(timeout):
            if descriptor == self.wake:
                drain(self.wake)
            elif descriptor in self.logs:
                if not self.read_log(descriptor) and events & select.POLLHUP:
                    poller.unregister(descriptor)
            else:
                self.listen()
                if self.orphaned:
                    poller.unregister(self.control.fileno())

    def report(self, status: int) -> None:
        """Tell how the kernel ended."""
        self.read_logs()
        log = self.tail.decode("utf-8", "replace")
        self.say(event="dead", status=status, log=log)

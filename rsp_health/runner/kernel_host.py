"""The process above all kernels of a run: starts, keeps and ends them.

This file is a program of its own. It runs under the *kernel's* Python, which
may be older than ours and has no ``rsp_health``: it uses the standard library
only, and no syntax newer than Python 3.8.

Three kinds of process::

    supervisor ── host ── keeper ── kernel ── whatever the notebook starts

* The *host* waits for requests. As a *warm parent* it has imported ipykernel
  and IPython and nothing of the user's, so that a kernel is a fork away.
* A *keeper* owns one kernel. It is the subreaper of everything below it, so
  that also a child in a session of its own cannot outlive the notebook. It
  reports the kernel's end with its wait status, which is the only way to
  know a signal from an exit.
* When the supervisor is gone, even by SIGKILL, its end of each socket closes:
  the keepers kill what they own, the host removes the private folder, and
  all exit. A kernel whose keeper is killed dies by ``PR_SET_PDEATHSIG``.

Messages are JSON, one a packet. To the host: ``{"argv", "warm", "cwd",
"env"}`` with the keeper's socket attached. To a keeper: ``{"signal": N,
"group": bool}`` or ``{"kill": true}``. From a keeper: ``{"event":
"started", "pid"}``, ``"failed"`` (with ``error``), ``"dead"`` (with
``status`` and the tail of what the kernel wrote past its own capture) and
last ``"gone"``: no process is left.
"""

# Plain calls between fork and exec, nothing newer than Python 3.8:
# ruff: noqa: PTH100, PTH106, PTH108, PTH118, PTH120, PTH123, PTH208
# ruff: noqa: S606, UP031, SIM117

from __future__ import annotations

import array
import contextlib
import json
import os
import select
import signal
import socket
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

LOG_LIMIT = 16384
PACKET = 131072
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


class Kernel(Exception):  # noqa: N818 - not an error
    """Unwinds the stack in a forked kernel, which then starts afresh."""

    def __init__(self, request: dict[str, Any], keeper: int) -> None:
        super().__init__()
        self.request = request
        self.keeper = keeper


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
        self, control: socket.socket, pid: int, log: int, wake: int
    ) -> None:
        self.control = control
        self.pid = pid
        self.log = log
        self.wake = wake
        self.tail = b""
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
        elif self.dead:
            return  # Its number may be another process's by now.
        elif message.get("group"):
            try:
                os.killpg(self.pid, message["signal"])
            except OSError:
                kill(self.pid, message["signal"])
        elif "signal" in message:
            kill(self.pid, message["signal"])

    def read_log(self) -> bool:
        """Keep the tail of what the kernel wrote; false at its end."""
        try:
            data = os.read(self.log, 65536)
        except OSError:
            data = b""
        self.tail = (self.tail + data)[-LOG_LIMIT:]
        return bool(data)

    def run(self) -> None:
        """Serve until the last descendant is reaped."""
        poller = select.poll()
        for descriptor in (self.control.fileno(), self.log, self.wake):
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
        for descriptor, _ in poller.poll(timeout):
            if descriptor == self.wake:
                drain(self.wake)
            elif descriptor == self.log:
                if not self.read_log():
                    poller.unregister(self.log)
            else:
                self.listen()
                if self.orphaned:
                    poller.unregister(self.control.fileno())

    def report(self, status: int) -> None:
        """Tell how the kernel ended."""
        os.set_blocking(self.log, False)
        while self.read_log():
            pass
        log = self.tail.decode("utf-8", "replace")
        self.say(event="dead", status=status, log=log)


class Host:
    """Starts a keeper for each request of the supervisor."""

    def __init__(self, control: socket.socket, folder: str) -> None:
        self.control = control
        self.folder = folder
        self.original = {
            number: signal.getsignal(number)
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        for number in self.original:
            signal.signal(number, signal.SIG_IGN)
        self.wake = wakeup()
        self.keepers: set[int] = set()

    def receive(self) -> tuple[dict[str, Any], socket.socket] | None:
        """Return ``(request, keeper's socket)``, or ``None`` at the end."""
        size = array.array("i").itemsize
        try:
            data, extra, _, _ = self.control.recvmsg(
                PACKET, socket.CMSG_SPACE(size), socket.MSG_CMSG_CLOEXEC
            )
        except OSError:
            return None
        descriptors = array.array("i")
        for level, kind, content in extra:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                descriptors.frombytes(content[:size])
        if not data or not descriptors:
            return None
        return json.loads(data), socket.socket(fileno=descriptors[0])

    def run(self) -> None:
        """Serve until the supervisor is gone, then leave nothing."""
        poller = select.poll()
        poller.register(self.control.fileno(), select.POLLIN)
        poller.register(self.wake, select.POLLIN)
        while True:
            ready = [descriptor for descriptor, _ in poller.poll()]
            if self.wake in ready:
                drain(self.wake)
                self.tidy()
            if self.control.fileno() in ready:
                received = self.receive()
                if received is None:
                    break
                self.start(*received)
        self.finish()

    def tidy(self) -> None:
        """Reap keepers; kill what a killed keeper left to us."""
        lost = False
        for ended in reap():
            if ended is not None:
                self.keepers.discard(ended[0])
                lost = lost or ended[1] != 0
        if lost:
            mine = os.getpid()
            for pid, parent in parents().items():
                if parent == mine and pid not in self.keepers:
                    for below in descendants(pid):
                        kill(below, signal.SIGKILL)
                    kill(pid, signal.SIGKILL)

    def finish(self) -> None:
        """Wait for the keepers, which end by themselves; then kill the rest."""
        poller = select.poll()
        poller.register(self.wake, select.POLLIN)
        for _ in range(1000):
            for ended in reap():
                if ended is None:
                    self.remove_folder()
                    return
                self.keepers.discard(ended[0])
            if not self.keepers:
                for pid in descendants(os.getpid()):
                    kill(pid, signal.SIGKILL)
            poller.poll(20)
            drain(self.wake)

    def remove_folder(self) -> None:
        """Remove the sockets and connection files of a dead supervisor."""
        with contextlib.suppress(OSError):
            for name in os.listdir(self.folder):
                os.unlink(os.path.join(self.folder, name))
            os.rmdir(self.folder)

    def start(self, request: dict[str, Any], control: socket.socket) -> None:
        """Fork a keeper, and below it the kernel."""
        pid = os.fork()
        if pid:
            self.keepers.add(pid)
            control.close()
            return
        self.control.close()
        signal.set_wakeup_fd(-1)
        os.close(self.wake)
        try:
            self.keep(request, control)
        except Kernel:
            raise
        except BaseException as exc:  # noqa: BLE001 - told, then ended
            message = {"event": "failed", "error": str(exc)}
            control.send(json.dumps(message).encode())
        os._exit(0)

    def keep(self, request: dict[str, Any], control: socket.socket) -> None:
        """Be the keeper; in the kernel itself, never return."""
        prctl(PR_SET_CHILD_SUBREAPER, 1)
        wake = wakeup()
        log, write_log = os.pipe()
        keeper = os.getpid()
        # A kernel that cannot even be started says why through this pipe.
        problem, write_problem = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                self.become_kernel(request, keeper, write_log)
                if request["warm"]:
                    os.closerange(3, 4096)
                    raise Kernel(request, keeper)
                os.execvpe(request["argv"][0], request["argv"], os.environ)
            except OSError as exc:
                name = exc.filename or request["argv"][0]
                text = "%s: %s" % (exc.strerror, name)
                os.write(write_problem, text.encode()[:4000])
                os._exit(127)
        os.close(write_log)
        os.close(write_problem)
        said = b"" if request["warm"] else os.read(problem, 4000)
        os.close(problem)
        if said:
            raise RuntimeError(said.decode("utf-8", "replace"))
        Keeper(control, pid, log, wake).run()

    def become_kernel(
        self, request: dict[str, Any], keeper: int, log: int
    ) -> None:
        """Give the new process the state of an ordinary kernel's."""
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != keeper:
            os._exit(127)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, handler in self.original.items():
            signal.signal(number, handler)
        if not request["warm"]:
            # As subprocess does: Python ignores these, other programs don't.
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        os.setsid()
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.environ.update(request["env"])
        os.environ["JPY_PARENT_PID"] = str(keeper)
        # Short of memory, the notebook is to die, not the user's lab.
        with contextlib.suppress(OSError):
            with open("/proc/self/oom_score_adj", "w") as file:
                file.write("500")
        os.chdir(request["cwd"])


def load_forked_kernel(folder: str) -> Any:
    """Load what makes a fork of us a kernel, without a trace of it.

    A notebook is to find the modules of an ordinary kernel: this one is kept
    out of ``sys.modules``.
    """
    from importlib.util import module_from_spec, spec_from_file_location

    path = os.path.join(folder, "forked_kernel.py")
    spec = spec_from_file_location("rsp_health_forked_kernel", path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Run the host: ``kernel_host.py FD FOLDER warm|cold``."""
    descriptor, folder, mode = sys.argv[1:4]
    # Python put this file's folder there; a kernel must not see it.
    here = os.path.dirname(os.path.abspath(__file__))
    if sys.path and os.path.abspath(sys.path[0]) == here:
        del sys.path[0]
    control = socket.socket(fileno=int(descriptor))
    control.set_inheritable(False)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    host = Host(control, folder)
    forked: Any = None
    if mode == "warm":
        try:
            forked = load_forked_kernel(here)
            forked.preload()
        except BaseException as exc:  # noqa: BLE001 - told, then ended
            text = "%s: %s" % (type(exc).__name__, exc)
            control.send(
                json.dumps({"event": "failed", "error": text}).encode()
            )
            return
    try:
        host.run()
    except Kernel as kernel:
        request, keeper = kernel.request, kernel.keeper
    else:
        os._exit(0)
    del host, control
    forked.run_kernel(request, keeper)


if __name__ == "__main__":
    main()

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
"group": bool}``, ``{"kill": true}`` or ``{"ask": WORD}``. From a keeper:
``{"event": "started", "pid"}``, ``"failed"`` (with ``error``), ``"answer"``
(with what was ``asked``, and what the kernel ``said`` on its error output past
its own capture), ``"dead"`` (with ``status`` and the tail of all that it wrote
there) and last ``"gone"``: no process is left. From a warm parent: ``"warm"``
(with the ``folders`` that its start read, and their ``state``) or ``"failed"``.
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
from importlib.util import module_from_spec, spec_from_file_location
from typing import TYPE_CHECKING

HERE = os.path.dirname(os.path.abspath(__file__))

PACKET = 131072
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def load(name: str) -> Any:
    """Load a file beside this one, without a trace of it.

    A notebook is to find the modules of an ordinary kernel: these are kept
    out of ``sys.modules``.
    """
    path = os.path.join(HERE, name + ".py")
    spec = spec_from_file_location("rsp_health_" + name, path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if TYPE_CHECKING:
    from typing import Any

    from . import keeper as keeping
else:
    keeping = load("keeper")


class BecomeKernel(Exception):  # noqa: N818 - not an error
    """Unwinds the stack in a forked kernel, which then starts afresh."""

    def __init__(self, request: dict[str, Any], keeper: int) -> None:
        super().__init__()
        self.request = request
        self.keeper = keeper


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
        self.wake = keeping.wakeup()
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
                keeping.drain(self.wake)
                self.tidy()
            if self.control.fileno() in ready:
                received = self.receive()
                if received is None:
                    break
                self.start(*received)
        self.finish()

    def tidy(self) -> None:
        """Reap keepers; kill what a killed keeper left to us.

        A keeper that is stopped keeps nothing: only a notebook stops one.
        """
        lost = False
        for pid in self.keepers:
            with contextlib.suppress(ChildProcessError):
                if os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOHANG):
                    keeping.kill(pid, signal.SIGKILL)
        for ended in keeping.reap():
            if ended is not None:
                self.keepers.discard(ended[0])
                lost = lost or ended[1] != 0
        if lost:
            mine = os.getpid()
            for pid, parent in keeping.parents().items():
                if parent == mine and pid not in self.keepers:
                    for below in keeping.descendants(pid):
                        keeping.kill(below, signal.SIGKILL)
                    keeping.kill(pid, signal.SIGKILL)

    def finish(self) -> None:
        """Wait for the keepers, which end by themselves; then kill the rest."""
        poller = select.poll()
        poller.register(self.wake, select.POLLIN)
        for _ in range(1000):
            for ended in keeping.reap():
                if ended is None:
                    self.remove_folder()
                    return
                self.keepers.discard(ended[0])
            if not self.keepers:
                for pid in keeping.descendants(os.getpid()):
                    keeping.kill(pid, signal.SIGKILL)
            poller.poll(20)
            keeping.drain(self.wake)

    def remove_folder(self) -> None:
        """Remove the sockets and connection files of a dead supervisor."""
        with contextlib.suppress(OSError):
            for name in os.listdir(self.folder):
                # A kernel that ends takes its own away.
                with contextlib.suppress(OSError):
                    os.unlink(os.path.join(self.folder, name))
            os.rmdir(self.folder)
            # The last host takes the run's folder with it.
            os.rmdir(os.path.dirname(self.folder))

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
        except BecomeKernel:
            raise
        except BaseException as exc:  # noqa: BLE001 - told, then ended
            message = {"event": "failed", "error": str(exc)}
            control.send(json.dumps(message).encode())
        os._exit(0)

    def keep(self, request: dict[str, Any], control: socket.socket) -> None:
        """Be the keeper; in the kernel itself, never return."""
        keeping.prctl(PR_SET_CHILD_SUBREAPER, 1)
        wake = keeping.wakeup()
        logs = [os.pipe(), os.pipe()]
        keeper = os.getpid()
        # A kernel that cannot even be started says why through this pipe.
        problem, write_problem = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                self.become_kernel(request, keeper, [w for _, w in logs])
                if request["warm"]:
                    os.closerange(3, 4096)
                    raise BecomeKernel(request, keeper)
                os.execvpe(request["argv"][0], request["argv"], os.environ)
            except OSError as exc:
                name = exc.filename or request["argv"][0]
                text = "%s: %s" % (exc.strerror, name)
                os.write(write_problem, text.encode()[:4000])
                os._exit(127)
        for _, writer in logs:
            os.close(writer)
        os.close(write_problem)
        said = b"" if request["warm"] else os.read(problem, 4000)
        os.close(problem)
        if said:
            raise RuntimeError(said.decode("utf-8", "replace"))
        keeping.Keeper(control, pid, [r for r, _ in logs], wake).run()

    def become_kernel(
        self, request: dict[str, Any], keeper: int, logs: list[int]
    ) -> None:
        """Give the new process the state of an ordinary kernel's."""
        keeping.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
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
        os.dup2(logs[0], 1)
        os.dup2(logs[1], 2)
        os.environ.update(request["env"])
        os.environ["JPY_PARENT_PID"] = str(keeper)
        # Short of memory, the notebook is to die, not the user's lab.
        with contextlib.suppress(OSError):
            with open("/proc/self/oom_score_adj", "w") as file:
                file.write("500")
        os.chdir(request["cwd"])


def look_at_sites() -> dict[str, Any]:
    """Return what a later start has to be compared with.

    Raises
    ------
    RuntimeError
        Raised if each kernel has to be started by itself.
    """
    sites = load("sites")
    reason = sites.why_each_start_differs()
    if reason is not None:
        raise RuntimeError(reason)
    places = sites.folders()
    return {"event": "warm", "folders": places, "state": sites.state(places)}


def main() -> None:
    """Run the host: ``host.py FD FOLDER warm|cold``."""
    descriptor, folder, mode = sys.argv[1:4]
    # Python put this file's folder there; a kernel must not see it.
    if sys.path and os.path.abspath(sys.path[0]) == HERE:
        del sys.path[0]
    control = socket.socket(fileno=int(descriptor))
    control.set_inheritable(False)
    keeping.prctl(PR_SET_CHILD_SUBREAPER, 1)
    host = Host(control, folder)
    forked: Any = None
    leaving: Any = None
    if mode == "warm":
        try:
            told = look_at_sites()
            forked = load("fork")
            leaving = load("leaving").Leaving
            forked.preload()
        except BaseException as exc:  # noqa: BLE001 - told, then ended
            text = "%s: %s" % (type(exc).__name__, exc)
            told = {"event": "failed", "error": text}
        # The supervisor may be gone; then the host still has to clean up.
        with contextlib.suppress(OSError):
            control.send(json.dumps(told).encode())
        if told["event"] == "failed":
            return
    try:
        host.run()
    except BecomeKernel as become:
        request, keeper = become.request, become.keeper
    else:
        os._exit(0)
    del host, control
    forked.run_kernel(request, keeper, leaving)


if __name__ == "__main__":
    main()

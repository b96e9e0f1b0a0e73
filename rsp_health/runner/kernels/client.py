"""One kernel: its keeper, its sockets, and how it is ended.

Waiting is one poll on four descriptors: the kernel's shell and iopub
sockets, the keeper's socket (which tells the kernel's death at once) and the
run's wake-up (which tells that the user stopped the run). Nothing is polled
by the clock.
"""

from __future__ import annotations

import contextlib
import json
import math
import signal
import time
from typing import TYPE_CHECKING, Any

import zmq

from .exit import KernelExit
from .installs import FOLDERS
from .wire import Message, Wire

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from .installs import InstallWatch
    from .spec import KernelSpec

__all__ = ["Kernel", "KernelDiedError", "KernelStartError"]

#: Silent, before the first cell: the kernel's own output socket drops lines
#: without a word when its reader is behind. On the thread that owns it.
UNLIMITED_OUTPUT = """
try:
    _t = get_ipython().kernel.iopub_thread
    _t.schedule(lambda s=_t.socket: setattr(s, "sndhwm", 0))
except Exception:
    pass
finally:
    globals().pop("_t", None)
"""
_PACKET = 131072
#: Seconds that a single poll may last: a day.
_LONGEST_S = 86400.0
#: Seconds in which a keeper answers, on a machine that is busy.
_ANSWER_S = 30.0
#: Messages that wait on our side, where the kernel keeps the others.
_HELD_BACK = 16


class KernelStartError(Exception):
    """The kernel did not start; the text says why."""


class KernelDiedError(KernelStartError):
    """The kernel is gone before it was of use; the text says how."""


class Kernel:
    """A kernel that was asked for and may not have started yet.

    Parameters
    ----------
    spec
        Its kernelspec.
    info
        Content of its connection file.
    keeper
        Our end of the keeper's socket.
    context
        The run's ZeroMQ context.
    warm
        Whether it is forked from a warm parent, which has already made its
        output unlimited.
    hosted
        Tells whether the process above its keeper runs as it should.
    installs
        Tells whether anything was installed since it was started.
    on_close
        Called once, when it is closed.
    """

    def __init__(
        self,
        *,
        spec: KernelSpec,
        info: dict[str, Any],
        keeper: socket.socket,
        context: zmq.Context[zmq.Socket[bytes]],
        warm: bool,
        hosted: Callable[[], bool],
        installs: InstallWatch,
        on_close: Callable[[], None] | None = None,
    ) -> None:
        self.spec = spec
        self.warm = warm
        self.pid: int | None = None
        self.exit: KernelExit | None = None
        self.gone = False
        self.language_info: dict[str, Any] = {}
        #: What it wrote to its error output until it was ready.
        self.said = ""
        #: The same until it was last asked.
        self._written = ""
        self._answered = False
        #: Whether the process above its keeper runs as it should.
        self.is_hosted = hosted
        self.installs = installs
        self._on_close = on_close
        self._failure: str | None = None
        self._held_back = spec.language == "python"
        self._keeper = keeper
        self._info = info
        self._context = context
        self._wire = Wire(key=info["key"], verify=info["transport"] != "ipc")
        self._sockets: dict[str, zmq.Socket[bytes]] = {}
        self._poller = zmq.Poller()
        self._poller.register(keeper.fileno(), zmq.POLLIN)

    @property
    def alive(self) -> bool:
        """Whether the kernel process is, as far as is known, there."""
        return self.exit is None and not self.gone

    @property
    def log(self) -> str:
        """What it wrote past its own capture, as far as it is known.

        Of one that died the last of its output, else the first of its error
        output.
        """
        return self.exit.log if self.exit is not None else self._written

    def wait_until_ready(self, *, timeout_s: float, wake: int) -> None:
        """Connect, and return when the kernel answers on both channels.

        Parameters
        ----------
        timeout_s
            Seconds it may take.
        wake
            Descriptor that becomes readable when the run is stopped.

        Raises
        ------
        KernelStartError
            Raised if it died, could not be started, was late, or if the run
            was stopped meanwhile.
        """
        self._connect()
        deadline = time.monotonic() + timeout_s
        self.send("shell", "kernel_info_request", {})
        informed = heard = ipython = False
        patience = 0.05
        while not (informed and heard):
            left = deadline - time.monotonic()
            if left <= 0:
                raise KernelStartError(
                    f"The kernel did not answer within {timeout_s:g} s."
                )
            wait = min(left, patience) if informed else left
            ready = self.poll(wait, wake)
            if wake in ready:
                raise KernelStartError("The run was stopped.")
            self._check_started()
            for message in self.receive("iopub"):
                heard = heard or bool(message.kind)
            for message in self.receive("shell"):
                if message.kind == "kernel_info_reply":
                    informed = True
                    content = message.content
                    info = content.get("language_info")
                    self.language_info = info if isinstance(info, dict) else {}
                    ipython = content.get("implementation") == "ipython"
                    if not ipython and self._held_back:
                        self._hear_all()
                        heard = False
            if informed and not heard and not ready:
                # Kernels without iopub_welcome: the subscription came after
                # the status messages of the first request.
                patience *= 2
                self.send("shell", "kernel_info_request", {})
        if ipython and not self.warm:
            reply = self._execute_silently(UNLIMITED_OUTPUT, deadline, wake)
            self.installs.places.learn_from(reply)
        self._tell(ask="start")

    def is_kept(self) -> bool:
        """Whether the processes that keep this kernel do so.

        A notebook can stop or kill them; then nothing is certain any more.
        """
        if not self.is_hosted():
            return False
        if self.exit is None:
            self._tell(ask="end")
            self._await(lambda: not self._answered, _ANSWER_S)
        return self._answered or self.exit is not None

    def _execute_silently(
        self, code: str, deadline: float, wake: int
    ) -> dict[str, Any]:
        wanted = self.send(
            "shell",
            "execute_request",
            {
                "code": code,
                "silent": True,
                "store_history": False,
                "user_expressions": {"folders": FOLDERS},
                "allow_stdin": False,
                "stop_on_error": False,
            },
        )
        while time.monotonic() < deadline:
            if wake in self.poll(deadline - time.monotonic(), wake):
                raise KernelStartError("The run was stopped.")
            self._check_started()
            for _ in self.receive("iopub"):
                pass
            for message in self.receive("shell"):
                if message.parent_id == wanted:
                    return message.content
        raise KernelStartError("The kernel stopped answering at its start.")

    def _check_started(self) -> None:
        if self._failure is not None:
            raise KernelStartError(self._failure)
        if not self.alive:
            ended = self.exit or KernelExit(None)
            lines = ended.log.strip().splitlines()
            last = f" It said: {lines[-1][:500]}" if lines else ""
            raise KernelDiedError(f"{ended.describe()}{last}")

    def _connect(self) -> None:
        self._open("shell", zmq.DEALER)
        self._open("control", zmq.DEALER)
        self._open("iopub", zmq.SUB)

    def _open(self, name: str, kind: int) -> None:
        channel = self._context.socket(kind)
        channel.linger = 0
        # The kernel binds; until then, ask again soon.
        channel.reconnect_ivl = 4
        channel.sndhwm = 0
        # ipykernel keeps what we have not read yet (see the silent
        # execution); other kernels would drop it.
        channel.rcvhwm = _HELD_BACK if self._held_back else 0
        if kind == zmq.SUB:
            channel.subscribe(b"")
        path = f"{self._info['ip']}-{self._info[f'{name}_port']}"
        channel.connect(f"ipc://{path}")
        self._sockets[name] = channel
        if name != "control":
            self._poller.register(channel, zmq.POLLIN)

    def _hear_all(self) -> None:
        """Subscribe anew: this Python kernel is no ipykernel after all."""
        self._held_back = False
        channel = self._sockets["iopub"]
        self._poller.unregister(channel)
        channel.close(linger=0)
        self._open("iopub", zmq.SUB)

    def send(self, channel: str, kind: str, content: dict[str, Any]) -> str:
        """Send a request; return its id."""
        message_id, frames = self._wire.pack(kind, content)
        self._sockets[channel].send_multipart(frames)
        return message_id

    def poll(self, timeout_s: float | None, wake: int) -> set[Any]:
        """Wait for anything to happen; hear the keeper.

        Returns
        -------
        set
            ``wake`` if the run was woken, and sockets with messages.
        """
        self._poller.register(wake, zmq.POLLIN)
        timeout = None if timeout_s is None else _milliseconds(timeout_s)
        ready = {what for what, _ in self._poller.poll(timeout)}
        self._poller.unregister(wake)
        if self._keeper.fileno() in ready:
            self._hear()
        return ready

    def receive(self, channel: str, limit: int = 256) -> Iterator[Message]:
        """Yield the messages that have arrived, at most ``limit``.

        One at a time: a flood of large ones must not be held at once.
        """
        source = self._sockets[channel]
        for _ in range(limit):
            try:
                # Not copied: of a flood, only the length is looked at.
                frames = source.recv_multipart(zmq.NOBLOCK, copy=False)
            except zmq.Again:
                return
            message = self._wire.unpack([frame.buffer for frame in frames])
            del frames
            if message is not None:
                yield message

    def _hear(self) -> None:
        try:
            data = self._keeper.recv(_PACKET)
        except OSError:
            data = b""
        if not data:
            self.gone = True
            self._poller.unregister(self._keeper.fileno())
            return
        message = json.loads(data)
        match message["event"]:
            case "started":
                self.pid = message["pid"]
            case "failed":
                self._failure = str(message["error"])
            case "dead":
                self.exit = KernelExit(message["status"], message["log"])
            case "gone":
                self.gone = True
            case "answer":
                self._written = str(message["said"])
                if message["asked"] == "start":
                    self.said = self._written
                else:
                    self._answered = True
            case _:
                pass

    def interrupt(self) -> None:
        """Interrupt the running cell."""
        if self.spec.interrupt_mode == "message":
            self.send("control", "interrupt_request", {})
        else:
            self._tell(signal=int(signal.SIGINT), group=True)

    def terminate(self) -> None:
        """Ask the kernel's processes to end (SIGTERM)."""
        self._tell(signal=int(signal.SIGTERM), group=True)

    def kill(self) -> None:
        """Kill the kernel and all its descendants."""
        self._tell(kill=True)

    def _tell(self, **message: Any) -> None:
        with contextlib.suppress(OSError):
            self._keeper.send(json.dumps(message).encode())

    def end(self, *, grace_s: float) -> bool:
        """End the kernel and wait until no process of it is left.

        Parameters
        ----------
        grace_s
            Seconds it has for the notebook's own clean-up (``atexit``, open
            files, clusters); then it is killed.

        Returns
        -------
        bool
            Whether the kernel ended by itself.
        """
        polite = self.alive and grace_s > 0 and "control" in self._sockets
        if polite:
            self.send("control", "shutdown_request", {"restart": False})
            self._await(lambda: self.alive, grace_s)
        clean = not self.alive
        self.kill()
        self._await(lambda: not self.gone, 10.0)
        self.close()
        return clean

    def _await(self, condition: Any, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        poller = zmq.Poller()
        if not self.gone:
            poller.register(self._keeper.fileno(), zmq.POLLIN)
        while condition() and not self.gone:
            left = deadline - time.monotonic()
            if left <= 0 or not poller.poll(_milliseconds(left)):
                return
            self._hear()

    def close(self) -> None:
        """Close the sockets; the keeper then kills whatever is left."""
        for channel in self._sockets.values():
            channel.close(linger=0)
        self._sockets.clear()
        self._keeper.close()
        told, self._on_close = self._on_close, None
        if told is not None:
            told()


def _milliseconds(seconds: float) -> int:
    """Return whole milliseconds, rounded up: a poll must not end early.

    One that lasts longer than poll(2) can say is asked for again.
    """
    return math.ceil(min(max(0.0, seconds), _LONGEST_S) * 1000)

"""What makes a fork of the warm parent a kernel like any other.

Loaded by `rsp_health.runner.kernel_host`, and like it under the *kernel's*
Python: standard library and ipykernel only, no syntax newer than Python 3.8.
"""

# Nothing newer than Python 3.8:

from __future__ import annotations

import contextlib
import gc
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .leaving import Leaving

#: What an ordinary kernel has imported when it runs its first cell, beside
#: what importing ``ipykernel.kernelapp`` brings.
PRELOAD = (
    "runpy",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "IPython.utils.wildcard",
    "encodings.ascii",
    "encodings.idna",
    "encodings.latin_1",
    "faulthandler",
    "pdb",
    "sqlite3",
    "tornado.platform.asyncio",
    "tornado.queues",
)


def preload() -> None:
    """Import what every ordinary kernel imports; nothing of the user's."""
    import importlib

    importlib.import_module("ipykernel.kernelapp")
    for name in PRELOAD:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    # Not looked at by any collection in a kernel, so that its pages stay
    # shared.
    gc.freeze()
    # An ordinary kernel has not imported it.
    sys.modules.pop("gc", None)


def quicken_output() -> None:
    """Let a flushed line wake ipykernel's output thread once.

    ipykernel's `flush` schedules the flush and, apart, the signal that it is
    done, and the flush schedules the sending, which may so come after that
    signal; and the line's first `write` has scheduled a timer. Here one event
    does all of it, in this order, and one timer serves all lines of its 0.2 s.
    Text and messages are the same; 20,000 flushed lines take a third of the
    time. With an ipykernel that is built otherwise nothing is changed.
    """
    from ipykernel import iostream

    channel: Any = iostream.IOPubThread
    stream: Any = iostream.OutStream
    theirs = channel.send_multipart

    def send_multipart(self: Any, *args: Any, **kwargs: Any) -> None:
        if threading.current_thread() is self.thread:
            self._really_send(*args, **kwargs)
        else:
            theirs(self, *args, **kwargs)

    changed: dict[Any, dict[str, Any]] = {
        channel: {"send_multipart": send_multipart, "run_soon": _run_soon},
        stream: {"flush": _flush, "_schedule_flush": _schedule_flush},
    }
    if all(
        hasattr(channel, name) for name in ("_really_send", "_handle_event")
    ) and hasattr(stream, "_schedule_flush"):
        for kind, functions in changed.items():
            for name, function in functions.items():
                setattr(kind, name, function)


def _run_soon(self: Any, function: Callable[[], None]) -> None:
    """Run a function in the output thread, in its turn among the others.

    Woken by asyncio's own pipe, which costs less than a ZeroMQ stream.
    """
    self._events.append(function)
    self.io_loop.asyncio_loop.call_soon_threadsafe(self._handle_event, None)


def _flush(self: Any) -> None:
    channel = self.pub_thread
    thread = getattr(channel, "thread", None)
    if (
        thread is None
        or thread is threading.current_thread()
        or not thread.is_alive()
    ):
        self._flush()
        return
    done = threading.Event()

    def flush_here() -> None:
        try:
            self._flush()
        finally:
            done.set()

    channel.run_soon(flush_here)
    if not done.wait(self.flush_timeout):
        print("IOStream.flush timed out", file=sys.__stderr__)


def _schedule_flush(self: Any) -> None:
    if self._flush_pending:
        return
    self._flush_pending = True
    # What is written before a timer has said that it is over is in its flush.
    if getattr(self, "_rsp_health_timer", False):
        return
    self._rsp_health_timer = True

    def flush_later() -> None:
        self._rsp_health_timer = False
        self._flush()

    self.pub_thread.schedule(
        lambda: self._io_loop.call_later(self.flush_interval, flush_later)
    )


def run_kernel(
    request: dict[str, Any], keeper: int, leaving: type[Leaving]
) -> None:
    """Be the kernel, as ``python -m ipykernel_launcher`` would be."""
    from importlib.util import find_spec

    from ipykernel.kernelapp import IPKernelApp

    launcher = find_spec("ipykernel_launcher")
    if launcher is not None and launcher.origin:
        sys.argv = [launcher.origin, *request["argv"][1:]]
    app: Any = IPKernelApp.instance(parent_handle=keeper)
    app.initialize(request["argv"][1:])
    socket_ = app.iopub_thread.socket
    # No line of output is lost, however far the reader is behind.
    app.iopub_thread.schedule(lambda: setattr(socket_, "sndhwm", 0))
    quicken_output()
    leaving(app)
    app.start()

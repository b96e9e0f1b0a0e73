"""How a forked kernel ends: at once, or as any interpreter does.

Loaded by `rsp_health.runner.kernel_host`, and like it under the *kernel's*
Python: standard library only, no syntax newer than Python 3.8.

Taking an interpreter apart closes what a notebook left open: it completes
archives, rolls back transactions, removes temporary files. It takes 0.05 s of
processor time, half of what the rest of a small notebook takes, and most
notebooks leave nothing that would need it. So what the notebook made is
looked through, and only if nothing of it has anything to do at its end is the
process ended at once.
"""

# Nothing newer than Python 3.8:

from __future__ import annotations

import atexit
import contextlib
import gc
import logging
import os
import sys
import threading
import types
import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

#: Types without ``__del__`` that do something when they go nevertheless, by
#: the modules that define them.
_CLOSING_MODULES = {"_ctypes", "_sqlite3", "ctypes", "sqlite3"}
#: Types with ``__del__`` whose end nobody outside the process notices.
_QUIET = {
    ("_io", "BytesIO"),
    ("_io", "StringIO"),
    ("_asyncio", "Future"),
    ("_asyncio", "Task"),
    ("zmq.sugar.context", "Context"),
    ("zmq.sugar.socket", "Socket"),
}
#: What ipykernel imports while it ends.
_OF_THE_END = {"psutil", "resource"}
#: What CPython itself has called when a thread's or a lock's data go.
_OF_THE_THREADS = {"_destroy", "_localdummy_destroyed", "clear_locals"}
#: What runs a part of somebody's code when it goes, and where that stands.
_CODE: dict[type, str] = {
    types.GeneratorType: "gi_code",
    types.CoroutineType: "cr_code",
    types.AsyncGeneratorType: "ag_code",
}
#: Of these, one is not like the other.
_EACH = (types.ModuleType, type, weakref.ref, *_CODE)


class Leaving:
    """Ends the process when the notebook's own clean-up is done.

    What exists when the kernel is ready for its first cell is none of the
    notebook's.

    Parameters
    ----------
    app
        The kernel's application.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        start = app.kernel.start

        def start_and_look() -> None:
            del app.kernel.start
            start()
            self._look()

        app.kernel.start = start_and_look

    def _look(self) -> None:
        """Remember what is there before the first cell."""
        self._threads = set(threading.enumerate())
        self._ours = {
            getattr(module, "__file__", None)
            for module in list(sys.modules.values())
        }
        # Hides what exists from `gc.get_objects`, so that a look at the rest
        # is quick. No collection looks at it either; its pages stay shared.
        gc.freeze()
        atexit.register(self.leave)

    def leave(self) -> None:
        """End at once, or let the interpreter go on with its own end.

        ``atexit`` calls the latest first: what the notebook and its libraries
        registered has run, and threads that are waited for have ended.
        """
        # What a notebook's classes answer may be anything.
        with contextlib.suppress(Exception):
            if self.nothing_is_left():
                end_at_once(self._app)
        # As in an ordinary kernel, which has never frozen anything: the last
        # collection finds what the shell holds.
        gc.unfreeze()

    def nothing_is_left(self) -> bool:
        """Whether nothing that the notebook made has anything to do."""
        return (
            self._threads.issuperset(threading.enumerate())
            # Who has it may have hidden objects, too.
            and "gc" not in sys.modules
            and not self._any_acts(gc.get_objects())
        )

    def _any_acts(self, things: Iterable[Any]) -> bool:
        judged: set[type] = set()
        for thing in things:
            kind = type(thing)
            if kind not in judged:
                if self._acts(thing, kind):
                    return True
                if not issubclass(kind, _EACH) and kind.__module__ != "_io":
                    judged.add(kind)
        return False

    def _acts(self, thing: Any, kind: type) -> bool:
        """Whether a thing does something when it goes."""
        if issubclass(kind, types.ModuleType):
            # Others may do anything when the process ends.
            return thing.__name__.partition(".")[0] not in _OF_THE_END
        if kind in _CODE:
            return self._is_the_notebooks(getattr(thing, _CODE[kind]))
        if issubclass(kind, weakref.ref):
            return self._is_called(thing)
        if issubclass(kind, type) and hasattr(thing, "__del__"):
            return True  # Its instances may be invisible to the collector.
        return _is_closed_by_its_end(thing, kind)

    def _is_called(self, reference: Any) -> bool:
        """Whether a weak reference calls code of the notebook."""
        callback = reference.__callback__
        if callback is None:
            return False
        code = getattr(callback, "__code__", None)
        if code is None:
            return getattr(callback, "__name__", "") not in _OF_THE_THREADS
        return self._is_the_notebooks(code)

    def _is_the_notebooks(self, code: types.CodeType) -> bool:
        """Whether code stands in none of the files that were loaded before."""
        name = code.co_filename
        return name not in self._ours and not name.startswith("<frozen ")


def _is_closed_by_its_end(thing: Any, kind: type) -> bool:
    """Whether a thing is closed, with what that writes, when it goes."""
    name = (kind.__module__, kind.__name__)
    if name in _QUIET:
        return False
    if name[0] == "_io":
        # Decoders are never closed.
        return not getattr(thing, "closed", True) and thing.writable()
    return hasattr(kind, "__del__") or (
        name[0].partition(".")[0] in _CLOSING_MODULES
    )


def end_at_once(app: Any) -> None:
    """End the process, with what the interpreter would do for the user."""
    steps = [
        getattr(weakref.finalize, "_exitfunc", None),
        logging.shutdown,
        lambda: [path.unlink() for path in app.shell.tempfiles],
        lambda: [path.rmdir() for path in app.shell.tempdirs],
        getattr(sys.__stdout__, "flush", None),
        getattr(sys.__stderr__, "flush", None),
    ]
    for step in steps:
        if step is not None:
            with contextlib.suppress(Exception):
                step()
    os._exit(0)

"""Runs checks side by side, each in a process that may hang or crash.

A `stat` on a mount that does not answer cannot be cancelled, neither in this
process nor, for some file servers, by killing the one that waits. A thread
that waits so keeps its process from ending. So each check is a fork: what it
found comes back through a pipe, whoever is late is killed and not waited for,
and nothing of ours waits for anything but pipes.

To fork is safe only where there are no other threads. The doctor of a Jupyter
server is therefore a process of its own; see `rsp_health.cli`.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import time
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from .checks import load
from .evidence.patience import scheduled
from .models import Finding, cannot_tell
from .one_check import find_all, found_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .context import Context

__all__ = ["Limits", "look"]

_ANSWER = TypeAdapter(list[Finding])
_ANSWER_BYTES = 512 * 1024
_END = b"\n"
#: What asks a platform; the second, only where no server has asked.
_FOR_PLATFORM = ("rsp_health.platform.http.transport", "rubin.repertoire")
#: Seconds after its time in which a check ends itself, should we be gone.
_GRACE_S = 2
#: Share of its time in which a check waits for a processor, and not for what
#: it looks at.
_MOST_OF_IT = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What all checks may take.

    Parameters
    ----------
    check_s
        Seconds that one check may take.
    total_s
        Seconds that all of them may take.
    at_once
        Checks that run side by side.
    """

    check_s: float = 2.0
    total_s: float = 5.0
    at_once: int = 24


class _Running:
    """A check in its process."""

    def __init__(self, id: str, context: Context, limit_s: float) -> None:
        self.id = id
        self.began = time.monotonic()
        self.deadline = self.began + limit_s
        self._proc = context.proc
        self._data = bytearray()
        self.pipe, theirs = os.pipe2(os.O_CLOEXEC)
        try:
            self._pid = os.fork()
        except OSError:
            os.close(self.pipe)
            os.close(theirs)
            raise
        if self._pid == 0:
            _be_a_check(id, context, theirs, limit_s)  # never returns
        os.close(theirs)
        os.set_blocking(self.pipe, False)

    def is_done(self) -> bool:
        """Read what there is; return whether that is all.

        The end of the pipe is not waited for: a check that has answered may
        still have a thread that hangs.
        """
        with contextlib.suppress(BlockingIOError):
            while data := os.read(self.pipe, 65_536):
                self._data += data
                if data.endswith(_END) or len(self._data) > _ANSWER_BYTES:
                    break
            return True
        return False

    def findings(self) -> list[Finding]:
        """Return what it found, once it is done."""
        if self._data.endswith(_END):
            with contextlib.suppress(ValueError):
                return _ANSWER.validate_json(bytes(self._data))
        return [self._without("The check crashed, so nothing is known.")]

    def late(self, limit_s: float) -> list[Finding]:
        """Return that it took too long."""
        counted = scheduled(self._proc / str(self._pid))
        took = time.monotonic() - self.began
        if counted and counted.waited_s >= _MOST_OF_IT * took:
            return [
                self._without(
                    f"The check was stopped after {limit_s:g} s: it had to "
                    "wait for a processor most of that time. This lab, or "
                    "the machine it runs on, is busy."
                )
            ]
        return [
            self._without(
                f"The check got no answer in {limit_s:g} s, so it was "
                "stopped. Something that it looks at, such as a file server, "
                "may hang."
            )
        ]

    def _without(self, why: str) -> Finding:
        return found_by(self.id, cannot_tell(why))

    def end(self) -> None:
        """Kill what is left of it, its children too, and wait for nobody."""
        os.close(self.pipe)
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                kill(self._pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._pid, os.WNOHANG)


def look(
    ids: Sequence[str], context: Context, limits: Limits | None = None
) -> Iterator[Finding]:
    """Run checks, and yield what each found, as it comes.

    Parameters
    ----------
    ids
        The checks.
    context
        The lab.
    limits
        What they may take; what is late or does not get its turn is told as
        *cannot tell*.
    """
    limits = limits or Limits()
    _import_once(ids, context)
    end = time.monotonic() + limits.total_s
    waiting = list(ids)
    running: list[_Running] = []
    try:
        with selectors.DefaultSelector() as selector:
            while waiting or running:
                now = time.monotonic()
                while waiting and len(running) < limits.at_once and now < end:
                    one = _start(waiting.pop(0), context, limits)
                    if isinstance(one, Finding):
                        yield one
                        continue
                    running.append(one)
                    selector.register(one.pipe, selectors.EVENT_READ, one)
                if now >= end:
                    yield from _no_turn(waiting)
                    waiting.clear()
                if not running:
                    continue  # None could be started: nothing is awaited.
                due = min([end, *(one.deadline for one in running)])
                ready = {
                    id(key.data)
                    for key, _ in selector.select(max(0.0, due - now))
                }
                for one in list(running):
                    found = _found(one, id(one) in ready, end, limits)
                    if found is None:
                        continue
                    selector.unregister(one.pipe)
                    running.remove(one)
                    one.end()
                    for finding in found:
                        took = round(time.monotonic() - one.began, 3)
                        yield finding.model_copy(update={"took_s": took})
    finally:
        for one in running:
            one.end()


def _import_once(ids: Sequence[str], context: Context) -> None:
    """Import here what checks need, and not in each of their processes."""
    for id in ids:
        # What cannot be imported is told by the check itself.
        with contextlib.suppress(Exception):
            check = load(id)
            if check.asks_platform and check.applies(context):
                for name in _FOR_PLATFORM[: 1 if context.seen else None]:
                    import_module(name)


def _start(id: str, context: Context, limits: Limits) -> _Running | Finding:
    try:
        return _Running(id, context, limits.check_s)
    except OSError as exc:
        why = os.strerror(exc.errno or 0).lower()
        return found_by(
            id, cannot_tell(f"The check could not be started: {why}.")
        )


def _found(
    one: _Running, is_ready: bool, end: float, limits: Limits
) -> list[Finding] | None:
    if is_ready and one.is_done():
        return one.findings()
    if time.monotonic() >= min(one.deadline, end):
        return one.late(limits.check_s)
    return None


def _no_turn(ids: Sequence[str]) -> Iterator[Finding]:
    for id in ids:
        yield found_by(
            id,
            cannot_tell(
                "There was no time left for this check.",
                next_step=f"Run it alone: rsp-health doctor {id}",
            ),
        )


def _be_a_check(id: str, context: Context, pipe: int, limit_s: float) -> None:
    """Run one check in this fork, answer, and end the process."""
    try:
        # A group of its own: it is killed with all that it starts, and
        # Ctrl-C is ours to handle.
        os.setsid()
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, limit_s + _GRACE_S)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        answer = _ANSWER.dump_json(find_all(id, context)) + _END
        with os.fdopen(pipe, "wb") as answers:
            answers.write(answer)
    finally:
        os._exit(0)

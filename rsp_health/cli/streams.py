"""stdout and stderr of this process, and what becomes of them.

Who reads our output (``head``, ``less``, a log) may leave before we end. What
a command does, and its exit code, must not depend on that: so what nobody
reads goes nowhere. Python itself would end with 120, when it flushes what is
left.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Buffer

__all__ = ["end_with_reader", "guard", "settle"]


class _Output(io.FileIO):
    """A descriptor that takes what nobody reads any more."""

    strict = False

    def write(self, data: Buffer, /) -> int:
        """Write, or pretend to."""
        try:
            return super().write(data)
        except BrokenPipeError:
            _discard(self.fileno())
            if self.strict:
                raise
            return memoryview(data).nbytes


def guard() -> None:
    """Let both streams survive their readers; for a process of our own."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        # A test's stream is its own.
        if stream is not None and stream is getattr(sys, f"__{name}__"):
            with contextlib.suppress(OSError, ValueError):
                setattr(sys, name, _guarded(stream))


def _guarded(stream: Any) -> io.TextIOWrapper:
    stream.flush()
    raw = _Output(stream.fileno(), "wb", closefd=False)
    unbuffered = stream.write_through
    return io.TextIOWrapper(
        raw if unbuffered else io.BufferedWriter(raw),
        encoding=stream.encoding,
        # A name that the terminal has no letters for is written with
        # escapes, and ends nothing.
        errors="backslashreplace",
        line_buffering=stream.line_buffering,
        write_through=unbuffered,
    )


def end_with_reader() -> None:
    """Let the command end when its reader leaves: it shows and does no more.

    It gets a `BrokenPipeError`, after which `main` ends with 0.
    """
    buffer = getattr(sys.stdout, "buffer", None)
    raw = getattr(buffer, "raw", buffer)
    if isinstance(raw, _Output):
        raw.strict = True


def settle() -> None:
    """Write what is left, as far as that can be done, before Python does."""
    for stream in (sys.stdout, sys.stderr):
        if stream is None:
            continue
        try:
            stream.flush()
        except (OSError, ValueError):
            with contextlib.suppress(OSError, ValueError):
                _discard(stream.fileno())


def _discard(descriptor: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)

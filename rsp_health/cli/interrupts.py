"""Ctrl-C for what must not be left half done, and says what it has done."""

from __future__ import annotations

import contextlib
import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

__all__ = ["Interrupt", "deferred"]


class Interrupt:
    """Whether the user wants this to end."""

    def __init__(self) -> None:
        self.asked = False

    def take(self, number: int, frame: FrameType | None) -> None:
        """Note the first Ctrl-C; the second ends the command at once.

        Raises
        ------
        KeyboardInterrupt
            Raised at the second.
        """
        del number, frame
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True


@contextlib.contextmanager
def deferred() -> Iterator[Interrupt]:
    """Let Ctrl-C wait until the step under way is done."""
    interrupt = Interrupt()
    if threading.current_thread() is not threading.main_thread():
        yield interrupt
        return
    before = signal.signal(signal.SIGINT, interrupt.take)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, before)

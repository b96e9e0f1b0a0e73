"""Where the command ``rsp-health`` begins: ready for Ctrl-C before all else.

Loading what a command needs takes a tenth of a second and more. Whoever
interrupts it then has interrupted nothing, and is told so in a word.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["main"]


def main() -> None:
    """Load the command line and run it."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave)
    # What is loaded stays loaded: collecting garbage in it frees nothing.
    gc.set_threshold(100_000, 50, 100)
    from .main import main as run

    if signal.getsignal(signal.SIGINT) is _leave:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        run()
    except KeyboardInterrupt:
        _leave(signal.SIGINT, None)
    finally:
        # It has its code; from here on there is nothing to interrupt.
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _leave(number: int, frame: FrameType | None) -> None:
    """End at once: nothing has been done yet, or all has been."""
    del number, frame
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            os.write(2, b"Interrupted.\n")
    os._exit(130)


if __name__ == "__main__":
    main()

"""Waits for a call that may never return, and goes on without it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["within"]


def within[T](limit_s: float, call: Callable[[], T]) -> T:
    """Return what a call returns, if it does in time.

    A call that hangs goes on in its thread: only for checks, whose process
    ends without waiting for threads.

    Parameters
    ----------
    limit_s
        Seconds to wait.
    call
        What is called.

    Raises
    ------
    TimeoutError
        Raised if it has not returned by then. What it raises is raised, too.
    """
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(call())
        except BaseException as exc:  # noqa: BLE001 - raised where it is asked for
            errors.append(exc)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(limit_s)
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError
    return results[0]

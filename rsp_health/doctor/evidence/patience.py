"""Calls that may never return; what a wait was for."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, thread_time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Scheduled", "scheduled", "waited_s", "within"]

_THIS_THREAD = Path("/proc/thread-self")


@dataclass(frozen=True, slots=True)
class Scheduled:
    """What the system's scheduler counted since the start.

    Parameters
    ----------
    worked_s
        Seconds of a core that were taken.
    waited_s
        Seconds in which no core was free for it.
    """

    worked_s: float
    waited_s: float


def scheduled(folder: Path) -> Scheduled | None:
    """Return what is counted of a process or a thread.

    Parameters
    ----------
    folder
        Its folder in ``/proc``; `None` is returned if nothing is counted.
    """
    try:
        worked, waited, *_ = (folder / "schedstat").read_text().split()
        return Scheduled(int(worked) / 1e9, int(waited) / 1e9)
    except (OSError, ValueError):
        return None


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


def waited_s(call: Callable[[], object]) -> float:
    """Return how long a call waited for something that is no processor.

    What a busy lab adds is left out, where the system tells it.

    Parameters
    ----------
    call
        What is called.
    """
    began, at_work = monotonic(), _at_work_s()
    call()
    return max(0.0, monotonic() - began - (_at_work_s() - at_work))


def _at_work_s() -> float:
    """Return how long this thread has worked, or waited to work."""
    counted = scheduled(_THIS_THREAD)
    if counted is None:
        return thread_time()
    return counted.worked_s + counted.waited_s

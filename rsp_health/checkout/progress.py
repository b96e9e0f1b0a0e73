"""How a running change tells what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ..wire import ErrorBody

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..errors import RSPHealthError
    from ..git.runner import Progress

__all__ = ["ReportProgress", "error_body", "scaled"]

#: Git's phases, and where in the whole (percent) each begins and ends.
_SPANS = {
    "Counting objects": (0.0, 4.0),
    "Compressing objects": (4.0, 8.0),
    "Receiving objects": (8.0, 65.0),
    "Resolving deltas": (65.0, 75.0),
    "Updating files": (75.0, 92.0),
}


class ReportProgress(Protocol):
    """Updates fields of the running `.models.Operation`."""

    def __call__(self, **update: object) -> None:
        """Change these fields, and tell whoever listens."""


def scaled(report_progress: ReportProgress) -> Callable[[Progress], None]:
    """Turn git's phases into one bar that only moves forward."""
    reached = 0.0
    phase = ""

    def on_progress(progress: Progress) -> None:
        nonlocal reached, phase
        begin, end = _SPANS.get(progress.phase, (reached, reached))
        percent = begin + (end - begin) * progress.percent / 100
        if percent < reached + 1 and progress.phase == phase:
            return
        reached, phase = max(reached, percent), progress.phase
        report_progress(phase=phase, percent=round(reached, 1))

    return on_progress


def error_body(exc: RSPHealthError) -> ErrorBody:
    """Return an error as the wire tells it."""
    return ErrorBody(error=exc.code, message=exc.message, hint=exc.hint)

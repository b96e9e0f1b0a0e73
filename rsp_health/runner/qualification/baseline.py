"""Finds what an environment is compared with: runs on another image."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...errors import EnvironmentFailureError, UnreadableFileError
from ..comparison.service import run_that_ended
from ..record.writer import each_line
from ..record_lines import RunStarted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..models import RunDocument, RunEnvironment
    from ..record.history import History

__all__ = ["RECOMMENDED", "find_baseline"]

#: Stands for the newest run on the recommended image.
RECOMMENDED = "recommended"
#: Runs of the past that are looked at, and those of the baseline that count
#: for how its notebooks ended.
_LOOK_BACK = 1000
_RESULTS = 5


def find_baseline(
    history: History, against: str | None, *, image: str | None
) -> list[RunDocument]:
    """Return the runs to compare with, the oldest first.

    Parameters
    ----------
    history
        The runs.
    against
        The id of one of them, or `RECOMMENDED`; `None` for the newest run on
        another image than this.
    image
        The image here.

    Raises
    ------
    rsp_health.errors.NotFoundError
        Raised if there is no run of that id.
    rsp_health.errors.EnvironmentFailureError
        Raised if no run can be a baseline.
    """
    if against is not None and against != RECOMMENDED:
        newest = run_that_ended(history, against)
    else:
        newest = _newest(history, against, image)
    return _with_alike(history, newest)


def _newest(
    history: History, against: str | None, image: str | None
) -> RunDocument:
    for run_id, place in _places(history):
        other = place.image
        wanted = _is_recommended(place) if against else other is not None
        if wanted and other != image:
            document = history.document(run_id)
            if document is not None and _can_be_baseline(document):
                return document
    which = "the recommended image" if against else "another image"
    raise EnvironmentFailureError(
        f"There is no run on {which} to compare with.",
        hint="Start a lab on that image and call `rsp-health qualify "
        "--baseline PATH` there, or name a run with --against.",
        code="no_baseline",
    )


def _places(history: History) -> Iterator[tuple[str, RunEnvironment]]:
    """Yield runs, the newest first, and where they took place."""
    for run_id in history.ids()[:_LOOK_BACK]:
        try:
            first = next(each_line(history.folder(run_id).record), None)
        except UnreadableFileError:
            continue
        if isinstance(first, RunStarted):
            yield run_id, first.environment


def _is_recommended(place: RunEnvironment) -> bool:
    """Whether an image is called so, in its tag or its description."""
    tag = (place.image or "").partition("@")[0].rpartition(":")[2]
    words = place.image_description or ""
    return tag == RECOMMENDED or bool(
        re.match(RECOMMENDED, words, re.IGNORECASE)
    )


def _can_be_baseline(document: RunDocument) -> bool:
    return document.finished_at is not None and document.totals.passed > 0


def _with_alike(history: History, newest: RunDocument) -> list[RunDocument]:
    """Return the runs of this folder in this environment, up to this one."""
    found = [newest]
    image, kernel = newest.environment.image, newest.environment.kernel
    for run_id, place in _places(history):
        if len(found) == _RESULTS:
            break
        if run_id >= newest.run_id or place.image != image:
            continue
        if place.kernel != kernel:
            continue
        document = history.document(run_id)
        if (
            document is not None
            and document.folder == newest.folder
            and document.mode == newest.mode
            and _can_be_baseline(document)
        ):
            found.append(document)
    return found[::-1]

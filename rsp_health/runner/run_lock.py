"""Each notebook is run once at a time, by whichever server of the home."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ConflictError
from ..files import to_user_error
from ..files.locks import FileLock
from ..notebooks.names import from_text
from ..states import OPEN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .record.history import History

__all__ = ["AlreadyRunningError", "refuse_twice", "starting_alone"]


#: Seconds between two attempts at the lock. A start takes half a second.
_RETRY_S = 0.05


class AlreadyRunningError(ConflictError):
    """A notebook is being run already.

    Parameters
    ----------
    name
        The notebook.
    run_id
        The run that has it.
    """

    code = "already_running"

    def __init__(self, name: str, run_id: str) -> None:
        super().__init__(
            f"{name} is being run already, by {run_id}.",
            hint="Wait for that run, or stop it.",
        )
        self.run_id = run_id


@contextlib.contextmanager
def starting_alone(data_dir: Path, *, patience_s: float) -> Iterator[None]:
    """Keep every other server on this home from starting a run meanwhile.

    Parameters
    ----------
    data_dir
        The data folder that the servers share.
    patience_s
        Seconds to wait for another's start.

    Raises
    ------
    rsp_health.errors.ConflictError
        Raised with code ``locked`` if another start takes longer than that.
    rsp_health.errors.EnvironmentFailureError
        Raised if the lock cannot be written.
    """
    lock = FileLock(
        data_dir / "runs" / ".starting",
        action="starting a run",
        what="The list of runs",
    )
    deadline = time.monotonic() + patience_s
    while True:
        try:
            lock.acquire()
            break
        except ConflictError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_S)
        except OSError as exc:
            raise to_user_error(exc, f"start a run, in {data_dir}") from exc
    try:
        yield
    finally:
        lock.release()


def refuse_twice(history: History, paths: Sequence[Path]) -> None:
    """Look for a run under way that has one of these notebooks.

    Parameters
    ----------
    history
        The runs.
    paths
        Notebooks and folders, absolute.

    Raises
    ------
    AlreadyRunningError
        Raised if there is one.
    """
    wanted = [path.resolve() for path in paths]
    for run_id in history.active():
        document = history.document(run_id)
        if document is None or document.folder is None:
            continue  # pruned between the two looks
        base = Path(from_text(document.folder))
        for notebook in document.notebooks:
            if notebook.state not in OPEN:
                continue
            busy = (base / from_text(notebook.path)).resolve()
            if any(busy.is_relative_to(path) for path in wanted):
                raise AlreadyRunningError(notebook.path, run_id)

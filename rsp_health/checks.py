"""Where services and notebooks meet: which notebook checks which service.

The features do not know one another. They meet here by plain ids: a row's
application (``sia`` of ``sia:dp1``) and a notebook's.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import RSPHealthError
from .states import FAILED, OPEN

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable
    from datetime import datetime

    from .checkout.service import CheckoutService
    from .platform.discovery import DiscoveryService
    from .runner.models import NotebookResult, RunDocument
    from .runner.service import RunnerService
    from .status.models import LastRun, ServiceStatus, StatusDocument

__all__ = ["CheckIndex"]

#: Seconds after which the notebooks on disk are read again.
_MAX_AGE = 30.0

#: How many runs are looked at for a notebook's last result.
_RUNS = 20


@dataclass(slots=True)
class _Index:
    """What is known of the notebooks at one time; paths are of the root."""

    #: Application -> notebooks that are named after it.
    direct: dict[str, list[str]] = field(default_factory=dict)
    #: Application -> notebooks that need it among others.
    required: dict[str, list[str]] = field(default_factory=dict)
    last: dict[str, LastRun] = field(default_factory=dict)
    #: Whether it was known what is deployed; else it is soon read again.
    complete: bool = False


class CheckIndex:
    """Fills the rows of the status table with their notebooks.

    Parameters
    ----------
    checkout, runner, discovery
        Return the features that meet here; called in a thread.
    root
        The folder that JupyterLab shows as ``/``.
    log
        Where a checkout that cannot be read is told.
    on_failure
        Called with what nobody expected while the notebooks were read.
    """

    def __init__(
        self,
        *,
        checkout: Callable[[], CheckoutService],
        runner: Callable[[], RunnerService],
        discovery: Callable[[], DiscoveryService],
        root: Path,
        log: logging.Logger,
        on_failure: Callable[[Exception], None],
    ) -> None:
        self._checkout = checkout
        self._runner = runner
        self._discovery = discovery
        self._root = root
        self._log = log
        self._on_failure = on_failure
        self._index = _Index()
        self._loaded_at = 0.0
        # Each change asks for a version; a read that began before a change
        # does not answer for it.
        self._wanted = 1
        self._have = 0
        self._task: asyncio.Task[None] | None = None
        self._finished: dict[str, RunDocument] = {}

    def invalidate(self) -> None:
        """Forget: a checkout changed or a run ended. Safe in any thread."""
        self._wanted += 1

    async def fill(self, document: StatusDocument) -> StatusDocument:
        """Return the table with the notebooks of each row.

        Parameters
        ----------
        document
            The table as the status feature knows it.
        """
        from .status.verdict import with_checks

        index = await self._current()
        rows = [_filled(row, index) for row in document.services]
        failed = {
            row.last_run.notebook: None
            for row in rows
            if row.last_run is not None and row.last_run.state in FAILED
        }
        verdict = with_checks(document.verdict, list(failed))
        return document.model_copy(
            update={"services": rows, "verdict": verdict}
        )

    async def _current(self) -> _Index:
        while self._have < self._wanted:
            await asyncio.shield(self._loading())
        old = time.monotonic() - self._loaded_at > _MAX_AGE
        if old or not self._index.complete:
            # Old, yet good enough: a poll does not wait for the disk.
            _ = self._loading()
        return self._index

    def _loading(self) -> asyncio.Task[None]:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._load())
        return self._task

    async def _load(self) -> None:
        wanted, started = self._wanted, time.monotonic()
        try:
            index = await asyncio.to_thread(self._read)
        except RSPHealthError:
            index = _Index()  # The checkout's own requests say what it is.
        except Exception as exc:  # noqa: BLE001 - rows are worth more
            self._on_failure(exc)
            index = _Index()
        self._index, self._loaded_at, self._have = index, started, wanted

    def _read(self) -> _Index:
        index = _Index()
        runner = self._runner()
        # The table waits for this: a platform in trouble must not delay it.
        # The status feature asks, and what it learns is read the next time.
        applications = self._discovery().applications(ask=False)
        index.complete = applications is not None
        for repo in self._checkout().list().repositories:
            if repo.state != "present":
                continue
            try:
                notebooks = runner.notebooks(
                    self._root / repo.directory,
                    repository=repo.id,
                    applications=applications,
                ).notebooks
            except RSPHealthError as exc:
                self._log.info("rsp-health: %s: %s", repo.id, exc.code)
                continue
            for entry in notebooks:
                path = f"{repo.directory}/{entry.path}"
                if entry.application is not None:
                    index.direct.setdefault(entry.application, []).append(path)
                for name in entry.required_applications:
                    index.required.setdefault(name, []).append(path)
        index.last = self._last_results(runner)
        return index

    def _last_results(self, runner: RunnerService) -> dict[str, LastRun]:
        """Return the newest result of each notebook of the last runs."""
        from .status.models import LastRun

        last: dict[str, LastRun] = {}
        kept: dict[str, RunDocument] = {}
        for summary in runner.list(limit=_RUNS).runs:
            run_id = summary.run_id
            run = self._finished.get(run_id) or runner.get(run_id)
            if run.state not in OPEN:
                kept[run_id] = run
            folder = self._relative(run)
            for notebook in run.notebooks:
                if notebook.state in OPEN or folder is None:
                    continue
                path = f"{folder}/{notebook.path}".removeprefix("./")
                if path in last or _tells_nothing(notebook):
                    continue
                last[path] = LastRun(
                    run_id=run_id,
                    notebook=path,
                    state=notebook.state,
                    finished_at=_finished_at(run, notebook),
                )
        self._finished = kept
        return last

    def _relative(self, run: RunDocument) -> str | None:
        if run.folder is None:
            return None
        folder = Path(run.folder)
        if not folder.is_relative_to(self._root):
            return None
        return folder.relative_to(self._root).as_posix()


def _tells_nothing(notebook: NotebookResult) -> bool:
    """Whether a run ended without a notebook: an older result stays."""
    cut_off = notebook.state in {"stopped", "interrupted"}
    return notebook.state == "skipped" or (
        cut_off and notebook.started_at is None
    )


def _finished_at(
    run: RunDocument, notebook: NotebookResult
) -> datetime | None:
    if notebook.started_at is None or notebook.duration_s is None:
        return run.finished_at
    return notebook.started_at + timedelta(seconds=notebook.duration_s)


def _filled(row: ServiceStatus, index: _Index) -> ServiceStatus:
    application = row.id.partition(":")[0]
    direct = index.direct.get(application, [])
    others = index.required.get(application, [])
    paths = list(dict.fromkeys([*direct, *others]))
    results = [index.last[p] for p in direct or others if p in index.last]
    return row.model_copy(
        update={
            "notebooks": paths,
            "last_run": max(results, key=lambda r: r.run_id, default=None),
        }
    )

"""Starts runs: from ids and paths of the front end to folders and files."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

from ...effects import Allowance
from ...errors import BadInputError, NotFoundError
from ...files import resolve_inside
from ...notebooks.names import from_text
from ..conflicts import KnownConflictError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...checkout.service import CheckoutService
    from ...platform.discovery import DiscoveryService
    from ...runner.models import RunRequest, RunSummary
    from ...runner.planning.call import RunCall
    from ...runner.planning.models import NotebookList
    from ...runner.service import RunnerService
    from ..lazy import Lazy

__all__ = ["RunStarter"]

_PATIENCE_S = 2.0
"""Seconds that a list of notebooks waits to hear what is deployed."""


class RunStarter:
    """Starts runs, one a notebook at a time.

    Parameters
    ----------
    checkout, runner, discovery
        The features that meet here.
    root
        The folder that JupyterLab shows as ``/``.
    cell_timeout
        Seconds that a cell may run when the request does not say.
    warm_kernels
        Whether kernels may be forked from a warm parent.
    allowance
        What every run may do.
    on_start
        Called, in a thread, when a run was started.
    """

    def __init__(
        self,
        *,
        checkout: Lazy[CheckoutService],
        runner: Lazy[RunnerService],
        discovery: Lazy[DiscoveryService],
        root: Path,
        cell_timeout: float,
        warm_kernels: bool,
        allowance: Allowance,
        on_start: Callable[[], None],
    ) -> None:
        self._checkout = checkout
        self._runner = runner
        self._discovery = discovery
        self._root = root
        self._cell_timeout = cell_timeout
        self._warm_kernels = warm_kernels
        self._allowance = allowance
        self._on_start = on_start
        self._lock = asyncio.Lock()

    async def applications(
        self, *, patience_s: float | None = None
    ) -> frozenset[str] | None:
        """Return what is deployed here; `None` if that is not known."""
        discovery = await self._discovery.get()
        found = await discovery.get(patience_s=patience_s)
        names = found.applications
        return None if names is None else frozenset(names)

    async def notebooks(self, repo_id: str) -> NotebookList:
        """Return the notebooks of a checkout.

        Raises
        ------
        NotFoundError
            Raised if there is no such repository, or no checkout of it.
        """
        runner = await self._runner.get()
        # A list must not wait for a platform that hangs.
        applications = await self.applications(patience_s=_PATIENCE_S)
        directory = await asyncio.to_thread(self._directory, repo_id)
        return await asyncio.to_thread(
            runner.notebooks,
            directory,
            repository=repo_id,
            applications=applications,
            allowance=self._allowance,
        )

    async def start(self, request: RunRequest) -> RunSummary:
        """Start a run, and return its first line in the history.

        Raises
        ------
        BadInputError
            Raised if the request names nothing, or a path outside the root.
        ConflictError
            Raised if a notebook of it is being run already, so that a second
            click or tab starts nothing; or one does more than the request
            says that it may.
        NotFoundError
            Raised if what it names does not exist.
        """
        runner = await self._runner.get()
        applications = None if request.all else await self.applications()
        async with self._lock:
            return await asyncio.to_thread(
                self._start, runner, request, applications
            )

    def _start(
        self,
        runner: RunnerService,
        request: RunRequest,
        applications: frozenset[str] | None,
    ) -> RunSummary:
        from ...runner.planning.asking import MustAskError
        from ...runner.record.run_folder import summarise
        from ...runner.run_lock import AlreadyRunningError

        try:
            run_id = runner.start(self._call(request, applications))
        except AlreadyRunningError as exc:
            raise KnownConflictError(
                exc.message, hint=exc.hint, code=exc.code, run_id=exc.run_id
            ) from exc
        except MustAskError as exc:
            raise KnownConflictError(
                exc.message, hint=exc.hint, code=exc.code, needed=exc.needed
            ) from exc
        self._on_start()
        return summarise(runner.get(run_id))

    def _call(
        self, request: RunRequest, applications: frozenset[str] | None
    ) -> RunCall:
        """Return what a request asks for, with what the site sets."""
        from ...runner.options import Limits, RunOptions
        from ...runner.planning.call import RunCall

        folder, paths = self._resolve(request)
        limits = Limits(
            cell_timeout_s=request.cell_timeout_s or self._cell_timeout,
            notebook_timeout_s=request.timeout_s,
        )
        return RunCall(
            paths=tuple(paths),
            folder=folder,
            everything=request.all,
            applications=applications,
            ask_discovery=False,
            options=RunOptions(
                allowance=Allowance(
                    effects=request.effects or self._allowance.effects,
                    load=request.load or self._allowance.load,
                ),
                mode=request.mode,
                jobs=request.jobs,
                warm=self._warm_kernels,
                limits=limits,
            ),
        )

    def _directory(self, repo_id: str) -> Path:
        directory = self._checkout.build().directory(repo_id)
        if not directory.is_dir():
            raise NotFoundError(
                f"{repo_id} is not checked out here.",
                hint="Check it out first.",
                code="not_checked_out",
            )
        return directory.resolve()

    def _resolve(self, request: RunRequest) -> tuple[Path, list[Path]]:
        """Return the run's folder and its paths."""
        if request.repository is not None:
            folder = self._directory(request.repository)
            paths = [_entry(folder, from_text(p)) for p in request.paths]
        elif request.paths:
            paths = [
                _entry(self._root, _spelled(self._root, p))
                for p in request.paths
            ]
            folder = self._home_of(paths)
        else:
            raise BadInputError(
                "The request names neither a repository nor a path.",
                hint="Give 'repository', 'paths' or both.",
                code="invalid_request",
            )
        for path, asked in zip(paths, request.paths, strict=True):
            if not path.exists():
                raise NotFoundError(
                    f"There is no {asked[:200]!r}.",
                    hint="Give paths of notebooks or folders that exist.",
                    code="no_such_notebook",
                )
        return folder, paths or [folder]

    def _home_of(self, paths: list[Path]) -> Path:
        """Return the checkout that all paths are in, else the root.

        A notebook that is run from the file browser is then told by its path
        in its repository.
        """
        for repo in self._checkout.build().list().repositories:
            if repo.state == "present":
                folder = resolve_inside(self._root, repo.directory)
                if all(path.is_relative_to(folder) for path in paths):
                    return folder
        return self._root


def _spelled(root: Path, path: str) -> str:
    """Return a path of the file browser, or the one that a run tells."""
    return path if os.path.lexists(root / path) else from_text(path)


def _entry(root: Path, relative: str) -> Path:
    """Return a path inside a root; a link to a file stays that link.

    It is a notebook with a name of its own. What it points to must be inside
    as well.
    """
    target = resolve_inside(root, relative)
    entry = resolve_inside(root, Path(relative).parent)
    entry /= Path(relative).name
    return entry if entry.is_file() and entry.resolve() == target else target

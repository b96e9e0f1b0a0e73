"""The features as the handlers see them."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..errors import RSPHealthError
from .failures import report

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable
    from pathlib import Path

    from ..checkout.service import CheckoutService
    from ..checks import CheckIndex
    from ..cleaning.service import CleaningService
    from ..platform.discovery import DiscoveryService
    from ..platform.environment import LabEnvironment
    from ..runner.service import RunnerService
    from ..settings import HealthTraits
    from ..status.service import StatusService
    from .jobs.checkout_operations import Operations
    from .jobs.doctor import DoctorRunner
    from .jobs.run_events import RunEventPublisher
    from .jobs.run_starter import RunStarter
    from .lazy import Lazy
    from .notebooks.kernel_deaths import KernelDeaths
    from .notebooks.saving import StripOnSave

__all__ = ["Features"]

#: Seconds that a stopping server waits for a checkout to notice.
_GRACE = 5.0

_UPSTREAM_THREADS = 4

#: Attempts at what a crash interrupted, while somebody seems to work on it.
_RECOVERIES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What handlers work with; `rsp_health.server.wiring` builds it.

    Parameters
    ----------
    environment
        The lab.
    settings
        The operator's settings.
    root
        The folder that JupyterLab shows as ``/``, resolved.
    discovery, checkout, runner, status, cleaning
        The services.
    saving
        Strips what is saved in chosen folders.
    operations
        Long changes to checkouts.
    checks
        Joins service rows and the notebooks that check them.
    runs
        Starts runs.
    doctor
        Looks for what is wrong.
    doctor_threads
        Where the doctor's answers are read.
    deaths
        Says why kernels died.
    run_events
        Publishes what runs record.
    log
        The server's log.
    upstream
        Threads for calls that may wait for a network.
    """

    environment: LabEnvironment
    settings: HealthTraits
    root: Path
    discovery: Lazy[DiscoveryService]
    checkout: Lazy[CheckoutService]
    runner: Lazy[RunnerService]
    status: Lazy[StatusService]
    cleaning: Lazy[CleaningService]
    saving: StripOnSave
    operations: Operations
    checks: CheckIndex
    runs: RunStarter
    doctor: Lazy[DoctorRunner]
    doctor_threads: ThreadPoolExecutor
    deaths: Lazy[KernelDeaths]
    run_events: RunEventPublisher
    log: logging.Logger
    upstream: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(
            _UPSTREAM_THREADS, thread_name_prefix="rsp-health-upstream"
        )
    )

    async def ask_upstream[T](self, function: Callable[[], T]) -> T:
        """Call something that may wait for a network, in a thread.

        `asyncio.to_thread` has few threads, and they are the whole server's.
        A network that swallows packets would soon have taken all of them, and
        with them the panel that should tell of it.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.upstream, function)

    async def start(self) -> None:
        """Start the background work, without blocking the event loop.

        A feature that cannot start, because of its configuration or a disk,
        keeps no other from starting. Its requests will say what is wrong.
        """
        for start in (
            self._watch_kernels,
            self._start_status,
            self._start_runs,
            self._recover,
            self._prune_undo,
        ):
            try:
                await start()
            except RSPHealthError as exc:
                self.log.warning("rsp-health: %s %s", exc.message, exc.hint)
            except Exception as exc:  # noqa: BLE001 - see above
                report(self.log, "a part of the start", exc)

    async def _watch_kernels(self) -> None:
        deaths = await self.deaths.get()
        deaths.start()

    async def _start_status(self) -> None:
        status = await self.status.get()
        await status.start()
        if status.problem:
            self.log.warning("rsp-health: %s", status.problem)

    async def _start_runs(self) -> None:
        runner = await self.runner.get()
        self.run_events.start()
        await asyncio.to_thread(runner.prune)

    async def _recover(self) -> None:
        from ..files.locks import HEARTBEAT_LIMIT

        checkout = await self.checkout.get()
        # A checkout that a crash cut in two is finished or undone. The lock
        # of a lab that is gone is known to be dead after HEARTBEAT_LIMIT.
        for _ in range(_RECOVERIES):
            if await asyncio.to_thread(checkout.recover):
                return
            await asyncio.sleep(HEARTBEAT_LIMIT)

    async def _prune_undo(self) -> None:
        cleaning = await self.cleaning.get()
        await asyncio.to_thread(cleaning.prune)

    async def aclose(self) -> None:
        """Stop the background work. Runs notice the process's end."""
        deaths = self.deaths.peek()
        if deaths is not None:
            await deaths.aclose()
        await asyncio.to_thread(self.run_events.close)
        await asyncio.to_thread(self.operations.close, _GRACE)
        for threads in (self.upstream, self.doctor_threads):
            threads.shutdown(wait=False, cancel_futures=True)
        status = self.status.peek()
        if status is not None:
            await status.aclose()
        discovery = self.discovery.peek()
        if discovery is not None:
            await discovery.aclose()

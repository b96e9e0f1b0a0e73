"""The features as the handlers see them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from ..checkout.service import CheckoutService
    from ..cleaning.service import CleaningService
    from ..platform.discovery import DiscoveryService
    from ..platform.environment import LabEnvironment
    from ..runner.service import RunnerService
    from ..settings import HealthTraits
    from ..status.service import StatusService
    from .checks import CheckIndex
    from .lazy import Lazy
    from .operations import Operations
    from .pump import RunPump
    from .runs import RunStarter

__all__ = ["Features"]

#: Seconds that a stopping server waits for a checkout to notice.
_GRACE = 5.0


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
    operations
        Long changes to checkouts.
    checks
        Joins service rows and the notebooks that check them.
    runs
        Starts runs.
    pump
        Publishes what runs record.
    """

    environment: LabEnvironment
    settings: HealthTraits
    root: Path
    discovery: Lazy[DiscoveryService]
    checkout: Lazy[CheckoutService]
    runner: Lazy[RunnerService]
    status: Lazy[StatusService]
    cleaning: Lazy[CleaningService]
    operations: Operations
    checks: CheckIndex
    runs: RunStarter
    pump: RunPump

    async def start(self) -> None:
        """Start the background work, without blocking the event loop."""
        checkout = await self.checkout.get()
        # A checkout that a crash cut in two is finished or undone.
        await asyncio.to_thread(checkout.recover)
        await self.runner.get()
        self.pump.start()
        status = await self.status.get()
        await status.start()

    async def aclose(self) -> None:
        """Stop the background work. Runs go on: they own themselves."""
        await asyncio.to_thread(self.pump.close)
        await asyncio.to_thread(self.operations.close, _GRACE)
        status = self.status.peek()
        if status is not None:
            await status.aclose()
        discovery = self.discovery.peek()
        if discovery is not None:
            await discovery.aclose()

"""Builds the features for the server, each when it is first used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .features import Features
from .jobs.checkout_operations import Operations
from .jobs.run_events import RunEventPublisher
from .jobs.run_starter import RunStarter
from .lazy import Lazy
from .notebooks.checks import CheckIndex
from .notebooks.saving import StripOnSave

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable

    from jupyter_server.services.contents.manager import ContentsManager

    from ..checkout.service import CheckoutService
    from ..cleaning.service import CleaningService
    from ..platform.discovery import DiscoveryService
    from ..platform.environment import LabEnvironment
    from ..runner.service import RunnerService
    from ..settings import HealthTraits
    from ..status.service import StatusService
    from .bus import EventBus
    from .jobs.doctor import DoctorRunner

__all__ = ["build_features"]


def build_features(
    *,
    settings: HealthTraits,
    environment: LabEnvironment,
    root: Path,
    contents: ContentsManager,
    bus: EventBus,
    log: logging.Logger,
    on_activity: Callable[[], None],
) -> Features:
    """Connect the features, without importing any of them.

    Parameters
    ----------
    settings
        The operator's settings.
    environment
        The lab.
    root
        The folder that JupyterLab shows as ``/``, resolved.
    contents
        The server's contents manager.
    bus
        Where events are published.
    log
        The server's log.
    on_activity
        Called, in a thread, while a run is active.
    """
    data_dir = Path(settings.data_dir).expanduser()

    def build_discovery() -> DiscoveryService:
        from ..platform.discovery import DiscoveryService

        return DiscoveryService(
            environment=environment, cache_dir=data_dir / "cache"
        )

    def build_checkout() -> CheckoutService:
        from ..checkout.service import CheckoutService
        from ..cleaning.filter import tree as tree_filter

        return CheckoutService(
            repositories=settings.repositories,
            root=root,
            data_dir=data_dir,
            environment=environment,
            allowed_protocols=settings.allowed_git_protocols,
            outputs=tree_filter,
        )

    def build_runner() -> RunnerService:
        from ..runner.service import RunnerService

        return RunnerService(
            root=root, data_dir=data_dir, environment=environment
        )

    def build_status() -> StatusService:
        from ..status.service import StatusService
        from . import models  # noqa: F401 - so that no handler waits for it

        overlay = settings.catalogue
        return StatusService(
            environment=environment,
            discovery=discovery.build(),
            overlay=Path(overlay).expanduser() if overlay else None,
            poll_interval=settings.poll_interval,
            probe_timeout=settings.probe_timeout,
            publish=lambda event: bus.publish("service", event),
        )

    def build_doctor() -> DoctorRunner:
        from .jobs.doctor import DoctorRunner

        return DoctorRunner(environment=environment, data_dir=data_dir)

    def build_cleaning() -> CleaningService:
        from ..cleaning.service import CleaningService
        from ..cleaning.undo import UndoStore

        undo = UndoStore(data_dir / "cleaning" / "undo")
        return CleaningService(root=root, undo=undo)

    discovery = Lazy(build_discovery)
    checkout = Lazy(build_checkout)
    runner = Lazy(build_runner)
    meeting: dict[str, Any] = {
        "checkout": checkout,
        "runner": runner,
        "discovery": discovery,
        "root": root,
    }
    checks = CheckIndex(**meeting, log=log)
    run_events = RunEventPublisher(
        runner=runner,
        publish=lambda event: bus.publish("run", event),
        on_activity=on_activity,
        on_end=checks.invalidate,
        log=log,
    )
    return Features(
        environment=environment,
        settings=settings,
        root=root,
        discovery=discovery,
        checkout=checkout,
        runner=runner,
        status=Lazy(build_status),
        cleaning=Lazy(build_cleaning),
        saving=StripOnSave(
            contents=contents,
            store=data_dir / "cleaning" / "on-save.json",
            publish=lambda event: bus.publish("cleaning", event),
            log=log,
        ),
        operations=Operations(bus=bus, log=log, on_end=checks.invalidate),
        checks=checks,
        runs=RunStarter(
            **meeting,
            cell_timeout=settings.cell_timeout,
            warm_kernels=settings.warm_kernels,
            on_start=run_events.wake,
        ),
        doctor=Lazy(build_doctor),
        run_events=run_events,
        log=log,
    )

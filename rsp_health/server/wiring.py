"""Builds the features for the server, each when it is first used."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..checks import CheckIndex
from ..services import ServiceBuilder
from .failures import report
from .features import Features
from .jobs.checkout_operations import Operations
from .jobs.run_events import RunEventPublisher
from .jobs.run_starter import RunStarter
from .lazy import Lazy
from .notebooks.saving import StripOnSave

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable
    from concurrent.futures import Executor

    from jupyter_server.services.contents.manager import ContentsManager
    from jupyter_server.services.sessions.sessionmanager import SessionManager

    from ..platform.discovery import DiscoveryService
    from ..platform.environment import LabEnvironment
    from ..settings import HealthTraits
    from ..status.service import StatusService
    from .bus import EventBus
    from .jobs.doctor import DoctorRunner
    from .notebooks.kernel_deaths import KernelDeaths

__all__ = ["build_features"]


def build_features(
    *,
    settings: HealthTraits,
    environment: LabEnvironment,
    root: Path,
    contents: ContentsManager,
    kernels: Any,
    sessions: SessionManager,
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
    kernels
        The server's kernel manager.
    sessions
        The server's sessions.
    bus
        Where events are published.
    log
        The server's log.
    on_activity
        Called, in a thread, while a run is active.
    """
    data_dir = Path(settings.data_dir).expanduser()

    services = ServiceBuilder(
        settings=settings, environment=environment, data_dir=data_dir
    )

    # Its own: the server's may all wait for a home that does not answer.
    doctor_threads = ThreadPoolExecutor(
        2, thread_name_prefix="rsp-health-doctor"
    )
    discovery = Lazy(services.discovery)
    status = Lazy(lambda: _status(services, discovery, bus))
    checkout = Lazy(lambda: services.checkout(root))
    runner = Lazy(lambda: services.runner(root))
    checks = CheckIndex(
        checkout=checkout.build,
        runner=runner.build,
        discovery=discovery.build,
        root=root,
        log=log,
        on_failure=lambda exc: report(log, "reading the notebooks", exc),
    )
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
        status=status,
        cleaning=Lazy(lambda: services.cleaning(root, with_undo=True)),
        saving=StripOnSave(
            contents=contents,
            store=data_dir / "cleaning" / "on-save.json",
            publish=lambda event: bus.publish("cleaning", event),
            log=log,
        ),
        operations=Operations(bus=bus, log=log, on_end=checks.invalidate),
        checks=checks,
        runs=RunStarter(
            checkout=checkout,
            runner=runner,
            discovery=discovery,
            root=root,
            cell_timeout=settings.cell_timeout,
            warm_kernels=settings.warm_kernels,
            allowance=settings.allowance,
            on_start=run_events.wake,
        ),
        doctor=_doctor(
            environment, data_dir, root, settings.catalogue, doctor_threads
        ),
        doctor_threads=doctor_threads,
        deaths=Lazy(
            lambda: _deaths(
                environment, status, kernels, sessions, bus=bus, log=log
            )
        ),
        run_events=run_events,
        log=log,
    )


def _status(
    services: ServiceBuilder, discovery: Lazy[DiscoveryService], bus: EventBus
) -> StatusService:
    from . import models  # noqa: F401 - so that no handler waits for it

    return services.status(
        discovery.build(),
        lambda event: bus.publish("service", event),
        keep=True,
    )


def _doctor(
    environment: LabEnvironment,
    data_dir: Path,
    root: Path,
    catalogue: str,
    threads: Executor,
) -> Lazy[DoctorRunner]:
    def build() -> DoctorRunner:
        # So that no handler waits for them.
        from ..doctor.explain import models, services  # noqa: F401
        from .jobs.doctor import DoctorRunner

        return DoctorRunner(
            environment=environment,
            data_dir=data_dir,
            root=root,
            threads=threads,
            catalogue=catalogue,
        )

    return Lazy(build, threads)


def _deaths(
    environment: LabEnvironment,
    status: Lazy[StatusService],
    kernels: Any,
    sessions: SessionManager,
    *,
    bus: EventBus,
    log: logging.Logger,
) -> KernelDeaths:
    from ..doctor.evidence.lab_size import against_lack
    from ..platform.control_group import ControlGroup
    from .notebooks.kernel_deaths import KernelDeaths

    def advice(limit: int | None) -> str:
        known = status.peek()
        return against_lack(
            limit or environment.memory_limit_bytes,
            name=environment.container_size,
            largest=None if known is None else known.memory_quota,
        )

    return KernelDeaths(
        manager=kernels,
        sessions=sessions,
        group=ControlGroup(),
        publish=lambda event: bus.publish("kernel", event),
        log=log,
        against_lack=advice,
    )

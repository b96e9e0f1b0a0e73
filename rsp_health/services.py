"""Builds the services: the one place that hands them their settings.

The server and the terminal both build here, so that neither knows a setting
that the other does not. Each service is imported when it is built: importing
all of them costs most of a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from .checkout.service import CheckoutService
    from .cleaning.service import CleaningService
    from .platform.discovery import DiscoveryService
    from .platform.environment import LabEnvironment
    from .runner.service import RunnerService
    from .runner.sinks.outbox import Outbox
    from .settings import HealthTraits
    from .status.service import StatusService

__all__ = ["ServiceBuilder"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceBuilder:
    """Builds services; each call builds a new one.

    Parameters
    ----------
    settings
        The operator's settings.
    environment
        The lab.
    data_dir
        Our own folder.
    config
        Where the settings come from, if not from Jupyter's own paths.
    """

    settings: HealthTraits
    environment: LabEnvironment
    data_dir: Path
    config: Path | None = None

    def discovery(self) -> DiscoveryService:
        """Build what knows what is deployed here."""
        from .platform.discovery import DiscoveryService

        return DiscoveryService(
            environment=self.environment, cache_dir=self.data_dir / "cache"
        )

    def checkout(self, root: Path) -> CheckoutService:
        """Build the checkout service, whose checkouts get our git filter.

        Parameters
        ----------
        root
            What JupyterLab shows as ``/``, resolved; here and below.
        """
        from .checkout.service import CheckoutService
        from .cleaning.filter import tree as tree_filter

        return CheckoutService(
            repositories=self.settings.repositories,
            root=root,
            data_dir=self.data_dir,
            environment=self.environment,
            allowed_protocols=self.settings.allowed_git_protocols,
            outputs=tree_filter,
        )

    def runner(self, root: Path) -> RunnerService:
        """Build the runner service."""
        from .runner.service import RunnerService

        return RunnerService(
            root=root,
            data_dir=self.data_dir,
            environment=self.environment,
            find_notices=self._notices,
            config=self.config,
        )

    def _notices(self) -> list[str]:
        from .runner.bot.notices import bot_notices

        return [*bot_notices(self.data_dir), *self.outbox().notices()]

    def outbox(self) -> Outbox:
        """Build what sends results elsewhere."""
        from .runner.sinks.outbox import Outbox

        return Outbox(
            data_dir=self.data_dir,
            environment=self.environment,
            sasquatch_topics=self.settings.sasquatch_topics,
            sasquatch_url=self.settings.sasquatch_url,
            sentry_dsn=self.settings.sentry_dsn,
        )

    def status(
        self,
        discovery: DiscoveryService,
        publish: Callable[[dict[str, Any]], None] | None = None,
        *,
        keep: bool = False,
    ) -> StatusService:
        """Build the status service.

        Parameters
        ----------
        discovery
            What is deployed here.
        publish
            Called with each event; `None` if nobody follows.
        keep
            Whether what is seen is kept for a day: for what runs long.
        """
        from .status.service import StatusService

        overlay = self.settings.catalogue
        return StatusService(
            environment=self.environment,
            discovery=discovery,
            overlay=Path(overlay).expanduser() if overlay else None,
            poll_interval=self.settings.poll_interval,
            probe_timeout=self.settings.probe_timeout,
            last_day=self.data_dir / "cache" / "last-day.json"
            if keep
            else None,
            publish=publish,
        )

    def cleaning(self, root: Path, *, with_undo: bool) -> CleaningService:
        """Build the cleaning service.

        Parameters
        ----------
        root
            As above.
        with_undo
            Whether what it replaces is kept, to be put back.
        """
        from .cleaning.service import CleaningService
        from .cleaning.undo import UndoStore

        undo = self.data_dir / "cleaning" / "undo"
        return CleaningService(
            root=root, undo=UndoStore(undo) if with_undo else None
        )

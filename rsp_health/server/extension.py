"""``HealthApp``: what Jupyter Server loads, configures, starts and stops.

Imported at the start of every lab, so it imports nothing that jupyter_server
has not imported already; everything else waits for a request or for the start
hook. Budget: 50 ms CPU (tests/benchmarks/bench_server.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING, cast

from jupyter_server.extension.application import ExtensionApp

from ..settings import HealthTraits

if TYPE_CHECKING:
    from jupyter_events import EventLogger
    from jupyter_server.serverapp import ServerApp
    from tornado.platform.asyncio import BaseAsyncIOLoop

    from .features import Features

__all__ = ["HealthApp"]

#: Loggers of ours beside the extension's own.
_LOGGERS = (
    logging.getLogger("rsp_health.platform.discovery"),
    logging.getLogger("rsp_health.status.watching.monitor"),
)


class HealthApp(HealthTraits, ExtensionApp):
    """Health checks for a Rubin Science Platform lab."""

    # Not a trait: jupyter_server looks the class's own attribute up, and with
    # a trait there it would load one instance, but start and stop another.
    name = "rsp_health"
    description = "Health checks for a Rubin Science Platform lab."
    load_other_extensions = True

    _features: Features | None = None
    _background: asyncio.Task[None] | None = None

    def initialize_settings(self) -> None:
        """Connect the features, and register the event schemas."""
        from jupyter_server._tz import utcnow

        from ..platform.environment import LabEnvironment
        from ..redaction.logs import RedactingFilter
        from .bus import EventBus
        from .wiring import build_features

        serverapp = cast("ServerApp", self.serverapp)
        web_settings = serverapp.web_app.settings
        bus = EventBus(
            logger=cast("EventLogger", serverapp.event_logger),
            loop=cast("BaseAsyncIOLoop", serverapp.io_loop).asyncio_loop,
            log=self.log,
        )
        bus.register()

        def on_activity() -> None:
            # jupyter_server counts every setting with this ending. A busy but
            # silent kernel in another process would otherwise be culled.
            web_settings["rsp_health_last_activity"] = utcnow()

        environment = LabEnvironment.from_process()
        redacting = RedactingFilter(environment.secrets)
        for log in (getattr(self.log, "logger", self.log), *_LOGGERS):
            log.addFilter(redacting)

        self._features = build_features(
            settings=self,
            environment=environment,
            root=Path(serverapp.root_dir).resolve(),
            contents=serverapp.contents_manager,
            kernels=serverapp.kernel_manager,
            sessions=serverapp.session_manager,
            bus=bus,
            log=self.log,
            on_activity=on_activity,
        )
        self._features.saving.attach()
        self.settings["rsp_health_features"] = self._features

    def initialize_handlers(self) -> None:
        """Add our routes."""
        from .handlers import ROUTES

        self.handlers.extend(ROUTES)

    async def _start_jupyter_server_extension(
        self, serverapp: ServerApp
    ) -> None:
        """Start the background work, once the event loop runs."""
        from .notebooks.stored_outputs import save_as_shown

        # Not earlier: by now every other extension is there.
        stored = serverapp.web_app.settings.get("outputs_manager")
        save_as_shown(stored, self.log)
        if self._features is not None:
            self._background = asyncio.create_task(self._features.start())

    def current_activity(self) -> dict[str, list[str]] | None:
        """Tell what must not be cut off by a shutdown for idleness."""
        if self._features is None:
            return None
        activity = {
            "runs": self._features.run_events.followed,
            "operations": list(self._features.operations.running()),
        }
        return activity if any(activity.values()) else None

    async def stop_extension(self) -> None:
        """Stop the background work, and wait for it."""
        if self._background is not None:
            self._background.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._background
            self._background = None
        if self._features is not None:
            await self._features.aclose()
            self._features = None

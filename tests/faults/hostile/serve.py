"""Jupyter's server, with an eye on its event loop.

``GET /hostile/stall`` tells the longest time, in seconds, that the loop was
not free since the last call: on the clock, and of the processor's.
"""

from __future__ import annotations

import asyncio
import time

from jupyter_server.serverapp import ServerApp
from tornado import web

__all__: list[str] = []

_PAUSE = 0.002


class _Watch:
    task: asyncio.Future[None] | None = None
    clock = 0.0
    processor = 0.0

    async def watch(self) -> None:
        """Look whether the loop comes back to us in time."""
        while True:
            clock, processor = time.monotonic(), time.thread_time()
            await asyncio.sleep(_PAUSE)
            gap = time.monotonic() - clock - _PAUSE
            self.clock = max(self.clock, gap)
            worked = time.thread_time() - processor
            self.processor = max(self.processor, worked)


_watch = _Watch()


class _StallHandler(web.RequestHandler):
    def get(self) -> None:
        _ = self.finish({"clock": _watch.clock, "processor": _watch.processor})
        _watch.clock = _watch.processor = 0.0


def _look_at_the_loop(app: type[ServerApp]) -> None:
    """Add the watch to Jupyter's own class: a child would be no ServerApp."""
    init, start = app.init_webapp, app._post_start

    def init_webapp(self: ServerApp) -> None:
        init(self)
        self.web_app.add_handlers(".*", [("/hostile/stall", _StallHandler)])

    async def post_start(self: ServerApp) -> None:
        _watch.task = asyncio.ensure_future(_watch.watch())
        await start(self)

    app.init_webapp = init_webapp  # type: ignore[method-assign]
    app._post_start = post_start  # type: ignore[method-assign]


if __name__ == "__main__":
    _look_at_the_loop(ServerApp)
    ServerApp.launch_instance(allow_unauthenticated_access=True)

"""A Jupyter server that measures the lateness of its own event loop.

``GET /bench/lateness?start=1`` starts to measure; without the argument it
tells, and forgets.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

__all__ = ["Lateness"]

_TICK = 0.005


class Lateness:
    """How late the event loop calls back, sampled every 5 ms.

    On a busy machine most of that is other processes' doing. Ours is at most
    the CPU time that this process, with all its threads, used meanwhile.
    """

    def __init__(self) -> None:
        self._samples: list[float] = []
        self._own: list[float] = []
        self._due = self._cpu = 0.0

    def start(self) -> None:
        """Begin to sample."""
        self._loop = asyncio.get_running_loop()
        self._again()

    def reset(self) -> None:
        """Forget what was sampled."""
        self._samples.clear()
        self._own.clear()

    def report(self) -> str:
        """Return the figures, in milliseconds, as JSON."""
        return json.dumps(
            {"all": _figures(self._samples), "own": _figures(self._own)}
        )

    def _again(self) -> None:
        self._cpu = time.process_time()
        self._due = self._loop.time() + _TICK
        self._loop.call_at(self._due, self._tick)

    def _tick(self) -> None:
        late = self._loop.time() - self._due
        self._samples.append(late)
        self._own.append(min(late, time.process_time() - self._cpu))
        self._again()


def _figures(samples: list[float]) -> dict[str, float]:
    ordered = sorted(samples)
    count = len(ordered)
    return {
        "samples": count,
        "p50": ordered[count // 2] * 1e3,
        "p99": ordered[int(count * 0.99)] * 1e3,
        "p99.9": ordered[int(count * 0.999)] * 1e3,
        "max": ordered[-1] * 1e3,
    }


def main(argv: list[str]) -> None:
    """Be the server."""
    from jupyter_server.serverapp import ServerApp
    from tornado.web import RequestHandler

    lateness = Lateness()

    class LatenessHandler(RequestHandler):
        def get(self) -> None:
            if self.get_query_argument("start", ""):
                lateness.start()
                _ = self.finish("{}")
                return
            _ = self.finish(lateness.report())
            lateness.reset()

    app = ServerApp.instance()
    app.initialize(argv=argv)
    app.web_app.add_handlers(
        ".*$", [(r"/bench/lateness", LatenessHandler, {})]
    )
    app.start()


if __name__ == "__main__":
    main(sys.argv[1:])

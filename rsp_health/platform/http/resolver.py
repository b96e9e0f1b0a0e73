"""Name resolution that cannot starve the server's threads.

asyncio resolves names in the loop's default thread pool. A resolver that
hangs would fill that pool with our probes, and with it every other
``asyncio.to_thread`` of the Jupyter server. So each host is first looked up
here, once for all probes, in two threads of our own.
"""

from __future__ import annotations

import asyncio
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

__all__ = ["Resolver"]

_REMEMBER_S = 30.0


class Resolver:
    """Looks a host up once, however many ask."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None
        self._pending: dict[str, asyncio.Future[None]] = {}
        self._known: dict[str, float] = {}

    async def check(self, url: str) -> None:
        """Return when the URL's host has an address.

        Raises
        ------
        OSError
            Raised (as `socket.gaierror`) if it has none.
        """
        host = urlsplit(url).hostname or ""
        if (
            time.monotonic() - self._known.get(host, -_REMEMBER_S)
            < _REMEMBER_S
        ):
            return
        future = self._pending.get(host)
        if future is None:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(
                    max_workers=2, thread_name_prefix="rsp-health-dns"
                )
            loop = asyncio.get_running_loop()
            future = loop.run_in_executor(self._pool, _look_up, host)
            self._pending[host] = future
            future.add_done_callback(lambda f: self._done(host, f))
        # A probe that times out must not cancel the look-up of the others.
        await asyncio.shield(future)

    def _done(self, host: str, future: asyncio.Future[None]) -> None:
        self._pending.pop(host, None)
        if not future.cancelled() and future.exception() is None:
            self._known[host] = time.monotonic()

    def close(self) -> None:
        """Let the threads go; one that hangs ends with its look-up."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None


def _look_up(host: str) -> None:
    socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)

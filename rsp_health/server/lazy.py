"""Services that are imported and built when somebody first asks for them."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

__all__ = ["Lazy"]


class Lazy[T]:
    """One service, built once, off the event loop.

    The features import pydantic, httpx and GitPython: together most of a
    second, which neither the start of every lab nor the event loop can spare.

    Parameters
    ----------
    build
        Imports and builds the service. Called in a thread, and again if it
        failed.
    threads
        Where it is called; those of the whole server if there are none.
    """

    def __init__(
        self, build: Callable[[], T], threads: Executor | None = None
    ) -> None:
        self._build = build
        self._threads = threads
        self._lock = threading.Lock()
        self._value: T | None = None

    async def get(self) -> T:
        """Return the service; build it in a thread if there is none yet."""
        if self._value is not None:
            return self._value
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self.build)

    def build(self) -> T:
        """Return the service, and block while it is built.

        Not for the event loop.
        """
        with self._lock:
            if self._value is None:
                self._value = self._build()
            return self._value

    def peek(self) -> T | None:
        """Return the service if it was built."""
        return self._value

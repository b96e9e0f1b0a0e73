"""Keeps with a run how the platform was when its notebooks failed.

Whoever asks an hour later why a notebook failed must not be answered with how
the services are then. To look takes seconds, so it is done beside the run.
"""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING

from ..record_lines import ServicesSeen

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..models import SeenServices
    from .writer import RecordWriter

__all__ = ["ServicesWitness"]

#: Seconds after which what was seen no longer speaks for a new failure.
_FRESH_S = 300.0
#: Seconds that the end of a run waits for a look: three at the services,
#: which say surely that one is down, take that long.
_PATIENCE_S = 5.0


class ServicesWitness:
    """Looks when a notebook failed, unless it has just looked.

    Parameters
    ----------
    look
        Returns how the platform is; `None` if nobody can tell.
    record
        Where that is told.
    patience_s
        Seconds that `close` waits.
    """

    def __init__(
        self,
        look: Callable[[], SeenServices | None] | None,
        record: RecordWriter,
        *,
        patience_s: float = _PATIENCE_S,
    ) -> None:
        self._look = look
        self._record = record
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._closed = False
        self._began: float | None = None
        self._thread: threading.Thread | None = None

    def look(self) -> None:
        """Look now, in a thread."""
        with self._lock:
            now = time.monotonic()
            fresh = self._began is not None and now - self._began < _FRESH_S
            if self._look is None or self._closed or fresh:
                return
            self._began = now
            self._thread = threading.Thread(
                target=self._tell,
                args=(self._look,),
                name="services-seen",
                daemon=True,
            )
            self._thread.start()

    def _tell(self, look: Callable[[], SeenServices | None]) -> None:
        # Nothing that goes wrong here is the run's.
        with contextlib.suppress(Exception):
            seen = look()
            with self._lock:
                # After the end of the record nothing may follow.
                if seen is not None and not self._closed:
                    self._record.write(ServicesSeen(services=seen))

    def close(self) -> None:
        """Wait a little for a look under way; then nothing more is told."""
        if self._thread is not None:
            self._thread.join(self._patience_s)
        with self._lock:
            self._closed = True

"""Peak memory of the running cells, with everything that they start.

The kernel process's own peak is exact: the operating system keeps it, and we
reset it before each cell. Its children are sampled, and so is the peak itself:
of a kernel that died, what was seen last is all there is.
"""

from __future__ import annotations

import threading

from .. import processes

__all__ = ["MemoryMeter"]


class MemoryMeter:
    """Measures several kernels at once, in a thread of its own.

    Parameters
    ----------
    interval_s
        Seconds between two samples of the children.
    """

    def __init__(self, *, interval_s: float = 0.5) -> None:
        self._interval = interval_s
        self._lock = threading.Lock()
        self._children: dict[int, int] = {}
        self._seen: dict[int, int] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=self._sample, name="memory", daemon=True
        )
        self._thread.start()

    def start(self, pid: int) -> None:
        """Begin to measure a cell of this kernel."""
        processes.reset_peak_memory(pid)
        with self._lock:
            self._children[pid] = 0
            self._seen.pop(pid, None)

    def seen(self, pid: int) -> int:
        """Return the kernel's own peak as of the last sample; 0 before."""
        with self._lock:
            return self._seen.get(pid, 0)

    def finish(self, pid: int) -> int | None:
        """Return the peak in bytes since `start`, or `None` if unknown."""
        own = processes.peak_memory_bytes(pid)
        with self._lock:
            children = self._children.pop(pid, 0)
            seen = self._seen.pop(pid, None)
        own = seen if own is None else own
        return None if own is None else own + children

    def _sample(self) -> None:
        while not self._stop.wait(self._interval):
            with self._lock:
                kernels = set(self._children)
            if not kernels:
                continue
            for kernel, below in processes.process_tree(kernels).items():
                total = sum(processes.resident_bytes(pid) for pid in below)
                own = processes.peak_memory_bytes(kernel)
                with self._lock:
                    if kernel in self._children:
                        if own is not None:
                            self._seen[kernel] = own
                        known = self._children[kernel]
                        self._children[kernel] = max(known, total)

    def close(self) -> None:
        """End the thread."""
        self._stop.set()
        self._thread.join()

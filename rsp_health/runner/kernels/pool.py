"""Starts kernels ahead of the notebooks that need them, and ends them behind.

While a notebook runs, the kernels of those that come next are started, and
the last one cleans up after itself: neither costs the run any time.
"""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

from ...errors import RSPHealthError
from ...notebooks.content import DEFAULT_KERNEL
from ..processes import resident_bytes
from .spec import KernelSpec, find_kernelspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..planning.plan import PlannedNotebook
    from ..stopping import StopSwitch
    from .client import Kernel
    from .factory import KernelFactory

__all__ = ["KernelPool"]

#: Memory of a kernel from which its end is waited for.
_LARGE_BYTES = 512 * 1024**2
#: Seconds after which is looked if the run is to end at once.
_LOOK_S = 0.1


class KernelPool:
    """The kernels of one run, before and after their notebooks.

    Parameters
    ----------
    factory
        Makes the kernels.
    kernel
        Kernelspec for all notebooks, instead of their own.
    cleanup_s
        Seconds that a kernel has for the notebook's own clean-up.
    """

    def __init__(
        self, *, factory: KernelFactory, kernel: str | None, cleanup_s: float
    ) -> None:
        self._factory = factory
        self._kernel = kernel
        self._cleanup = cleanup_s
        self._lock = threading.Lock()
        self._filling = threading.Lock()
        self._waiting: dict[str, Kernel] = {}
        self._ending: dict[threading.Thread, Kernel] = {}
        self._specs: dict[str, KernelSpec | RSPHealthError] = {}

    def _spec(self, notebook: PlannedNotebook) -> KernelSpec:
        name = self._kernel or notebook.kernel_name or DEFAULT_KERNEL
        with self._lock:
            known = self._specs.get(name)
            if known is None:
                try:
                    known = find_kernelspec(name)
                except RSPHealthError as exc:
                    known = exc
                self._specs[name] = known
        if isinstance(known, RSPHealthError):
            raise known
        return known

    def fill(self, coming: Iterable[PlannedNotebook]) -> None:
        """Ask for the kernels of the notebooks that come next."""
        with self._filling:
            for notebook in coming:
                # What is wrong with it is told when its turn comes.
                with contextlib.suppress(RSPHealthError, OSError):
                    if notebook.problem is None and not self._has(notebook):
                        kernel = self.start(notebook)
                        with self._lock:
                            self._waiting[notebook.relative] = kernel

    def _has(self, notebook: PlannedNotebook) -> bool:
        with self._lock:
            return notebook.relative in self._waiting

    def start(self, notebook: PlannedNotebook) -> Kernel:
        """Ask for a notebook's kernel now.

        Raises
        ------
        rsp_health.errors.RSPHealthError
            Raised if there is no such kernelspec.
        OSError
            Raised if no process can be started.
        """
        return self._factory.start(
            self._spec(notebook), folder=notebook.cwd or notebook.path.parent
        )

    def take(self, notebook: PlannedNotebook) -> tuple[Kernel, bool]:
        """Return a kernel, and whether it was started ahead."""
        with self._lock:
            kernel = self._waiting.pop(notebook.relative, None)
        if kernel is not None:
            if kernel.is_hosted() and not kernel.installs.has_changed():
                return kernel, True
            kernel.end(grace_s=0)
        return self.start(notebook), False

    def distrust(self, kernel: Kernel) -> bool:
        """Fork no further kernels like this one.

        Returns
        -------
        bool
            Whether this one was forked, so that an ordinary start is worth
            a try.
        """
        if kernel.warm:
            self._factory.distrust(kernel.spec)
        return kernel.warm

    def end(self, kernel: Kernel, *, polite: bool) -> None:
        """End a kernel while the next notebook already runs.

        One that holds much memory is waited for: the next notebook is to
        find the lab as the user would.
        """
        large = resident_bytes(kernel.pid or 0) > _LARGE_BYTES
        thread = threading.Thread(
            target=kernel.end,
            kwargs={"grace_s": self._cleanup if polite else 0.0},
            name="ending",
        )
        with self._lock:
            for ended in [t for t in self._ending if not t.is_alive()]:
                del self._ending[ended]
            self._ending[thread] = kernel
            thread.start()
        if large:
            thread.join()

    def end_all(self, stop: StopSwitch) -> None:
        """End what is left, and wait for all ends.

        Parameters
        ----------
        stop
            Says whether there is time for the notebooks' own clean-up.
        """
        for kernel in self._waiting.values():
            kernel.end(grace_s=0)
        self._waiting.clear()
        for thread, kernel in self._ending.items():
            while thread.is_alive() and not stop.exhausted:
                thread.join(_LOOK_S)
            kernel.kill()
        for thread in self._ending:
            thread.join()

"""Kernels of a real manager that only wait: a death costs next to nothing."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from typing import TYPE_CHECKING, Any, Self

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_server.services.kernels.kernelmanager import (
    AsyncMappingKernelManager,
)

from rsp_health.platform.control_group import ControlGroup
from rsp_health.server.notebooks.kernel_deaths import KernelDeaths

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["LightKernels"]

_WAIT = "import time\nwhile True: time.sleep(1000)"
#: In a group of its own, if there is one; on SIGUSR1 it wants much memory.
_PROGRAM = f"""
import os, signal, sys, time
if len(sys.argv) > 1 and sys.argv[1]:
    open(sys.argv[1] + "/cgroup.procs", "w").write(str(os.getpid()))
def grow(*_): x = b"x" * (400 * 1024 ** 2)
signal.signal(signal.SIGUSR1, grow)
signal.signal(signal.SIGUSR2, lambda *_: os._exit(3))
open(os.environ["READY"] + "/" + str(os.getpid()), "w").close()
{_WAIT}
"""


class _Sessions:
    """Each kernel has a notebook of its name."""

    def __init__(self, manager: Any) -> None:
        self._manager = manager

    async def list_sessions(self) -> list[dict[str, Any]]:
        return [
            {"path": f"{id}.ipynb", "kernel": {"id": id}}
            for id in self._manager.list_kernel_ids()
        ]


class LightKernels:
    """A manager, what watches it, and what was told.

    Parameters
    ----------
    folder
        For the kernelspec.
    group
        Where the kernels are to be, with its counters.
    """

    def __init__(
        self,
        folder: Path,
        *,
        cgroup: Path | None = None,
        counters: ControlGroup | None = None,
    ) -> None:
        self.told: list[dict[str, Any]] = []
        self._ready = folder / "ready"
        self._ready.mkdir()
        spec = folder / "kernels" / "light"
        spec.mkdir(parents=True)
        (spec / "kernel.json").write_text(
            json.dumps(
                {
                    "argv": [
                        *(sys.executable, "-I", "-S", "-c", _PROGRAM),
                        str(cgroup or ""),
                    ],
                    "display_name": "Light",
                    "language": "none",
                    "env": {"READY": str(self._ready)},
                }
            )
        )
        specs = KernelSpecManager(kernel_dirs=[str(folder / "kernels")])
        self.manager: Any = AsyncMappingKernelManager(
            kernel_spec_manager=specs, root_dir=str(folder)
        )
        self.deaths = KernelDeaths(
            manager=self.manager,
            sessions=_Sessions(self.manager),
            group=counters or ControlGroup(folder / "none", folder / "none"),
            publish=self.told.append,
            log=logging.getLogger(__name__),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.deaths.aclose()
        await self.manager.shutdown_all(now=True)

    async def start(self) -> str:
        """Start a kernel, and let it be seen."""
        id: str = await self.manager.start_kernel(kernel_name="light")
        await self.until_ready(self.pid(id))
        await self.deaths.look()
        return id

    async def until_ready(self, pid: int) -> None:
        """Wait until a kernel can hear signals."""
        await _until((self._ready / str(pid)).exists)

    def pid(self, id: str) -> int:
        """Return a kernel's process."""
        return int(self.manager.get_kernel(id).provisioner.process.pid)

    async def kill(self, id: str, number: int) -> None:
        """Send a signal, and wait until the process is gone."""
        pid = self.pid(id)
        os.kill(pid, number)
        process = self.manager.get_kernel(id).provisioner.process
        await _until(lambda: process.poll() is not None)


async def _until(is_so: Callable[[], bool]) -> None:
    """Wait for another process, which tells nobody."""
    async with asyncio.timeout(60):
        while not is_so():  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.01)

"""Says why a kernel of any notebook died, in place of "appears to have died".

Jupyter's own restarter polls every three seconds, and then knows only that a
kernel is gone. Here each kernel's process is held on to: its exit status
stays readable after it was replaced. Whether somebody asked for the end, the
kernel's manager says; that it was Jupyter who restarted it after its death,
the restarter does.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...doctor.evidence.lab_size import against_lack
from ..failures import report
from .death_causes import culled, judge_death

if TYPE_CHECKING:
    import logging
    from collections.abc import Awaitable, Callable

    from ...platform.control_group import ControlGroup
    from .death_causes import Death

__all__ = ["KernelDeaths"]

#: Seconds between two looks.
_EACH_S = 1.0
#: Looks back to what was counted before a death.
_LOOKS_BACK = 4


@dataclass(slots=True, eq=False)
class _Watched:
    """A kernel's process while it lives."""

    manager: Any
    process: Any
    since: float
    #: Jupyter itself found it dead, and restarts it or gives up.
    found_dead: bool = False

    def restarted(self) -> None:
        self.found_dead = True


class KernelDeaths:
    """Watches the kernels of a server.

    Parameters
    ----------
    manager
        The server's kernel manager.
    sessions
        The server's sessions, which know the notebooks.
    group
        Counts the lab's memory.
    publish
        Takes an event ``kernel``.
    log
        Where a failure is reported.
    against_lack
        Returns what to do in a lab of so many bytes of memory.
    """

    def __init__(
        self,
        *,
        manager: Any,
        sessions: Any,
        group: ControlGroup,
        publish: Callable[[dict[str, Any]], None],
        log: logging.Logger,
        against_lack: Callable[[int | None], str] = against_lack,
    ) -> None:
        self._manager = manager
        self._against_lack = against_lack
        self._sessions = sessions
        self._group = group
        self._publish = publish
        self._log = log
        self._watched: dict[str, _Watched] = {}
        #: What was told, until Jupyter has replaced it.
        self._ended: dict[str, Any] = {}
        self._kills: deque[int | None] = deque(maxlen=_LOOKS_BACK)
        self._cull: Callable[..., Awaitable[None]] | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to watch, on the server's event loop."""
        if self._task is not None:
            return
        self._task = asyncio.create_task(self._main())
        self.take_place()

    def take_place(self) -> None:
        """Stand in for the manager's culling, to tell of it."""
        original = getattr(self._manager, "cull_kernel_if_idle", None)
        if callable(original):
            # On the one object, not its class: an operator may have another.
            self._cull = original
            self._manager.cull_kernel_if_idle = self._cull_if_idle

    async def aclose(self) -> None:
        """Watch no more; what ends from here on is the server's end."""
        if self._cull is not None:
            self._manager.cull_kernel_if_idle = self._cull
            self._cull = None
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        for one in self._watched.values():
            self._let_go(one)
        self._watched.clear()

    async def _main(self) -> None:
        while True:
            try:
                await self.look()
            except Exception as exc:  # noqa: BLE001 - managers are other people's
                report(self._log, "watching the kernels", exc)
                await asyncio.sleep(60 * _EACH_S)
            await asyncio.sleep(_EACH_S)

    async def look(self) -> None:
        """Look once at all kernels, and say which have died."""
        alive = set(self._manager.list_kernel_ids())
        if alive or self._watched:
            memory = self._group.memory()
            self._kills.append(None if memory is None else memory.oom_kills)
        for kernel_id, one in list(self._watched.items()):
            status = one.process.poll()
            if status is None and kernel_id in alive:
                continue
            self._forget(kernel_id)
            self._ended[kernel_id] = one.process
            if self._is_asked_for(one, kernel_id in alive):
                continue
            await self._tell(
                kernel_id,
                judge_death(
                    status,
                    lived_s=time.monotonic() - one.since,
                    memory=self._group.memory(),
                    memory_kills=self._killed_lately(),
                    against_lack=self._against_lack,
                ),
            )
        for kernel_id in self._ended.keys() - alive:
            del self._ended[kernel_id]
        for kernel_id in alive - self._watched.keys():
            self._hold(kernel_id)

    def _hold(self, kernel_id: str) -> None:
        """Hold on to a kernel's process, if it is one of this machine."""
        try:
            kernel = self._manager.get_kernel(kernel_id)
        except KeyError:
            return
        provisioner = getattr(kernel, "provisioner", None)
        process = getattr(provisioner, "process", None)
        if process is self._ended.get(kernel_id) or not callable(
            getattr(process, "poll", None)
        ):
            return
        self._ended.pop(kernel_id, None)
        one = _Watched(kernel, process, time.monotonic())
        for event in ("restart", "dead"):
            kernel.add_restart_callback(one.restarted, event)
        self._watched[kernel_id] = one

    def _forget(self, kernel_id: str) -> None:
        self._let_go(self._watched.pop(kernel_id))

    @staticmethod
    def _let_go(one: _Watched) -> None:
        with contextlib.suppress(Exception):
            for event in ("restart", "dead"):
                one.manager.remove_restart_callback(one.restarted, event)

    @staticmethod
    def _is_asked_for(one: _Watched, is_listed: bool) -> bool:
        """Whether somebody shut the kernel down, or restarted it."""
        if one.found_dead:
            return False
        provisioner = getattr(one.manager, "provisioner", None)
        is_replaced = getattr(provisioner, "process", None) is not one.process
        return (
            not is_listed
            or bool(getattr(one.manager, "shutting_down", False))
            or is_replaced
        )

    def _killed_lately(self) -> int | None:
        """Return how many were killed for lack of memory just now."""
        known = [count for count in self._kills if count is not None]
        return known[-1] - known[0] if len(known) > 1 else None

    async def _cull_if_idle(self, kernel_id: str) -> None:
        """Cull as the manager does, and tell of it."""
        cull = self._cull
        if cull is None:
            return
        idle_s, path = 0.0, None
        with contextlib.suppress(Exception):
            kernel = self._manager.get_kernel(kernel_id)
            began = kernel.last_activity
            idle_s = time.time() - began.timestamp()
            path = await self._path(kernel_id)
        await cull(kernel_id)
        if kernel_id not in self._manager.list_kernel_ids():
            if kernel_id in self._watched:
                self._forget(kernel_id)
            self._say(kernel_id, path, culled(idle_s))

    async def _tell(self, kernel_id: str, death: Death) -> None:
        path = None
        with contextlib.suppress(Exception):
            path = await self._path(kernel_id)
        self._say(kernel_id, path, death)

    def _say(self, kernel_id: str, path: str | None, death: Death) -> None:
        self._log.warning(
            "rsp-health: the kernel %s %s", kernel_id, death.message
        )
        self._publish(
            {
                "kernel_id": kernel_id,
                "path": path,
                "cause": death.cause,
                "message": death.message,
                "whose": death.whose,
                "next_step": death.next_step,
            }
        )

    async def _path(self, kernel_id: str) -> str | None:
        for session in await self._sessions.list_sessions():
            if session.get("kernel", {}).get("id") == kernel_id:
                return str(session["path"])
        return None

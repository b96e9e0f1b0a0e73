"""Deaths of ordinary notebooks' kernels, as a browser is told of them.

A real server with the extension, sessions of notebooks, IPython's kernels, and
cells that are really run. Notices are read from the server's event bus, and
timed from the moment at which the kernel's process was gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import psutil
from jupyter_client.asynchronous.client import AsyncKernelClient

from tests.support.memory_group import small_memory_group
from tests.support.servers import ServerProcess

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["notebook_deaths"]

#: What happens to a kernel, and the cause that must be told; none for what
#: its user did.
_KINDS = {
    "memory": "out_of_memory",
    "segfault": "crashed",
    "abort": "crashed",
    "exit": "exited",
    "kill": "killed",
    "shut down": None,
    "restarted": None,
    "server stopped": None,
    "server killed": None,
    "culled": "culled",
}
_CELLS = {
    "memory": "data = bytearray(b'x') * (3000 * 1024**2)",
    "segfault": "import ctypes; ctypes.string_at(0)",
    "abort": "import os; os.abort()",
    "exit": "import os; os._exit(3)",
    "kill": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
}
#: A notice must be there so many seconds after the kernel's end.
_LIMIT_S = 3.0
#: For so long a notice that must not come is waited for.
_SILENCE_S = 3.5
#: What the server and its kernels may use together, in MiB.
_MEMORY_MIB = 1200
_AT_ONCE = 4
_CULL_S = 4


class _Lab:
    """A server, and what it tells a browser."""

    def __init__(
        self, folder: Path, *, group: Path | None, culls: bool
    ) -> None:
        manager: dict[str, Any] = {}
        if culls:
            manager = {"cull_idle_timeout": _CULL_S, "cull_interval": 1}
        self._runtime = folder / "runtime"
        self._group = group
        self.server = ServerProcess(
            folder,
            traits={"MappingKernelManager": manager},
            variables={"JUPYTER_RUNTIME_DIR": str(self._runtime)},
        )
        self.told: dict[str, list[tuple[str, float]]] = {}
        self._listening: asyncio.Task[None] | None = None
        self._number = 0

    async def start(self) -> None:
        """Start, with a browser that listens."""
        await self.server.start()
        if self._group is not None and self.server.process is not None:
            path = self._group / "cgroup.procs"
            path.write_text(str(self.server.process.pid))
        # The extension begins with the first that asks it.
        await self.server.call("GET", "rsp-health/info")
        self.server.subscribed.clear()
        self._listening = asyncio.create_task(self._listen())
        await self.server.subscribed.wait()

    async def _listen(self) -> None:
        async for event in self.server.events():
            if event["schema_id"].startswith("urn:rsp-health:kernel:"):
                told = self.told.setdefault(event["kernel_id"], [])
                told.append((event["cause"], time.monotonic()))

    async def stop(self, *, hard: bool = False) -> None:
        """End the server; whatever it says until then is heard."""
        await asyncio.to_thread(self.server.kill if hard else self.server.stop)
        if self._listening is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._listening, _LIMIT_S)

    async def open(self) -> tuple[str, str, psutil.Process]:
        """Open a notebook: its session, its kernel, and the process."""
        self._number += 1
        code, session = await self.server.call(
            "POST",
            "api/sessions",
            {
                "path": f"{self._number}.ipynb",
                "name": "",
                "type": "notebook",
                "kernel": {"name": "python3"},
            },
        )
        if code != 201:
            raise RuntimeError(session)
        kernel = session["kernel"]["id"]
        return session["id"], kernel, self._process(kernel)

    def _process(self, kernel: str) -> psutil.Process:
        """Return the newest process of a kernel."""
        assert self.server.process is not None
        for child in psutil.Process(self.server.process.pid).children():
            with contextlib.suppress(psutil.Error):
                if any(kernel in word for word in child.cmdline()):
                    return child
        raise RuntimeError("the kernel has no process")

    @contextlib.asynccontextmanager
    async def client(self, kernel: str) -> Any:
        """Connect to a kernel that answers."""
        client = AsyncKernelClient()
        client.load_connection_file(
            str(self._runtime / f"kernel-{kernel}.json")
        )
        client.start_channels(hb=False)
        try:
            await client.wait_for_ready(timeout=120)
            yield client
        finally:
            client.stop_channels()


async def _gone(process: psutil.Process) -> float:
    """Wait for a process's end, and return the time of it."""
    async with asyncio.timeout(60):
        while True:
            try:
                if process.status() == psutil.STATUS_ZOMBIE:
                    return time.monotonic()
            except psutil.NoSuchProcess:
                return time.monotonic()
            await asyncio.sleep(0.01)


async def _die(lab: _Lab, kind: str) -> tuple[str, str, float]:
    """Open a notebook and let it happen.

    Returns
    -------
    tuple
        The session, the kernel, and when its process was gone.
    """
    session, kernel, process = await lab.open()
    async with lab.client(kernel) as client:
        if kind in _CELLS:
            client.execute(_CELLS[kind])
        elif kind == "shut down":
            await lab.server.call("DELETE", f"api/sessions/{session}")
        elif kind == "restarted":
            await lab.server.call("POST", f"api/kernels/{kernel}/restart")
        return session, kernel, await _gone(process)


async def _heard(lab: _Lab, kernel: str, kind: str, gone: float) -> str:
    """Return what is wrong with what is told; empty if nothing is."""
    wait = _LIMIT_S + 1 if _KINDS[kind] else _SILENCE_S
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(wait):
            # Silence is waited for to its end.
            while not (lab.told.get(kernel) and _KINDS[kind]):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    told = lab.told.get(kernel, [])
    wanted = [_KINDS[kind]] if _KINDS[kind] else []
    if [cause for cause, _ in told] != wanted:
        return f"{kind}: told {[cause for cause, _ in told]}"
    if told and told[0][1] - gone > _LIMIT_S:
        return f"{kind}: told after {told[0][1] - gone:.1f} s"
    return ""


async def _some(lab: _Lab, kinds: list[str]) -> tuple[list[str], list[float]]:
    """Let some die at the same time; return what was wrong, and how late."""

    async def one(kind: str) -> tuple[str, str]:
        session, kernel, gone = await _die(lab, kind)
        wrong = await _heard(lab, kernel, kind, gone)
        late.extend(at - gone for _, at in lab.told.get(kernel, []))
        if kind != "shut down":
            await lab.server.call("DELETE", f"api/sessions/{session}")
        return wrong, kernel

    late: list[float] = []
    ended = await asyncio.gather(*map(one, kinds))
    wrong = [text for text, _ in ended if text]
    for _, kernel in ended:
        # Nor is anything told twice, or of what came after.
        if len(lab.told.get(kernel, [])) > 1:
            wrong.append(f"told twice: {lab.told[kernel]}")
    return wrong, late


async def _server_ends(lab: _Lab, kinds: list[str]) -> list[str]:
    """End a server with kernels, and start it again."""
    kernels = []
    for _ in kinds:
        _, kernel, _ = await lab.open()
        async with lab.client(kernel):
            kernels.append(kernel)
    left = [lab._process(kernel) for kernel in kernels]
    await lab.stop(hard=kinds[0] == "server killed")
    await lab.start()
    await asyncio.sleep(_SILENCE_S)
    for process in left:
        # Nobody ends the kernels of a server that was killed.
        with contextlib.suppress(psutil.Error):
            process.kill()
    told = [lab.told[kernel] for kernel in kernels if kernel in lab.told]
    return [f"{kinds[0]}: told {causes}" for causes in told]


async def _culled(lab: _Lab, count: int) -> tuple[list[str], list[float]]:
    """Leave notebooks alone until the server shuts their kernels down."""

    async def one() -> str:
        _, kernel, process = await lab.open()
        async with lab.client(kernel):
            gone = await _gone(process)
        wrong = await _heard(lab, kernel, "culled", gone)
        late.extend(at - gone for _, at in lab.told.get(kernel, []))
        return wrong

    late: list[float] = []
    ended = [await asyncio.gather(*(one() for _ in range(count)))]
    return [text for texts in ended for text in texts if text], late


def _batches(kinds: list[str]) -> Iterator[list[str]]:
    """Yield what may happen at the same time: lack of memory is alone."""
    alone = [k for k in kinds if k == "memory"]
    ends = [k for k in kinds if k.startswith("server")]
    others = [k for k in kinds if k in _CELLS and k not in alone]
    others += [k for k in kinds if k in {"shut down", "restarted"}]
    random.Random(14).shuffle(others)  # noqa: S311 - which are together
    for number in range(0, len(others), _AT_ONCE):
        yield others[number : number + _AT_ONCE]
    for kind in alone:
        yield [kind]
    for kind in ("server stopped", "server killed"):
        same = [k for k in ends if k == kind]
        for number in range(0, len(same), _AT_ONCE):
            yield same[number : number + _AT_ONCE]


async def _run(folder: Path, group: Path | None, deaths: int) -> int:
    names = [k for k in _KINDS if group is not None or k != "memory"]
    kinds = [names[number % len(names)] for number in range(deaths)]
    happened: Counter[str] = Counter(kinds)
    wrong: list[str] = []
    late: list[float] = []
    lab = _Lab(folder / "lab", group=group, culls=False)
    (folder / "lab").mkdir()
    await lab.start()
    try:
        for batch in _batches(kinds):
            if batch[0].startswith("server"):
                wrong += await _server_ends(lab, batch)
                continue
            texts, seconds = await _some(lab, batch)
            wrong += texts
            late += seconds
    finally:
        await lab.stop()
    lab = _Lab(folder / "culls", group=None, culls=True)
    (folder / "culls").mkdir()
    await lab.start()
    try:
        for start in range(0, happened["culled"], _AT_ONCE):
            count = min(_AT_ONCE, happened["culled"] - start)
            texts, seconds = await _culled(lab, count)
            wrong += texts
            late += seconds
    finally:
        await lab.stop()
    for text in wrong:
        print(f"  WRONG {text}")
    print(f"  notebooks: {dict(happened)}")
    late.sort()
    if late:
        print(
            f"  {len(late)} notices, after {late[len(late) // 2]:.1f} s "
            f"(median), {late[-1]:.1f} s at the latest"
        )
    print(f"  {happened.total()} ends, {len(wrong)} wrong", flush=True)
    return len(wrong)


def notebook_deaths(folder: Path, deaths: int) -> int:
    """Let kernels of notebooks die; return how often something was wrong.

    Parameters
    ----------
    folder
        An empty one.
    deaths
        How many.
    """
    with small_memory_group() as made:
        group = None
        if made is None:
            print("  no control group can be made: no lack of memory")
        else:
            group = made[1]
            for file in ("memory.limit_in_bytes", "memory.max"):
                if (group / file).exists():
                    (group / file).write_text(str(_MEMORY_MIB * 1024**2))
        return asyncio.run(_run(folder, group, deaths))

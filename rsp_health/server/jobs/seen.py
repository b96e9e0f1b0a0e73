"""Gathers what the server sees for the doctor, in a moment.

What is not known at once is left out: the doctor then looks by itself. It has
five seconds for everything, and the platform may not answer.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from ...doctor.seen import Browser, ServerKernel
    from ...status.service import StatusService

__all__ = ["gather_seen"]

_LIMIT_S = 0.5


async def gather_seen(
    status: StatusService | None,
    *,
    kernels: Sequence[Mapping[str, Any]],
    sessions: Sequence[Mapping[str, Any]],
    terminals: int,
    browser: Browser | None,
) -> Callable[[], bytes]:
    """Return what writes down what is seen, as JSON of `Seen`.

    Parameters
    ----------
    status
        Watches the platform; `None` if it is not known yet.
    kernels, sessions
        As Jupyter lists them.
    terminals
        How many are open.
    browser
        What the browser found.
    """
    asked: dict[str, Awaitable[Any]] = {}
    if status is not None:
        asked = {
            "status": status.snapshot(),
            "broadcasts": status.broadcasts(),
            "quota": status.quota(),
        }
    tasks = {name: asyncio.ensure_future(one) for name, one in asked.items()}
    if tasks:
        await asyncio.wait(tasks.values(), timeout=_LIMIT_S)
    known = {
        name: task.result()
        for name, task in tasks.items()
        if task.done() and not task.cancelled() and task.exception() is None
    }
    for task in tasks.values():
        if not task.done():
            # It goes on, for the next who asks; what it raises is nobody's.
            task.add_done_callback(lambda t: t.cancelled() or t.exception())

    def write() -> bytes:
        from ...doctor.seen import Seen

        return (
            Seen(
                **known,
                kernels=[_kernel(k, sessions) for k in kernels],
                terminals=terminals,
                browser=browser,
            )
            .model_dump_json()
            .encode()
        )

    return write


def _kernel(
    kernel: Mapping[str, Any], sessions: Sequence[Mapping[str, Any]]
) -> ServerKernel:
    from ...doctor.seen import ServerKernel

    id = str(kernel["id"])
    paths = (
        str(session.get("path", ""))
        for session in sessions
        if (session.get("kernel") or {}).get("id") == id
    )
    return ServerKernel(
        id=id,
        name=str(kernel.get("name", "")),
        state=str(kernel.get("execution_state", "")),
        last_activity=kernel.get("last_activity"),
        notebook=next(paths, ""),
    )

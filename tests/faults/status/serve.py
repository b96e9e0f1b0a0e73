"""The faulty servers, here or in a process of their own.

Apart, so that the memory that is measured is the client's alone:
``python -m tests.faults.status.serve FOLDER`` prints its addresses, serves
until its input ends, then prints what it counted.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .certificates import make_server_context
from .kinds import behave
from .server import FaultServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

__all__ = ["count", "start_apart", "start_here"]

TLS: dict[str, dict[str, Any]] = {
    "tls_expired": {"expired": True},
    "tls_self_signed": {},
    "tls_wrong_host": {"host": "elsewhere.example.org"},
}


@contextlib.asynccontextmanager
async def start_here(folder: Path) -> AsyncIterator[dict[str, FaultServer]]:
    """Start all servers in this process."""
    async with contextlib.AsyncExitStack() as stack:
        start = stack.enter_async_context
        stranger = await start(FaultServer(behave))
        servers = {
            "stranger": stranger,
            "plain": await start(FaultServer(behave, other=stranger.url)),
        }
        for name, options in TLS.items():
            context, _ = make_server_context(folder, name, **options)
            servers[name] = await start(FaultServer(behave, tls=context))
        yield servers


def count(servers: dict[str, FaultServer]) -> int:
    """Return how often something went where it should not."""
    return servers["stranger"].requests + sum(
        server.authorized for server in servers.values()
    )


@contextlib.asynccontextmanager
async def start_apart(
    folder: Path, result: dict[str, int]
) -> AsyncIterator[dict[str, str]]:
    """Start them in a process of their own; give their addresses.

    At the end, ``result["left"]`` is what `count` returned there.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.faults.status.serve",
        str(folder),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield json.loads(await process.stdout.readline())
    finally:
        process.stdin.close()
        rest = await process.stdout.read()
        await process.wait()
        result["left"] = json.loads(rest)


async def _serve(folder: Path) -> None:
    async with start_here(folder) as servers:
        addresses = {name: server.url for name, server in servers.items()}
        print(json.dumps(addresses), flush=True)
        await asyncio.to_thread(sys.stdin.read)
        print(json.dumps(count(servers)), flush=True)


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))

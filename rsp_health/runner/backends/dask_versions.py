"""Prints the versions of a Dask cluster as JSON: a program of its own.

``python -m rsp_health.runner.backends.dask_versions ADDRESS``

Only Dask speaks the scheduler's protocol, and importing it takes a second, so
that it is kept out of who asks.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

__all__ = ["flat"]

_LIMIT_S = 1.5


async def _ask(address: str) -> dict[str, Any]:
    from distributed.core import rpc
    from distributed.versions import get_versions

    async with rpc(address) as scheduler:
        theirs = await scheduler.versions()
        workers = await scheduler.broadcast(
            msg={"op": "versions"}, on_error="ignore"
        )
    return {
        "client": flat(get_versions()),
        "scheduler": flat(theirs),
        "workers": {name: flat(found) for name, found in workers.items()},
    }


def flat(found: Any) -> dict[str, str]:
    """Return versions by name, from Dask's own form.

    Parameters
    ----------
    found
        What it tells of one side.
    """
    if not isinstance(found, dict):
        return {}
    host, packages = found.get("host", {}), found.get("packages", {})
    versions = {**dict(host), **dict(packages)}
    return {str(k): str(v) for k, v in versions.items() if v}


async def _main(address: str) -> int:
    try:
        async with asyncio.timeout(_LIMIT_S):
            found = await _ask(address)
    except Exception:  # noqa: BLE001 - who asks is told nothing then
        return 1
    sys.stdout.write(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(_main(sys.argv[1])))

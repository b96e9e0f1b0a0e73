"""Tell whether the Dask cluster answers, and speaks as its client does."""

from __future__ import annotations

import json
import socket
import subprocess
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ....platform.own_program import own_program
from ....runner.backends.dask_agreement import differences
from ...evidence.words import counted, listed
from ...models import Evidence, attention, cannot_tell, fault, ok
from ..base import Check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...context import Context
    from ...models import Finding

__all__ = ["DaskCluster"]

_VARIABLE = "DASK_SCHEDULER_ADDRESS"
_CONNECT_S = 0.7
_ANSWER_S = 1.2
_ANSWER_BYTES = 1_000_000
#: Runs the scheduler's own protocol: only Dask speaks it.
_ASKING = "rsp_health.runner.backends.dask_versions"


class DaskCluster(Check):
    """Connects to the scheduler that programs are told of."""

    id = "dask"
    title = "Dask"
    otherwise = f"No Dask cluster is named in {_VARIABLE}."

    def applies(self, context: Context) -> bool:
        """Return whether programs are told of a cluster."""
        return context.environment.get(_VARIABLE) is not None

    def look(self, context: Context) -> Finding:
        """Return what is found."""
        address = context.environment.get(_VARIABLE) or ""
        seen = Evidence(source=_VARIABLE, value=address)
        url = urlsplit(address if "//" in address else f"tcp://{address}")
        try:
            host, port = url.hostname, url.port or 8786
        except ValueError:
            host, port = None, 0
        if host is None:
            return fault(
                "The address of the Dask scheduler is not valid.",
                seen,
                whose="your_environment",
                next_step=f"Set {_VARIABLE} anew, from the cluster's page.",
            )
        try:
            socket.create_connection((host, port), _CONNECT_S).close()
        except OSError as exc:
            why = (exc.strerror or "no answer in time").lower()
            return fault(
                f"The Dask scheduler does not answer: {why}.",
                seen,
                Evidence(source=f"{host}:{port}", value=why),
                whose="your_environment",
                next_step="Start a new cluster, or restart its scheduler, "
                f"and set {_VARIABLE} to its address.",
            )
        return _judge(_versions(context, address), seen)


def _versions(context: Context, address: str) -> dict[str, Any]:
    """Ask for the versions of client, scheduler and workers."""
    try:
        done = subprocess.run(
            own_program(_ASKING, address),
            env=dict(context.environment.variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_ANSWER_S,
            check=False,
        )
        found = json.loads(done.stdout[:_ANSWER_BYTES])
    except (ValueError, subprocess.TimeoutExpired):
        return {}
    return found if isinstance(found, dict) else {}


def _judge(found: Mapping[str, Any], seen: Evidence) -> Finding:
    client, scheduler = found.get("client"), found.get("scheduler")
    workers = found.get("workers")
    if not isinstance(client, dict) or not isinstance(scheduler, dict):
        return cannot_tell(
            "A Dask scheduler listens; which versions it has is not known "
            "(Dask is not installed here, or it did not answer in time).",
            seen,
        )
    workers = workers if isinstance(workers, dict) else {}
    sides = {"scheduler": scheduler, **workers}
    other = [
        Evidence(source=name, value=differences(client, side))
        for name, side in sides.items()
        if isinstance(side, dict) and differences(client, side)
    ]
    if other:
        return attention(
            f"Dask differs between this lab and {listed([e.source for e in other])}"
            f": {other[0].value}.",
            seen,
            *other[:10],
            whose="your_environment",
            next_step="Restart the cluster from the same image and "
            "environment as this kernel, then restart the client.",
        )
    if not workers:
        return attention(
            "The Dask cluster has no workers: what is sent to it waits.",
            seen,
            whose="your_environment",
            next_step="Scale the cluster up: cluster.scale(2)",
        )
    return ok(
        f"The Dask scheduler answers, with {counted(len(workers), 'worker')} "
        "of the same versions.",
        seen,
        Evidence(
            source="distributed", value=str(client.get("distributed", "?"))
        ),
    )

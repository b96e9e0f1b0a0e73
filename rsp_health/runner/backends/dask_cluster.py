"""The workers of a cluster, asked before a run and told of its end."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any

from ... import __version__
from .dask_agreement import Agreement, WorkerView, agreement
from .dask_versions import flat
from .dask_worker import digest, end_on_worker, look_on_worker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from distributed import Client

__all__ = ["end_everywhere", "look_everywhere"]

#: Seconds that the workers have to answer; what hangs is told as unknown.
_ANSWER_S = 12.0
_END_S = 4.0
_MISSING = (
    "does not have rsp-health: it runs nothing of this run. Install it with: "
    "python -m pip install 'rsp_health[dask]'"
)


def look_everywhere(
    client: Client,
    *,
    run: str,
    options: Mapping[str, Any],
    paths: Sequence[str],
    jobs: int,
) -> Agreement:
    """Ask all workers for their versions and for the run's files.

    Where there are no more workers than notebooks at once, each also starts
    the process that runs them.

    Parameters
    ----------
    client
        The connection.
    run, options
        The run, and how its notebooks are run.
    paths
        Its notebooks.
    jobs
        Notebooks at once.

    Raises
    ------
    rsp_health.errors.EnvironmentFailureError
        Raised if no worker can run any of the notebooks.
    """
    workers = list(_bounded(client.nthreads, _ANSWER_S))
    start = len(workers) <= jobs
    seen = _bounded(
        lambda: client.run(
            look_on_worker, run, options, list(paths), start, on_error="return"
        ),
        _ANSWER_S,
    )
    found = _bounded(client.get_versions, _ANSWER_S)
    versions = {
        address: flat(one) for address, one in found.get("workers", {}).items()
    }
    ours = flat(found.get("client")) | {"rsp_health": __version__}
    return agreement(
        ours,
        flat(found.get("scheduler")),
        {
            address: _view(seen.get(address), versions.get(address, {}))
            for address in workers
        },
        {path: digest(path) for path in paths},
    )


def _view(answer: Any, versions: dict[str, str]) -> WorkerView:
    """Return what a worker said, or why it said nothing."""
    if isinstance(answer, dict):
        more = {"rsp_health": str(answer.get("rsp_health"))}
        return WorkerView(versions=versions | more, seen=answer.get("seen"))
    if isinstance(answer, ImportError):
        return WorkerView(versions=versions, problem=_MISSING)
    return WorkerView(versions=versions)


def end_everywhere(client: Client, run: str) -> None:
    """Let the workers end what they keep for a run.

    Parameters
    ----------
    client
        The connection.
    run
        The run.
    """
    _bounded(lambda: client.run(end_on_worker, run, on_error="ignore"), _END_S)


def _bounded(ask: Callable[[], Any], seconds: float) -> dict[str, Any]:
    """Return what is answered in time; a worker that hangs holds up no run."""
    found: list[dict[str, Any]] = [{}]

    def look() -> None:
        # Distributed raises whatever went wrong on the way.
        with contextlib.suppress(Exception):
            found[0] = ask()

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    thread.join(seconds)
    return found[0]

"""Whether client, scheduler and workers fit together, told before a run."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...errors import EnvironmentFailureError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Agreement", "WorkerView", "agreement", "differences"]

#: What has to be the same on all sides of a cluster.
_COMPARED = (
    "python",
    "rsp_health",
    "dask",
    "distributed",
    "cloudpickle",
    "msgpack",
)
#: Workers and files that a sentence names.
_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerView:
    """What a worker says of itself, and of the run's files.

    Parameters
    ----------
    versions
        Of what is compared, by name.
    seen
        Digests of the notebooks, beside them; `None` for one that it cannot
        read. `None` as a whole if it did not answer in time.
    problem
        Why it can run nothing.
    """

    versions: Mapping[str, str] = field(default_factory=dict)
    seen: Sequence[str | None] | None = None
    problem: str | None = None


@dataclass(slots=True, kw_only=True)
class Agreement:
    """What was found.

    Parameters
    ----------
    problems
        Sentences for the user.
    workers
        For the notebooks that only some workers can run: these workers.
    """

    problems: list[str] = field(default_factory=list)
    workers: dict[str, list[str]] = field(default_factory=dict)


def agreement(
    ours: Mapping[str, str],
    scheduler: Mapping[str, str],
    workers: Mapping[str, WorkerView],
    notebooks: Mapping[str, str | None],
) -> Agreement:
    """Compare the sides of a cluster.

    Parameters
    ----------
    ours, scheduler
        Versions of this process and of the scheduler.
    workers
        What each worker says.
    notebooks
        Digests of the run's notebooks, by their paths, in the order in which
        the workers were asked.

    Raises
    ------
    rsp_health.errors.EnvironmentFailureError
        Raised if there are workers, and none can run any notebook.
    """
    found = Agreement()
    if not workers:
        found.problems.append(
            "The Dask cluster has no workers: the notebooks wait for one. "
            "Scale it up: cluster.scale(2)"
        )
        return found
    found.problems += _versions(ours, scheduler, workers)
    found.problems += [
        f"{_worker(address)} {view.problem}"
        for address, view in workers.items()
        if view.problem is not None
    ]
    fit = _fit(workers, notebooks)
    if notebooks and not any(fit.values()):
        raise EnvironmentFailureError(
            _why_none(workers, notebooks),
            hint="Workers need rsp-health (pip install 'rsp_health[dask]') and "
            "the same notebooks under the same path, as on a shared home.",
            code="no_dask_worker",
        )
    found.problems += _files(workers, notebooks, fit)
    for path, addresses in fit.items():
        if 0 < len(addresses) < len(workers):
            found.workers[path] = addresses
    return found


def _fit(
    workers: Mapping[str, WorkerView], notebooks: Mapping[str, str | None]
) -> dict[str, list[str]]:
    """Return, for each notebook, the workers that see the same file."""
    return {
        path: [
            address
            for address, view in workers.items()
            if view.problem is None
            # One that was too slow to say may have it.
            and (view.seen is None or view.seen[number] == ours is not None)
        ]
        for number, (path, ours) in enumerate(notebooks.items())
    }


def _files(
    workers: Mapping[str, WorkerView],
    notebooks: Mapping[str, str | None],
    fit: Mapping[str, list[str]],
) -> list[str]:
    """Say which workers do not see what, or see something else."""
    found = []
    for address, view in workers.items():
        if view.problem is not None:
            continue
        if view.seen is None:
            found.append(
                f"{_worker(address)} did not say in time whether it sees the "
                "notebooks."
            )
            continue
        sides = list(zip(notebooks, view.seen, strict=True))
        unseen = [path for path, seen in sides if seen is None]
        other = [
            path
            for path, seen in sides
            if seen is not None and address not in fit[path]
        ]
        if unseen:
            found.append(f"{_worker(address)} does not see {_some(unseen)}.")
        if other:
            found.append(
                f"{_worker(address)} sees another file at {_some(other)}."
            )
    return _at_most(found, "Further Dask workers see other files as well")


def _why_none(
    workers: Mapping[str, WorkerView], notebooks: Mapping[str, str | None]
) -> str:
    whys = [
        f"{_worker(address)} {view.problem}"
        for address, view in workers.items()
        if view.problem is not None
    ] or _files(workers, notebooks, {path: [] for path in notebooks})
    return f"No Dask worker can run these notebooks. {whys[0]}"


def _versions(
    ours: Mapping[str, str],
    scheduler: Mapping[str, str],
    workers: Mapping[str, WorkerView],
) -> list[str]:
    """Say what differs, once for all workers that differ alike."""
    found = []
    text = differences(ours, scheduler)
    if text:
        found.append(f"The Dask scheduler has {text} here.")
    alike: dict[str, list[str]] = {}
    for address, view in workers.items():
        text = differences(ours, view.versions)
        if text:
            alike.setdefault(text, []).append(address)
    for text, addresses in alike.items():
        who = _worker(addresses[0])
        if len(addresses) > 1:
            who += f" and {len(addresses) - 1} more"
        found.append(f"{who}: {text} here.")
    return _at_most(found, "Further Dask workers have other versions as well")


def _at_most(found: list[str], rest: str) -> list[str]:
    if len(found) <= _NAMED:
        return found
    return [*found[:_NAMED], f"{rest} ({len(found) - _NAMED})."]


def _worker(address: str) -> str:
    return f"The Dask worker {address}"


def _some(paths: Sequence[str]) -> str:
    more = len(paths) - 1
    return paths[0] + (f" and {more} more" if more else "")


def differences(ours: Mapping[str, str], theirs: Mapping[str, str]) -> str:
    """Say which versions differ, or nothing.

    Parameters
    ----------
    ours, theirs
        Versions by name; what one of them does not tell is not compared.
    """
    return ", ".join(
        f"{name} {_short(theirs[name])} instead of {_short(ours[name])}"
        for name in _COMPARED
        if ours.get(name)
        and theirs.get(name)
        and _short(ours[name]) != _short(theirs[name])
    )


def _short(version: object) -> str:
    # Of Python, not the last number: 3.13.1.final.0 and 3.13.2 do as well.
    text = str(version)[:60]
    python = re.fullmatch(r"(\d+\.\d+)\.\d+\.\w+\.\d+", text)
    return python[1] if python is not None else text

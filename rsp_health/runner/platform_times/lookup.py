"""Puts the bots' times beside those of a run, cell by cell.

Cells are joined by their id, as mobu names them: the id, else the number among
the code cells. Whole notebooks are not compared: mobu's duration of one holds
the pauses that it makes between cells.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from pathlib import PurePosixPath
from statistics import median
from typing import TYPE_CHECKING

from ...errors import EnvironmentFailureError
from ...platform.http.answers import FetchError
from .influx import InfluxLogin, find_points
from .models import (
    CellBeside,
    NotebookBeside,
    PlatformTime,
    PlatformTimesDocument,
)

if TYPE_CHECKING:
    from ...platform.http.client import PlatformHttp
    from ...platform.models import Discovery
    from ..models import CellResult, NotebookResult, RunDocument
    from .influx import Point

__all__ = ["DATABASE", "find_login", "platform_times"]

#: The database of Sasquatch that has the events of applications.
DATABASE = "lsst.square.metrics"
SCOPE = "read:sasquatch"
#: How far back, executions of a cell that count, and points of a notebook.
_DAYS = 30
_WINDOW = 50
_MOST_POINTS = 5000
#: Notebooks that are asked for, and questions at once.
_NOTEBOOKS = 60
_AT_ONCE = 4


async def find_login(
    http: PlatformHttp, discovery: Discovery, *, label: str | None
) -> InfluxLogin:
    """Return where the bots' timings are, and the login for it.

    Parameters
    ----------
    http
        The platform.
    discovery
        Names the databases.
    label
        Which one; `None` for that of `DATABASE`, at this site if there are
        several.

    Raises
    ------
    rsp_health.errors.EnvironmentFailureError
        Raised if there is none, or the token may not read its login.
    """
    found = {
        name: entry
        for name, entry in discovery.influxdb_databases.items()
        if name == label or (label is None and entry.database == DATABASE)
    }
    chosen = min(found, key=lambda n: (not found[n].local, n), default=None)
    if chosen is None or found[chosen].credentials_url is None:
        known = ", ".join(sorted(discovery.influxdb_databases)) or "none"
        raise _none(
            f"discovery names no database {label or DATABASE} here (it "
            f"names {known})"
        )
    try:
        answer = await http.get(
            str(found[chosen].credentials_url),
            token=True,
            accept="application/json",
        )
        document = answer.json() if answer.status == 200 else None
    except FetchError as exc:
        raise _none(exc.message) from exc
    if answer.status in {302, 401, 403}:
        raise _none(f"its login needs the scope {SCOPE}, which you lack")
    fields = ("url", "database", "username", "password")
    values = document if isinstance(document, dict) else {}
    if not all(isinstance(values.get(name), str) for name in fields):
        raise _none(f"discovery gives no login (HTTP {answer.status})")
    return InfluxLogin(label=chosen, **{name: values[name] for name in fields})


async def platform_times(
    document: RunDocument, http: PlatformHttp, login: InfluxLogin
) -> PlatformTimesDocument:
    """Put the bots' times beside those of a run.

    Parameters
    ----------
    document
        The run.
    http
        The platform.
    login
        The database.

    Raises
    ------
    rsp_health.errors.EnvironmentFailureError
        Raised if the database does not answer, or refuses.
    """
    stems = Counter(_stem(n.path) for n in document.notebooks)
    repository = document.repository
    repo = _plain(repository.url or "") if repository is not None else ""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(notebook: NotebookResult) -> NotebookBeside:
        names = {notebook.path}
        if stems[_stem(notebook.path)] == 1:
            # Versions of mobu that name the file without its folder.
            names.add(_stem(notebook.path))
        most = min(_MOST_POINTS, 2 * _WINDOW * (len(notebook.cells) + 1))
        async with gate:
            points = await find_points(
                http, login, names, days=_DAYS, most=most
            )
        return _beside(notebook, points, repo)

    executed = [n for n in document.notebooks if n.cells]
    found = await asyncio.gather(*map(one, executed[:_NOTEBOOKS]))
    rest = [
        NotebookBeside(
            notebook=notebook.path,
            reason=f"Only the first {_NOTEBOOKS} notebooks are looked up.",
        )
        for notebook in executed[_NOTEBOOKS:]
    ]
    return PlatformTimesDocument(
        run_id=document.run_id,
        database=login.label,
        days=_DAYS,
        notebooks=[*found, *rest],
    )


def _beside(
    notebook: NotebookResult, points: list[Point], repo: str
) -> NotebookBeside:
    """Join the cells of a notebook with points of it."""
    mine = [p for p in points if not repo or _plain(p.repo) == repo]
    if not mine:
        others = {p.repo for p in points}
        return NotebookBeside(
            notebook=notebook.path,
            reason=(
                f"Bots ran a notebook of that name in {', '.join(others)} only."
                if others
                else f"No bot has passed it in the last {_DAYS} days."
            ),
        )
    # One whose whole path is named is the right one.
    exact = [p for p in mine if p.notebook == notebook.path]
    by_cell: defaultdict[str, list[float]] = defaultdict(list)
    for point in exact or mine:
        by_cell[point.cell_id].append(point.seconds)
    return NotebookBeside(
        notebook=notebook.path,
        cells=[_cell(cell, by_cell) for cell in notebook.cells],
    )


def _cell(
    cell: CellResult, by_cell: defaultdict[str, list[float]]
) -> CellBeside:
    last = by_cell.get(cell.id or str(cell.index), [])[-_WINDOW:]
    time = None
    if last:
        middle = median(last)
        time = PlatformTime(
            median_s=round(middle, 6),
            mad_s=round(median(abs(x - middle) for x in last), 6),
            n=len(last),
        )
    return CellBeside(
        index=cell.index,
        id=cell.id,
        source=cell.source,
        measured_s=cell.duration_s,
        platform=time,
    )


def _stem(path: str) -> str:
    return PurePosixPath(path).name


def _plain(url: str) -> str:
    """Return a repository's address without how one gets there."""
    rest = url.partition("://")[2] or url
    rest = rest.rpartition("@")[2].replace(":", "/")
    return rest.rstrip("/").removesuffix(".git").lower()


def _none(why: str) -> EnvironmentFailureError:
    return EnvironmentFailureError(
        f"The platform's timings cannot be read: {why}.",
        hint="Your own history is there all the same: rsp-health runs trend.",
        code="no_timings",
    )

"""Reads mobu's cell timings from an InfluxDB 1.x, within bounds.

``cell_id`` and ``duration`` are fields, so the database cannot group by cell:
the newest points of a notebook are read, and no more of them than are needed.
A site may have the measurement under two names, that of the event alone and
one with the topic before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from ...errors import EnvironmentFailureError
from ...platform.http.answers import FetchError

if TYPE_CHECKING:
    from collections.abc import Collection

    from ...platform.http.client import PlatformHttp

__all__ = ["InfluxLogin", "Point", "find_points", "query_of"]

#: Bytes of one answer: some five thousand points are a tenth of that.
_MOST_BYTES = 8 * 1024 * 1024
_MEASUREMENT = r"/(^|\.)notebook_cell_execution$/"


@dataclass(frozen=True, slots=True, kw_only=True)
class InfluxLogin:
    """Where a database is, and how to log in.

    Parameters
    ----------
    label
        Its name in discovery.
    url, database
        Where.
    username, password
        As discovery gave them; never shown or stored.
    """

    label: str
    url: str
    database: str
    username: str
    password: str

    def __repr__(self) -> str:
        """Tell no password."""
        return f"InfluxLogin({self.label!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One successful execution of a cell by a bot.

    Parameters
    ----------
    at
        Seconds since the epoch.
    cell_id, seconds
        Which cell, and how long.
    notebook, repo
        As mobu names them.
    """

    at: float
    cell_id: str
    seconds: float
    notebook: str
    repo: str


def query_of(names: Collection[str], *, days: int, most: int) -> str:
    """Return the InfluxQL for the newest points of a notebook.

    Parameters
    ----------
    names
        What it may be called.
    days
        How far back.
    most
        Points of one measurement.
    """
    wanted = " OR ".join(f'"notebook" = {_quoted(n)}' for n in sorted(names))
    words = [
        'SELECT "cell_id", "duration", "success", "notebook", "repo"',
        f"FROM {_MEASUREMENT}",
        f"WHERE ({wanted}) AND time > now() - {days}d",
        f"ORDER BY time DESC LIMIT {most}",
    ]
    return " ".join(words)


async def find_points(
    http: PlatformHttp,
    login: InfluxLogin,
    names: Collection[str],
    *,
    days: int,
    most: int,
) -> list[Point]:
    """Return the newest points of a notebook, the oldest first.

    Parameters
    ----------
    http
        The platform.
    login
        The database.
    names, days, most
        As for `query_of`.

    Raises
    ------
    rsp_health.errors.EnvironmentFailureError
        Raised if the database does not answer, or refuses.
    """
    words = {
        "db": login.database,
        "epoch": "ms",
        "q": query_of(names, days=days, most=most),
    }
    try:
        answer = await http.get(
            f"{login.url.rstrip('/')}/query?{urlencode(words)}",
            login=(login.username, login.password),
            accept="application/json",
            max_bytes=_MOST_BYTES,
        )
        if answer.status in {401, 403}:
            raise _refused(
                f"it refuses the login that discovery gives "
                f"(HTTP {answer.status})"
            )
        document = answer.json() if answer.status == 200 else None
    except FetchError as exc:
        raise _refused(exc.message) from exc
    if document is None:
        raise _refused(f"it answered HTTP {answer.status}")
    return sorted(_points(document), key=lambda point: point.at)


def _quoted(text: str) -> str:
    """Return a string of InfluxQL; nothing in it is anything else."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return "'" + escaped.replace("\n", "\\n") + "'"


def _refused(why: str) -> EnvironmentFailureError:
    return EnvironmentFailureError(
        f"The platform's timings cannot be read: {why}.",
        hint="Try again later, or ask your site.",
        code="no_timings",
    )


def _points(document: Any) -> list[Point]:
    results = document.get("results") if isinstance(document, dict) else None
    if not isinstance(results, list):
        raise _refused("its answer is not that of an InfluxDB 1.x")
    found: list[Point] = []
    for result in results:
        if not isinstance(result, dict):
            continue
        error = result.get("error")
        if isinstance(error, str):
            raise _refused(f"it says: {' '.join(error.split())[:200]}")
        series = result.get("series")
        for each in series if isinstance(series, list) else ():
            found += _of_series(each)
    return found


def _of_series(series: Any) -> list[Point]:
    try:
        columns, rows = list(series["columns"]), list(series["values"])
    except (TypeError, KeyError):
        return []
    points = (_point(columns, row) for row in rows)
    return [point for point in points if point is not None]


def _point(columns: list[Any], row: Any) -> Point | None:
    if not isinstance(row, list) or len(row) != len(columns):
        return None
    value = dict(zip(map(str, columns), row, strict=True))
    seconds, at, cell = (
        value.get(name) for name in ("duration", "time", "cell_id")
    )
    # A tag is text, a field is what it was written as.
    succeeded = value.get("success") in (True, "true", "True", "t")
    if (
        not succeeded
        or not isinstance(seconds, int | float)
        or not 0 <= seconds < 10**7
        or not isinstance(at, int | float)
        or cell is None
    ):
        return None
    return Point(
        at=at / 1000,
        cell_id=str(cell),
        seconds=float(seconds),
        notebook=str(value.get("notebook") or ""),
        repo=str(value.get("repo") or ""),
    )

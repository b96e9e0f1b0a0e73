"""The bots' times beside those of a run; what a database may answer."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.errors import EnvironmentFailureError
from rsp_health.platform.http.client import PlatformHttp
from rsp_health.runner.models import RunRepository
from rsp_health.runner.platform_times.influx import InfluxLogin, query_of
from rsp_health.runner.platform_times.lookup import find_login, platform_times
from tests.runner.reports.runs import cell, notebook, run
from tests.support.sasquatch import PASSWORD, Platform, query_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rsp_health.runner.models import RunDocument
    from rsp_health.runner.platform_times.models import PlatformTimesDocument

REPO = "https://github.com/lsst-sqre/phalanx-test"
COLUMNS = ["time", "cell_id", "duration", "success", "notebook", "repo"]


def answer(*series: list[list[Any]], **more: Any) -> tuple[int, bytes]:
    found = [{"name": "m", "columns": COLUMNS, "values": v} for v in series]
    result = {"statement_id": 0, **({"series": found} if found else {})}
    return 200, json.dumps({"results": [{**result, **more}]}).encode()


def point(at: int, cell_id: Any, seconds: Any, **more: Any) -> list[Any]:
    values = {
        "time": at,
        "cell_id": cell_id,
        "duration": seconds,
        "success": "true",
        "notebook": "tap.ipynb",
        "repo": f"{REPO}.git",
        **more,
    }
    return [values[name] for name in COLUMNS]


@pytest.fixture
def platform() -> Iterator[Platform]:
    with Platform(lambda *_: answer()) as platform:
        yield platform


def mine(*paths: str) -> RunDocument:
    cells = [cell(1, id="imports"), cell(2, id=None), cell(3)]
    return run(
        *(notebook(path, cells=cells) for path in paths or ("tap.ipynb",)),
        repository=RunRepository(url=REPO, ref="main", commit="c"),
    )


def look(
    platform: Platform, document: RunDocument, label: str | None = None
) -> PlatformTimesDocument:
    async def ask() -> PlatformTimesDocument:
        http = PlatformHttp(environment=platform.environment(Path("/")))
        try:
            login = await find_login(http, platform.discovery(), label=label)
            assert PASSWORD not in repr(login)
            return await platform_times(document, http, login)
        finally:
            await http.aclose()

    return asyncio.run(ask())


def refusal(platform: Platform, label: str | None = None) -> str:
    with pytest.raises(EnvironmentFailureError) as caught:
        look(platform, mine(), label)
    assert PASSWORD not in str(caught.value)
    assert caught.value.code == "no_timings"
    return caught.value.message


def test_cells_are_joined_by_their_id(platform: Platform) -> None:
    asked: list[tuple[str, str]] = []

    def influx(path: str, login: str) -> tuple[int, bytes]:
        asked.append((query_in(path), login))
        return answer(
            # Two versions of the measurement, the newest first.
            [
                point(3, "imports", 3.0),
                point(2, "imports", 2),
                point(1, "imports", 1.0, success=True),
            ],
            [
                point(2, "2", 0.5),
                point(1, 2, 0.7, success="false"),
                point(1, "gone", 9.0),
                point(1, "imports", 99.0, repo="https://example.com/other"),
                point(1, "imports", None),
                point(1, "imports", -1.0),
                ["short"],
            ],
        )

    platform.influx = influx
    document = look(platform, mine())
    (found,) = document.notebooks
    assert [c.platform and c.platform.model_dump() for c in found.cells] == [
        {"median_s": 2.0, "mad_s": 1.0, "n": 3},
        {"median_s": 0.5, "mad_s": 0.0, "n": 1},
        None,
    ]
    assert [c.measured_s for c in found.cells] == [0.25, 0.5, 0.75]
    ((query, login),) = asked
    assert login == f"reader:{PASSWORD}"
    assert "LIMIT 400" in query
    assert "30d" in query


def test_a_name_that_two_notebooks_have_is_not_shortened(
    platform: Platform,
) -> None:
    asked: list[str] = []

    def influx(path: str, _: str) -> tuple[int, bytes]:
        asked.append(query_in(path))
        return answer()

    platform.influx = influx
    document = look(platform, mine("a/x.ipynb", "b/x.ipynb", "c/y.ipynb"))
    assert sorted(q.count('"notebook" =') for q in asked) == [1, 1, 2]
    assert {n.reason for n in document.notebooks} == {
        "No bot has passed it in the last 30 days."
    }


def test_a_notebook_of_another_repository_is_another(
    platform: Platform,
) -> None:
    row = point(1, "imports", 1.0, repo="https://example.com/other")
    platform.influx = lambda *_: answer([row])
    (found,) = look(platform, mine()).notebooks
    assert found.cells == []
    assert found.reason == (
        "Bots ran a notebook of that name in https://example.com/other only."
    )


@pytest.mark.parametrize(
    ("influx", "said"),
    [
        ((401, b"{}"), "refuses the login that discovery gives (HTTP 401)"),
        ((503, b"no"), "it answered HTTP 503"),
        ((200, b"<html>"), "the answer is not JSON"),
        ((200, b"[]"), "not that of an InfluxDB 1.x"),
        (answer(error="database not found: x"), "it says: database not found"),
        ((200, b" " * (9 * 1024 * 1024)), "larger than 8192 KiB"),
    ],
)
def test_what_a_database_may_answer(
    platform: Platform, influx: tuple[int, bytes], said: str
) -> None:
    platform.influx = lambda *_: influx
    assert said in refusal(platform)


@pytest.mark.parametrize(
    "body",
    [
        b'{"results":[{"series":[{"columns":["time"],"values":[[1]]}]}]}',
        b'{"results":[{"series":[{}, 3, null, {"columns":3,"values":[]}]}]}',
        b'{"results":[null, {"series":null}, {}]}',
        b'{"results":[{"series":3}, {"series":{"a":1}}, {"series":true}]}',
        b'{"results":[{"series":[{"columns":["success"],"values":[[[]]]}]}]}',
    ],
)
def test_odd_answers_hold_no_points(platform: Platform, body: bytes) -> None:
    platform.influx = lambda *_: (200, body)
    (found,) = look(platform, mine()).notebooks
    assert found.reason is not None


def test_who_may_not_read_it(platform: Platform) -> None:
    platform.has_scope = False
    assert "needs the scope read:sasquatch" in refusal(platform)


def test_a_site_without_metrics(platform: Platform) -> None:
    platform.database = "another"
    assert "names no database lsst.square.metrics here (it names efd, " in (
        refusal(platform)
    )
    assert "names no database x here" in refusal(platform, "x")


def test_the_token_goes_to_the_platform_only(platform: Platform) -> None:
    known = platform.discovery()
    entry = known.influxdb_databases["metrics"].model_copy(
        update={"credentials_url": "https://evil.example.org/x"}
    )
    found = {"metrics": entry}
    known = known.model_copy(update={"influxdb_databases": found})

    async def ask() -> InfluxLogin:
        http = PlatformHttp(environment=platform.environment(Path("/")))
        return await find_login(http, known, label=None)

    with pytest.raises(EnvironmentFailureError, match="platform itself only"):
        asyncio.run(ask())


@pytest.mark.parametrize(
    ("name", "quoted"),
    [
        ("a.ipynb", "'a.ipynb'"),
        ("it's", r"'it\'s'"),
        ("x' OR 1=1 --", r"'x\' OR 1=1 --'"),
        ("back\\", r"'back\\'"),
        ("\\' OR '", r"'\\\' OR \''"),
        ("two\nlines", r"'two\nlines'"),
    ],
)
def test_a_name_is_never_more_than_a_name(name: str, quoted: str) -> None:
    query = query_of({name}, days=1, most=2)
    assert f'WHERE ("notebook" = {quoted}) AND time' in query

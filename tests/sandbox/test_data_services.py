from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest
from defusedxml import ElementTree

if TYPE_CHECKING:
    import httpx

    from rsp_health.sandbox.app import SandboxServer

VOTABLE = "{http://www.ivoa.net/xml/VOTable/v1.3}"
SYNC = "/api/tap/sync"


def _rows(text: str) -> list[list[str | None]]:
    table = ElementTree.fromstring(text)
    return [[c.text for c in row] for row in table.iter(f"{VOTABLE}TR")]


def _status(text: str) -> tuple[str | None, str | None]:
    info = ElementTree.fromstring(text).find(f".//{VOTABLE}INFO")
    assert info is not None
    return info.get("value"), info.text


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_tap_answers_a_query(lab: httpx.Client, method: str) -> None:
    query = {
        "LANG": "ADQL",
        "QUERY": "SELECT TOP 3 coord_ra, objectId FROM dp1.Object",
    }
    if method == "GET":
        response = lab.get(SYNC, params=query)
    else:
        response = lab.post(SYNC, data=query)
    table = ElementTree.fromstring(response.text)
    names = [f.get("name") for f in table.iter(f"{VOTABLE}FIELD")]
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/x-votable+xml"
    assert _status(response.text)[0] == "OK"
    assert names == ["coord_ra", "objectId"]
    assert _rows(response.text) == [
        ["52.88", "611255003000000000"],
        ["53.257438", "611255003000000001"],
        ["53.134877", "611255003000000002"],
    ]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "Cannot parse the query"),
        ("DROP TABLE dp1.Object", "Cannot parse the query"),
        ("SELECT a FROM dp9.None", "Table [dp9.None] not found in TapSchema"),
        ("SELECT a FROM dp1.Object", "Column [a] does not exist"),
    ],
)
def test_tap_says_what_is_wrong(
    lab: httpx.Client, query: str, message: str
) -> None:
    response = lab.get(SYNC, params={"QUERY": query})
    assert response.status_code == 400
    assert _status(response.text) == ("ERROR", message)


def test_tap_obeys_the_smaller_limit(lab: httpx.Client) -> None:
    query = "SELECT TOP 5 * FROM dp1.Visit"
    few = lab.get(SYNC, params={"QUERY": query, "MAXREC": "2"})
    schemas = "SELECT * FROM tap_schema.schemas"
    assert len(_rows(few.text)) == 2
    assert len(_rows(lab.get(SYNC, params={"QUERY": schemas}).text)) == 2


def test_sia_finds_images_around_a_position(
    sandbox: SandboxServer, lab: httpx.Client
) -> None:
    response = lab.get(
        "/api/sia/dp1/query", params={"POS": "CIRCLE 53.1 -28 1"}
    )
    rows = _rows(response.text)
    link = rows[0][1]
    assert len(rows) == 6
    assert link is not None
    assert link.startswith(f"{sandbox.url}/api/datalink/links?ID=butler://")
    assert _rows(lab.get(link).text)[0][2] == "#cutout"
    refused = lab.get("/api/sia/dp1/query", params={"POS": "53"})
    assert refused.status_code == 400


def test_cutout_is_a_fits_image(lab: httpx.Client) -> None:
    path = "/api/cutout/dp1/sync"
    place = {"ID": "butler://dp1/visit_image-0", "CIRCLE": "53.13 -28.1 0.01"}
    response = lab.get(path, params=place)
    content = response.content
    assert response.headers["Content-Type"] == "application/fits"
    assert content[:30] == b"SIMPLE  =                    T"
    assert len(content) % 2880 == 0
    pixels = struct.unpack(">4096f", content[2880 : 2880 + 4096 * 4])
    assert max(pixels) == pixels[32 * 64 + 32]
    assert lab.get(path, params={"ID": "x"}).status_code == 400


def test_butler_and_metadata(
    sandbox: SandboxServer, anonymous: httpx.Client, lab: httpx.Client
) -> None:
    config = anonymous.get("/api/butler/repo/dp1/butler.yaml")
    assert f"url: {sandbox.url}/api/butler/repo/dp1/" in config.text
    unknown = anonymous.get("/api/butler/repo/none/butler.yaml")
    assert unknown.status_code == 404
    for path, name in {
        "/semaphore/": "semaphore",
        "/api/datalink/": "datalinker",
        "/noteburst/": "noteburst",
        "/ghostwriter/": "ghostwriter",
    }.items():
        assert lab.get(path).json()["metadata"]["name"] == name
    health = anonymous.get("/influxdb/health").json()
    assert health["status"] == "pass"


def test_wrong_method_is_405_without_a_traceback(
    anonymous: httpx.Client,
) -> None:
    response = anonymous.delete("/semaphore/")
    assert response.status_code == 405
    assert "Traceback" not in response.text

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from rsp_health.platform.models import Discovery
from rsp_health.status.rows.catalogue import load
from rsp_health.status.rows.targets import Target, resolve

from ..sites import BASE, FULL, SUMMIT, USDF, discovery

if TYPE_CHECKING:
    from pathlib import Path


def _rows(
    document: dict[str, Any], overlay: Path | None = None, **changes: Any
) -> dict[str, Target]:
    targets = resolve(discovery(document, **changes), load(overlay), BASE)
    rows = {t.id: t for t in targets}
    assert len(rows) == len(targets), "two rows have the same id"
    return rows


def _probed(rows: dict[str, Target]) -> dict[str, str]:
    return {
        name: (row.url or "").removeprefix(BASE)
        for name, row in rows.items()
        if row.probed
    }


def test_a_full_site() -> None:
    rows = _rows(FULL)

    assert _probed(rows) == {
        "tap": "/api/tap/availability",
        "ssotap": "/api/ssotap/availability",
        "ppdbtap": "/api/ppdbtap/availability",
        "livetap": "/api/livetap/availability",
        "sia:dp02": "/api/sia/dp02/availability",
        "sia:dp1": "/api/sia/dp1/availability",
        "butler:dp02": "/api/butler/repo/dp02/butler.yaml",
        "butler:dp1": "/api/butler/repo/dp1/butler.yaml",
        "hips:dp02": "/api/hips/v2/dp02/list",
        "nublado": "/nublado/openapi.json",
        "squareone": "/",
        "gafaelfawr": "/auth/openapi.json",
        "repertoire": "/repertoire/",
        "semaphore": "/semaphore/",
        "sasquatch": "/influxdb/health",
    }
    assert {name for name, row in rows.items() if row.on_request} == {
        "vo-cutouts",
        "datalinker",
        "herald",
        "portal",
        "times-square",
        "noteburst",
        "ghostwriter",
    }
    assert rows["tap"].datasets == ("dp02", "dp1")
    assert rows["sia:dp1"].title == "SIA dp1"
    assert rows["sia:dp1"].dataset == "dp1"
    assert rows["nublado"].open_url == "https://nb.data.example.org/nb"
    assert rows["butler:dp1"].docs == "https://dp1.example.org/"


def test_every_deployed_application_has_a_row() -> None:
    for document in (FULL, USDF, SUMMIT):
        covered = {row.application for row in _rows(document).values()}
        assert set(document["applications"]) <= covered

    rows = _rows(FULL)
    assert rows["zz-new-thing"].url is None
    assert "nothing is known" in rows["zz-new-thing"].reason
    assert rows["data:spherex"].datasets == ("dp1",)
    assert rows["mobu"].reason == "only administrators may ask it"


def test_a_usdf_like_site() -> None:
    assert set(_probed(_rows(USDF))) == {
        "tap",
        "consdbtap",
        "nublado",
        "squareone",
        "gafaelfawr",
        "repertoire",
        "semaphore",
    }


def test_a_summit_like_site_has_no_row_of_what_it_lacks() -> None:
    rows = _rows(SUMMIT)

    assert set(rows) == {
        "portal",
        "nublado",
        "squareone",
        "gafaelfawr",
        "repertoire",
        "sasquatch",
        "mobu",
        "argocd",
    }


def test_an_empty_document_leaves_what_every_lab_has() -> None:
    assert _probed(_rows({})) == {
        "nublado": "/nublado/openapi.json",
        "gafaelfawr": "/auth/openapi.json",
        "repertoire": "/repertoire/",
    }


def test_without_discovery_the_core_is_still_asked() -> None:
    nothing = Discovery(state="none")

    targets = resolve(nothing, load(), BASE)

    assert {t.id for t in targets if t.probed} == {
        "nublado",
        "gafaelfawr",
        "repertoire",
    }
    # Not even that can be asked where no platform is known.
    assert not any(t.probed for t in resolve(nothing, load(), None))


def test_the_lab_s_own_file_names_services_but_no_applications() -> None:
    frozen = {
        "datasets": FULL["datasets"],
        "services": {"internal": FULL["services"]["internal"]},
    }

    rows = _rows(frozen, state="file", applications=None)

    assert {"tap", "sia:dp1", "semaphore", "gafaelfawr"} <= set(rows)
    assert not {"wobbly", "zz-new-thing", "argocd"} & set(rows)


def test_two_addresses_of_one_service_are_two_rows() -> None:
    document = {
        "applications": ["tap"],
        "datasets": {
            "a": {"services": {"tap": {"url": f"{BASE}/api/tap"}}},
            "b": {"services": {"tap": {"url": f"{BASE}/other/tap/"}}},
        },
    }

    rows = _rows(document)

    assert _probed(rows) == {
        "tap:a": "/api/tap/availability",
        "tap:b": "/other/tap/availability",
    }


def test_an_application_that_discovery_does_not_place_is_unmonitored() -> None:
    rows = _rows({"applications": ["sia", "butler", "tap"]})

    assert rows["sia"].url is None
    assert rows["sia"].reason == "service discovery does not say where it is"
    # TAP has a usual place.
    assert _probed(rows) == {"tap": "/api/tap/availability"}


def test_what_the_site_declares_has_a_row(tmp_path: Path) -> None:
    overlay = tmp_path / "site.toml"
    overlay.write_text(
        """
        [services.panda]
        title = "PanDA"
        link = "https://panda.example.org/"
        unmonitored = "it can't be checked from a lab"
        [services.mine]
        path = "/mine"
        suffix = "/"
        probe = "metadata"
        depth = "frontend"
        """
    )

    rows = _rows({"applications": ["mine"]}, overlay)

    assert rows["panda"].open_url == "https://panda.example.org/"
    assert rows["panda"].reason == "it can't be checked from a lab"
    assert rows["mine"].url == f"{BASE}/mine/"
    # Declared, but neither deployed nor linked.
    assert not _rows({}, overlay)["mine"].deployed


_NAMES = st.sampled_from(
    ["tap", "sia", "hips", "cutout", "gms", "x", "semaphore", "portal"]
)
_URLS = st.sampled_from(
    [
        f"{BASE}/api/tap",
        f"{BASE}/api/ssotap",
        f"{BASE}/api/x",
        "https://elsewhere.example.org/api/sia/dp1",
        "http://10.0.0.1/api",
    ]
)
_SERVICES = st.dictionaries(_NAMES, st.fixed_dictionaries({"url": _URLS}))


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "applications": st.lists(_NAMES, unique=True),
            "datasets": st.dictionaries(
                st.sampled_from(["dp1", "dp2", "live"]),
                st.fixed_dictionaries({"services": _SERVICES}),
            ),
            "services": st.fixed_dictionaries(
                {"internal": _SERVICES, "ui": _SERVICES}
            ),
        },
    )
)
def test_rows_are_whole_whatever_a_site_says(document: dict[str, Any]) -> None:
    rows = _rows(document)

    covered = {row.application for row in rows.values()}
    assert set(document.get("applications", ())) <= covered
    for row in rows.values():
        assert row.title
        assert row.url is not None or row.reason


def test_sasquatch_is_where_discovery_says_its_influxdb_is() -> None:
    def site(**databases: Any) -> dict[str, Any]:
        return {"applications": ["sasquatch"], "influxdb_databases": databases}

    usdf = _rows(
        site(
            usdf_efd={"url": f"{BASE}/influxdb-enterprise-data/"},
            other={"url": f"{BASE}/influxdb-enterprise-data/"},
            summit_efd={"url": "https://summit.example.com/influxdb/"},
        )
    )
    idf = _rows(site(usdf_efd={"url": "https://usdf.example.com/influxdb/"}))
    apart = _rows(
        site(efd={"url": "https://data.example.com/i/", "local": True})
    )

    assert _probed(usdf) == {"sasquatch": "/influxdb-enterprise-data/health"}
    assert _probed(idf) == {"sasquatch": "/influxdb/health"}
    assert apart["sasquatch"].url == "https://data.example.com/i/health"


def test_scopes_and_quota_labels_of_discovery_win() -> None:
    tap = {
        "url": f"{BASE}/api/tap",
        "required_scopes": ["read:tap", "read:image"],
        "quota_labels": {
            "tap-internal": {"title": "Inside", "internal": True},
            "tap-new": {"title": "TAP"},
        },
    }
    said = _rows({"datasets": {"dp1": {"services": {"tap": tap}}}})["tap"]
    unsaid = _rows({"applications": ["tap"]})["tap"]

    assert said.scopes == ("read:tap", "read:image")
    assert said.quota == "tap-new"
    assert (unsaid.scopes, unsaid.quota) == (("read:tap",), "tap")


def test_user_tables_are_at_a_path_of_their_own() -> None:
    rows = _rows({"applications": ["usertap", "tap"]})

    assert _probed(rows) == {
        "tap": "/api/tap/availability",
        "usertap": "/api/youcat/availability",
    }


def test_what_needs_the_login_service_says_so() -> None:
    entries = load().entries
    plain = {"gafaelfawr", "squareone", "semaphore", "sasquatch"}
    open_ = {"exposurelog", "narrativelog", "nightreport", "obsloctap"}

    probed = {n: e for n, e in entries.items() if e.probe is not None}

    assert {
        n for n, e in probed.items() if "gafaelfawr" not in e.depends_on
    } == plain | open_
    assert open_ <= {n for n, e in probed.items() if e.access == "anonymous"}
    gone = {"alert-stream-broker", "filestore-backup", "linters", "sherlock"}
    assert not {*gone, "telegraf", "telegraf-ds"} & set(entries)

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from rsp_health.errors import BadInputError
from rsp_health.status.probes import PROBES
from rsp_health.status.rows.catalogue import load

if TYPE_CHECKING:
    from pathlib import Path


def _overlay(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "site.toml"
    path.write_text(text)
    return path


def test_the_shipped_catalogue_is_whole() -> None:
    entries = load().entries

    assert {"tap", "sia", "vo-cutouts", "gafaelfawr", "nublado"} <= set(
        entries
    )
    for name, entry in entries.items():
        assert entry.title, name
        # What can be probed says what that proves.
        if entry.probe is not None:
            assert entry.probe in PROBES
            assert entry.depth is not None, name
            assert entry.where or entry.path, name
            assert (entry.probe == "page") == (entry.marker is not None), name
        for needed in entry.depends_on:
            assert needed in entries, name


def test_what_spends_quota_is_never_on_a_timer() -> None:
    # Of platform.md section 5: these ingresses are authenticated.
    entries = load().entries

    assert {
        name for name, entry in entries.items() if entry.access == "token"
    } == {
        "vo-cutouts",
        "datalinker",
        "herald",
        "portal",
        "times-square",
        "noteburst",
        "ghostwriter",
    }


def test_the_site_s_words_win_field_by_field(tmp_path: Path) -> None:
    overlay = _overlay(
        tmp_path,
        """
        [services.tap]
        owner = "Data access team"
        contact = "#data-access"
        runbook = "https://example.org/tap"
        facility = "USDF"

        [services.panda]
        title = "PanDA"
        link = "https://panda.example.org/"
        unmonitored = "it can't be checked from a lab"

        [[maintenance]]
        services = ["sia"]
        start = 2026-11-20T17:00:00Z
        end = 2026-11-20T19:00:00Z
        title = "Butler upgrade"
        """,
    )

    catalogue = load(overlay)

    tap = catalogue.entries["tap"]
    assert (tap.title, tap.probe, tap.owner) == (
        "TAP",
        "vosi",
        "Data access team",
    )
    assert catalogue.entries["panda"].declared
    assert not tap.declared
    window = catalogue.window(
        "sia:dp1", datetime(2026, 11, 20, 18, tzinfo=UTC)
    )
    assert window is not None
    assert window.title == "Butler upgrade"
    assert not catalogue.window("tap", datetime(2026, 11, 20, 18, tzinfo=UTC))
    assert not catalogue.window("sia", datetime(2026, 11, 20, 19, tzinfo=UTC))
    assert not load().windows


def test_the_longest_window_is_named(tmp_path: Path) -> None:
    overlay = _overlay(
        tmp_path,
        """
        [[maintenance]]
        start = 2026-11-20T10:00:00
        end = 2026-11-20T20:00:00
        title = "All"
        [[maintenance]]
        services = ["tap"]
        start = 2026-11-20T10:00:00Z
        end = 2026-11-20T12:00:00Z
        title = "Short"
        """,
    )

    window = load(overlay).window(
        "tap", datetime(2026, 11, 20, 11, tzinfo=UTC)
    )

    assert window is not None
    assert window.title == "All"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("not toml", "is not TOML: expected '='"),
        ("x = 1", "a wrong part: x"),
        ("services = 1", "a wrong part: services"),
        ("services.tap = 1", "an entry that is not a table"),
        ('[services.tap]\nowners = "x"', "services.tap.owners"),
        ('[services.tap]\nprobe = "ping"', "services.tap.probe"),
        ('[services.tap]\nmarker = "("', "services.tap.marker"),
        ('[services.tap]\npath = "https://evil/"', "services.tap.path"),
        ('[services.tap]\npath = "//evil/"', "services.tap.path"),
        ('[services.tap]\nwhere = "https://evil"', "services.tap.where"),
        ('[services.tap]\nrunbook = "javascript:1"', "services.tap.runbook"),
        ('[services.tap]\ndocs = "http://a/"', "services.tap.docs"),
        ("[[maintenance]]\nstart = 5", "maintenance.0"),
        (
            "[[maintenance]]\nstart = 2026-01-02\nend = 2026-01-01",
            "the end must be after the start",
        ),
    ],
)
def test_a_wrong_overlay_is_told_by_its_place(
    tmp_path: Path, text: str, place: str
) -> None:
    with pytest.raises(BadInputError) as caught:
        load(_overlay(tmp_path, text))

    assert caught.value.code == "bad_catalogue"
    assert place in caught.value.message
    assert "site.toml" in caught.value.message


def test_a_missing_overlay_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="cannot be read"):
        load(tmp_path / "nowhere.toml")

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from rsp_health.doctor.log_places import find_logs, read_tails
from rsp_health.errors import BadInputError
from rsp_health.status.rows.catalogue import load
from rsp_health.status.rows.site_words import SiteWords

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Lab

LOGS = "https://logs.example.org/?app={service}&u={user}&f={start}&t={end}"


def test_what_a_lab_cannot_read_is_said(lab: Lab) -> None:
    places = find_logs(lab.context()).places

    assert {p.state for p in places} == {"elsewhere"}
    assert any("names no log service" in p.reason for p in places)
    assert all(p.reason for p in places)


def test_logs_in_the_home_stand_first(lab: Lab) -> None:
    lab.write(".local/share/jupyter/runtime/kernel.log", "it broke\n")

    first = find_logs(lab.context()).places[0]

    assert (first.state, first.title) == ("here", "kernel.log")
    assert first.place == "~/.local/share/jupyter/runtime/kernel.log"
    assert "it broke" in read_tails(lab.context())


def test_the_sites_log_service_is_asked_for_the_time(
    lab: Lab, tmp_path: Path
) -> None:
    catalogue = tmp_path / "site.toml"
    catalogue.write_text(f'[site]\nlogs = "{LOGS}"\n')
    lab.variables["JUPYTERHUB_USER"] = "v rubin"

    places = find_logs(
        lab.context(find_catalogue=lambda: catalogue), None, "tap"
    ).places

    (site,) = [p for p in places if p.place.startswith("https://")]
    assert "app=tap&u=v%20rubin&f=20" in site.place


def test_what_is_filled_in_cannot_change_the_address() -> None:
    at = datetime(2026, 11, 22, tzinfo=UTC)

    url = SiteWords(logs=LOGS).log_url(
        service="tap&x=1#/..", user="u", start=at, end=at
    )

    assert url is not None
    assert "app=tap%26x%3D1%23%2F..&u=u&f=2026-11-22T00%3A00%3A00Z" in url


@pytest.mark.parametrize(
    "template",
    [
        "http://logs.example.org/",
        "https://logs.example.org/{password}",
        "https://logs.example.org/{user.__class__}",
        "https://logs.example.org/{user!r}",
        "https://logs.example.org/{user",
    ],
)
def test_a_template_that_could_do_harm_is_refused(
    tmp_path: Path, template: str
) -> None:
    catalogue = tmp_path / "site.toml"
    catalogue.write_text(f'[site]\nlogs = "{template}"\n')

    with pytest.raises(BadInputError, match=r"at site\.logs"):
        load(catalogue)

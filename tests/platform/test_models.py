from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsp_health.platform.models import DiscoveryDocument


def test_a_minimal_site_answers_an_empty_object() -> None:
    document = DiscoveryDocument.model_validate({})

    assert document.applications == ()
    assert document.datasets == {}
    assert document.services.internal == {}
    assert document.services.ui == {}


def test_broken_entries_are_dropped_and_the_rest_is_kept() -> None:
    document = DiscoveryDocument.model_validate(
        {
            "applications": ["tap", 5, "", None, "sia", "x" * 101],
            "environment_name": 7,
            "datasets": {
                "dp1": {
                    "butler_config": "file:///etc/passwd",
                    "services": {
                        "tap": {"url": "https://a.example.org/api/tap"},
                        "bad": {"url": "javascript:alert(1)"},
                        "odd": {"url": "https://u:p@a.example.org/"},
                        "none": {},
                        "text": "https://a.example.org/",
                    },
                },
                "dp2": "nothing",
                "dp3": None,
            },
            "services": {"internal": [], "ui": {"x": {"url": "https://a b/"}}},
            "influxdb_databases": {"efd": {"url": "https://a.example.org/"}},
            "a future key": [1, 2, 3],
        }
    )

    assert document.applications == ("tap", "sia")
    assert document.environment_name is None
    assert list(document.datasets) == ["dp1"]
    assert document.datasets["dp1"].butler_config is None
    assert list(document.datasets["dp1"].services) == ["tap"]
    assert document.services.ui == {}
    assert list(document.influxdb_databases) == ["efd"]


def test_names_that_would_play_tricks_are_dropped() -> None:
    document = DiscoveryDocument.model_validate(
        {
            "applications": ["tap", "\x1b[2J", "a\nb", "x\u202egnp", "<b>"],
            "environment_name": "data\x1b[31m\u202e.example",
            "datasets": {"dp1\r": {}, "dp1": {"services": {"\x07": {}}}},
        }
    )

    # Markup is no trick: it is shown as text.
    assert document.applications == ("tap", "<b>")
    assert document.environment_name == "data[31m.example"
    assert list(document.datasets) == ["dp1"]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "applications",
                    "datasets",
                    "services",
                    "internal",
                    "ui",
                    "url",
                    "versions",
                    "dp1",
                    "butler_config",
                    "influxdb_databases",
                    "environment_name",
                ]
            )
            | st.text(max_size=5),
            inner,
            max_size=5,
        )
    ),
    max_leaves=30,
)


@given(st.dictionaries(st.text(max_size=20), _JSON) | _JSON)
def test_no_json_object_breaks_the_reader(document: Any) -> None:
    if not isinstance(document, dict):
        return
    parsed = DiscoveryDocument.model_validate(document)

    for dataset in parsed.datasets.values():
        for service in dataset.services.values():
            assert service.url.startswith(("http://", "https://"))


@pytest.mark.parametrize(
    "url",
    ["", "//a/", "https://", "https://a/\n", "https://[a/", "h" * 3000, 5],
)
def test_what_is_no_web_address_is_no_service(url: object) -> None:
    document = DiscoveryDocument.model_validate(
        {"services": {"internal": {"x": {"url": url}}}}
    )

    assert document.services.internal == {}


def test_a_document_of_thousands_has_an_end() -> None:
    services = {"sia": {"url": "https://a.example/"}}
    document = DiscoveryDocument.model_validate(
        {
            "applications": [f"a{n}" for n in range(9_000)],
            "datasets": {
                f"d{n}": {"services": services} for n in range(9_000)
            },
        }
    )

    assert len(document.applications) == len(document.datasets) == 300


def test_a_site_has_the_name_of_its_environment() -> None:
    new = {"environment": {"name": "data.example.org", "label": "idfprod"}}

    assert DiscoveryDocument.model_validate(new).site == "data.example.org"
    wrongs: list[Any] = ["x", [], None, {"name": 3}]
    for wrong in wrongs:
        document = DiscoveryDocument.model_validate({"environment": wrong})
        assert document.site is None

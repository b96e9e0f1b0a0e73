from __future__ import annotations

import pytest

from rsp_health.platform.environment import LabEnvironment
from rsp_health.platform.origins import PlatformOrigin


def _origin(url: str) -> PlatformOrigin:
    environment = LabEnvironment(
        variables={"EXTERNAL_INSTANCE_URL": url}, mounts=()
    )
    return PlatformOrigin.of(environment)


@pytest.mark.parametrize(
    ("url", "owned", "callable_"),
    [
        ("https://data.example.org/api/tap", True, True),
        ("https://data.example.org:443/api/tap", True, True),
        ("https://nb.data.example.org/nb", True, True),
        ("https://DATA.example.org/", True, True),
        ("https://data.example.org:8443/", False, True),
        ("https://other.example.org/", False, True),
        ("https://example.org/", False, True),
        ("https://evildata.example.org/", False, True),
        ("https://data.example.org.evil.net/", False, True),
        ("https://data.example.org@evil.net/", False, False),
        ("https://user:pw@data.example.org/", False, False),
        ("http://data.example.org/api/tap", False, False),
        ("http://127.0.0.1:8080/", False, False),
        ("https://10.0.0.1/", False, False),
        ("https://[fd00::1]/", False, False),
        ("https://localhost/", False, False),
        ("https://service.namespace/", False, True),
        ("https://kubernetes.default.svc/", False, False),
        ("https://tap.tap.svc.cluster.local./", False, False),
        ("https://metadata.google.internal/", False, False),
        ("https://10.0.0.1./", False, False),
        ("https://:@data.example.org/", False, False),
        ("http://schema-registry.sasquatch:8081/", False, False),
        ("ftp://data.example.org/", False, False),
        ("file:///etc/passwd", False, False),
        ("https://data.example.org:99999/", False, False),
        ("https://[data.example.org/", False, False),
        ("", False, False),
    ],
)
def test_a_site_owns_its_host_and_subdomains(
    url: str, *, owned: bool, callable_: bool
) -> None:
    origin = _origin("https://data.example.org")

    assert (origin.owns(url), origin.may_call(url)) == (owned, callable_)


@pytest.mark.parametrize(
    ("url", "owned"),
    [
        ("http://127.0.0.1:8080/api", True),
        ("http://127.0.0.1:8081/api", False),
        ("http://localhost:8080/api", False),
        ("http://sub.127.0.0.1:8080/api", False),
        ("https://127.0.0.1:8080/api", False),
    ],
)
def test_the_sandbox_owns_exactly_its_port(url: str, *, owned: bool) -> None:
    origin = _origin("http://127.0.0.1:8080")

    assert (origin.owns(url), origin.may_call(url)) == (owned, owned)


def test_http_to_another_machine_is_no_platform() -> None:
    origin = _origin("http://data.example.org")

    assert origin.host is None
    assert not origin.owns("http://data.example.org/")


def test_discovery_alone_names_the_platform() -> None:
    environment = LabEnvironment(
        variables={
            "REPERTOIRE_BASE_URL": "https://data.example.org/repertoire"
        },
        mounts=(),
    )

    assert PlatformOrigin.of(environment).owns("https://data.example.org/x")

from __future__ import annotations

import asyncio

import pytest

from rsp_health.platform.environment import LabEnvironment
from rsp_health.platform.http.answers import FetchError
from rsp_health.platform.http.client import PlatformHttp
from rsp_health.platform.http.proxies import proxy_for

_PROXY = "http://proxy.example.org:3128"


@pytest.mark.parametrize(
    ("variables", "url", "proxy"),
    [
        ({}, "https://a.example.org/", None),
        ({"https_proxy": _PROXY}, "https://a.example.org/", _PROXY),
        ({"HTTPS_PROXY": _PROXY}, "https://a.example.org/", _PROXY),
        ({"all_proxy": _PROXY}, "https://a.example.org/", _PROXY),
        ({"https_proxy": "p:1"}, "https://a.example.org/", "http://p:1"),
        ({"https_proxy": "socks5://p:1"}, "https://a.example.org/", None),
        ({"http_proxy": _PROXY}, "https://a.example.org/", None),
        ({"https_proxy": _PROXY}, "http://127.0.0.1:80/", None),
        (
            {"https_proxy": _PROXY, "no_proxy": "example.org"},
            "https://a.example.org/",
            None,
        ),
        (
            {"https_proxy": _PROXY, "NO_PROXY": "x, .example.org:443 ,"},
            "https://a.example.org/",
            None,
        ),
        (
            {"https_proxy": _PROXY, "no_proxy": "*.example.org"},
            "https://a.example.org/",
            None,
        ),
        (
            {"https_proxy": _PROXY, "no_proxy": "::1, [FD00::1]"},
            "https://[fd00::1]/",
            None,
        ),
        (
            {"https_proxy": _PROXY, "no_proxy": "*"},
            "https://a.example.org/",
            None,
        ),
        (
            {"https_proxy": _PROXY, "no_proxy": "ample.org,b.example.org"},
            "https://a.example.org/",
            _PROXY,
        ),
    ],
)
def test_the_lab_s_variables_decide(
    variables: dict[str, str], url: str, proxy: str | None
) -> None:
    environment = LabEnvironment(variables=variables, mounts=())

    assert proxy_for(environment, url) == proxy


@pytest.mark.parametrize(
    "url",
    [
        "http://u:s3cret@p.example.org:notaport",
        "http://[::1",
        "::::",
        "http://p q.example.org:80",
        "http://\u0130.example.org:80",
        "http://:80",
        "http://p.example.org:99999",
    ],
)
def test_a_proxy_that_is_no_address_is_told(url: str) -> None:
    environment = LabEnvironment(variables={"https_proxy": url}, mounts=())

    with pytest.raises(FetchError) as caught:
        proxy_for(environment, "https://data.example.org/")

    assert caught.value.cause == "proxy"
    assert "s3cret" not in caught.value.message


@pytest.mark.parametrize(
    "listed",
    ["::1", "[::1]", "localhost,127.0.0.1,::1", "fe80::/10", "<local>"],
)
def test_no_exception_from_the_proxy_breaks_the_client(listed: str) -> None:
    async def run() -> FetchError:
        http = PlatformHttp(
            environment=LabEnvironment(
                variables={
                    "EXTERNAL_INSTANCE_URL": "https://data.example.org",
                    # Nobody listens there: that it is tried is what counts.
                    "https_proxy": "http://127.0.0.1:9",
                    "no_proxy": listed,
                },
                mounts=(),
            )
        )
        try:
            with pytest.raises(FetchError) as caught:
                await http.get("https://data.example.org/x")
        finally:
            await http.aclose()
        return caught.value

    error = asyncio.run(run())
    assert error.cause == "proxy"
    assert error.message == "the lab's proxy cannot be reached"

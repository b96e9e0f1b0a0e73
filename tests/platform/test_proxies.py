from __future__ import annotations

import httpx
import pytest

from rsp_health.platform.environment import LabEnvironment
from rsp_health.platform.proxies import proxy_for, proxy_mounts

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
def test_the_lab_s_variables_decide_and_httpx_agrees(
    variables: dict[str, str], url: str, proxy: str | None
) -> None:
    environment = LabEnvironment(variables=variables, mounts=())
    direct = httpx.MockTransport(lambda _: httpx.Response(200))
    proxied = httpx.MockTransport(lambda _: httpx.Response(200))

    client = httpx.Client(
        transport=direct,
        mounts=proxy_mounts(
            environment,
            lambda p: proxied if p else direct,  # type: ignore[arg-type]
        ),
        trust_env=False,
    )

    chosen = client._transport_for_url(httpx.URL(url))
    assert proxy_for(environment, url) == proxy
    assert chosen is (direct if proxy is None else proxied)

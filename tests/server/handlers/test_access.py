"""Nobody in: every route and verb refuses who is not logged in."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from tornado.web import RequestHandler

from tests.support.routes import METHODS, live_routes

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_server.serverapp import ServerApp
    from tornado.simple_httpclient import SimpleAsyncHTTPClient

    from rsp_health.server.features import Features

BOTH_MODES = pytest.mark.parametrize(
    "allow_unauthenticated_access", [False, True], ids=["closed", "open"]
)


async def request(
    client: SimpleAsyncHTTPClient,
    method: str,
    path: str,
    headers: dict[str, str] | None = None,
) -> int:
    """Send a request with a plausible body, and return the status."""
    has_body = method in {"POST", "PUT", "PATCH"}
    response = await client.fetch(
        path,
        method=method,
        headers=headers or {},
        body=b'{"paths": ["a.ipynb"], "fingerprint": "x"}'
        if has_body
        else None,
        raise_error=False,
        follow_redirects=False,
    )
    return response.code


def implemented(handler: type[RequestHandler], method: str) -> bool:
    function = getattr(handler, method.lower())
    return function is not RequestHandler._unimplemented_method


def our_threads() -> set[threading.Thread]:
    return {t for t in threading.enumerate() if "rsp-health" in t.name}


@pytest.fixture
def threads_before() -> set[threading.Thread]:
    """Threads of ours that earlier tests of this process left."""
    return our_threads()


def assert_nothing_happened(
    features: Features, data_dir: Path, before: set[threading.Thread]
) -> None:
    for name in ("discovery", "checkout", "runner", "status", "cleaning"):
        assert getattr(features, name).peek() is None, name
    assert not data_dir.exists()
    assert not features.operations.running()
    assert our_threads() <= before


@BOTH_MODES
@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({}, ""),
        ({"Authorization": "token 0123456789abcdef"}, ""),
        ({"Authorization": "Bearer x"}, ""),
        ({}, "?token=0123456789abcdef"),
        ({"Cookie": 'username-localhost="2|1:0|10:1|4:user|4:x|0"'}, ""),
        ({"Origin": "https://evil.example"}, ""),
        (
            {
                "Connection": "Upgrade",
                "Upgrade": "websocket",
                "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            },
            "",
        ),
    ],
    ids=[
        "nothing",
        "wrong token",
        "wrong bearer",
        "wrong query token",
        "forged cookie",
        "foreign origin",
        "websocket",
    ],
)
async def test_refused_without_login(
    threads_before: set[threading.Thread],
    jp_serverapp: ServerApp,
    http_server_client: SimpleAsyncHTTPClient,
    features: Features,
    tmp_path: Path,
    headers: dict[str, str],
    query: str,
) -> None:
    seen = 0
    for path, handler in live_routes(jp_serverapp.web_app):
        for method in METHODS:
            status = await request(
                http_server_client, method, path + query, headers
            )
            allowed = {403} if implemented(handler, method) else {403, 405}
            if "Origin" in headers:
                allowed.add(404)  # so says jupyter_server to other origins
            assert status in allowed, (method, path, status)
            seen += 1
    assert seen >= 20 * len(METHODS)
    assert_nothing_happened(features, tmp_path / "rsp-health", threads_before)


async def log_in(
    client: SimpleAsyncHTTPClient, app: ServerApp, base_url: str
) -> str:
    """Return the cookie of a user who logged in with the token."""
    response = await client.fetch(
        f"{base_url}api/status?token={app.identity_provider.token}"
    )
    cookies = response.headers.get_list("Set-Cookie")
    return "; ".join(cookie.partition(";")[0] for cookie in cookies)


@BOTH_MODES
async def test_cookie_needs_xsrf_and_our_origin(
    threads_before: set[threading.Thread],
    jp_serverapp: ServerApp,
    http_server_client: SimpleAsyncHTTPClient,
    jp_base_url: str,
    features: Features,
    tmp_path: Path,
) -> None:
    cookie = await log_in(http_server_client, jp_serverapp, jp_base_url)
    assert "username-" in cookie
    good = {"Cookie": cookie}
    foreign = {"Cookie": cookie, "Origin": "https://evil.example"}
    for path, handler in live_routes(jp_serverapp.web_app):
        for method in METHODS:
            if not implemented(handler, method) or method == "OPTIONS":
                continue
            status = await request(http_server_client, method, path, foreign)
            assert status in {403, 404}, (method, path, status)
            if method != "GET":
                status = await request(http_server_client, method, path, good)
                assert status == 403, (method, path, status)
    assert_nothing_happened(features, tmp_path / "rsp-health", threads_before)
    # The cookie is good, so it was XSRF and origin that were refused.
    path = f"{jp_base_url}rsp-health/info"
    assert await request(http_server_client, "GET", path, good) == 200


async def test_authorizer_is_asked_with_our_resources(
    jp_serverapp: ServerApp,
    http_server_client: SimpleAsyncHTTPClient,
    jp_auth_header: dict[str, str],
    features: Features,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, str]] = []

    def is_authorized(
        _handler: object, _user: object, action: str, resource: str
    ) -> bool:
        asked.append((action, resource))
        return False

    monkeypatch.setattr(
        jp_serverapp.authorizer, "is_authorized", is_authorized
    )
    for path, handler in live_routes(jp_serverapp.web_app):
        for method in ("GET", "POST"):
            if implemented(handler, method):
                status = await request(
                    http_server_client, method, path, jp_auth_header
                )
                assert status == 403, (method, path)
    assert {resource.partition(":")[0] for _, resource in asked} == {
        "rsp_health"
    }
    assert {"read", "write", "execute"} == {action for action, _ in asked}
    assert features.checkout.peek() is None

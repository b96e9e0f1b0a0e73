"""Whatever comes in, a 5xx is a bug.

``pytest tests/server/handlers/test_fuzz.py --hypothesis-profile deep`` tries 10,000
requests of each kind.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rsp_health.errors import ConflictError
from rsp_health.runner.service import RunnerService
from tests.support.routes import live_routes

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from pathlib import Path

    from jupyter_server.serverapp import ServerApp
    from tornado.simple_httpclient import SimpleAsyncHTTPClient

    type Send = Callable[..., tuple[int, bytes]]

NAMES = st.sampled_from(
    [
        "paths",
        "dry_run",
        "services",
        "fingerprint",
        "ref",
        "backup",
        "repository",
        "mode",
        "all",
        "jobs",
        "cell_timeout_s",
        "timeout_s",
        "path",
    ]
)
WORDS = st.sampled_from(
    [
        "system-test",
        "tap",
        "main",
        ".",
        "..",
        "/",
        "~",
        "a.ipynb",
        "../a.ipynb",
        "sub/../../x",
        "\x00",
        "é" * 200,
        "x" * 300,
        "/proc/self/mem",
        "--upload-pack=x",
        "loop",
        "jupyter",
        "http://[",
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | WORDS
)
VALUES = SCALARS | st.lists(SCALARS, max_size=4)
BODIES = st.dictionaries(NAMES | st.text(max_size=5), VALUES, max_size=5).map(
    lambda body: json.dumps(body).encode()
)


@pytest.fixture
def health_config(tmp_path: Path) -> dict[str, Any]:
    repository = {
        "id": "system-test",
        "title": "System test",
        "url": (tmp_path / "no-such-upstream").as_uri(),
    }
    return {
        "allowed_git_protocols": ["file"],
        "repositories": [repository],
    }


@pytest.fixture
def send(
    jp_asyncio_loop: asyncio.AbstractEventLoop,
    http_server_client: SimpleAsyncHTTPClient,
    jp_auth_header: dict[str, str],
    jp_root_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> Send:
    """Return a function that sends a request with a login, and checks."""
    # All that the server does is real; a thousand processes are not.
    monkeypatch.setattr(RunnerService, "start", _refuse)
    (jp_root_dir / "loop").symlink_to("loop")
    (jp_root_dir / "a.ipynb").write_text('{"cells": 1}')
    caplog.set_level(logging.ERROR)

    def send(
        method: str, path: str, body: bytes | None = None
    ) -> tuple[int, bytes]:
        response = jp_asyncio_loop.run_until_complete(
            http_server_client.fetch(
                path,
                method=method,
                body=body,
                headers=jp_auth_header,
                raise_error=False,
                request_timeout=60,
            )
        )
        assert response.code < 500, (method, path, body, caplog.text)
        if response.code >= 400:
            error = json.loads(response.body)
            assert {"error", "message", "hint"} <= set(error)
            assert all(error[k] for k in ("error", "message", "hint")), error
        return response.code, response.body

    return send


def _refuse(*_args: object, **_kwargs: object) -> str:
    raise ConflictError("No process is started here.", hint="Do.")


def test_random_bodies(send: Send, jp_serverapp: ServerApp) -> None:
    paths = [
        path
        for path, handler in live_routes(jp_serverapp.web_app)
        if "post" in vars(handler)
    ]
    assert len(paths) >= 10

    @given(path=st.sampled_from(paths), body=BODIES | st.binary(max_size=50))
    @example(path=paths[0], body=b"[" * 60_000)
    @example(path=paths[0], body=b'{"a":' * 10_000)
    @example(path=paths[0], body=b" " * 70_000)
    def check(path: str, body: bytes) -> None:
        code, _ = send("POST", path, body)
        seen.add(code)

    seen: set[int] = set()
    check()
    assert {413, 422} <= seen


def test_random_ids_and_queries(
    send: Send, jp_serverapp: ServerApp, jp_base_url: str
) -> None:
    names = st.text(max_size=70) | WORDS
    tails = ["", "/inspect", "/backups", "/operation", "/report", "/refs"]

    @given(
        kind=st.sampled_from(["repositories", "runs", "notebooks", "x"]),
        name=names,
        tail=st.sampled_from(tails),
        method=st.sampled_from(["GET", "POST"]),
        query=st.dictionaries(
            st.sampled_from(["repository", "format", "limit", "x"]),
            names,
            max_size=2,
        ),
        raw=st.sampled_from(["", "%ff", "%00", "%2e%2e%2f", "%"]),
    )
    def check(
        kind: str,
        name: str,
        tail: str,
        method: str,
        query: dict[str, str],
        raw: str,
    ) -> None:
        text = quote(name.encode("utf-8", "surrogatepass"), safe="")
        path = f"{jp_base_url}rsp-health/{kind}/{text}{raw}{tail}"
        arguments = {
            key: value.encode("utf-8", "surrogatepass")
            for key, value in query.items()
        }
        if arguments:
            path += "?" + urlencode(arguments)
        send(method, path, b"{}" if method == "POST" else None)

    check()


def test_random_queries_of_lists(send: Send, jp_base_url: str) -> None:
    @given(
        name=st.sampled_from(["repository", "limit", "format"]),
        path=st.sampled_from(["notebooks", "runs", "services"]),
        value=st.binary(max_size=20)
        | st.integers().map(lambda n: str(n).encode()),
    )
    def check(name: str, path: str, value: bytes) -> None:
        query = urlencode({name: value})
        send("GET", f"{jp_base_url}rsp-health/{path}?{query}")

    check()

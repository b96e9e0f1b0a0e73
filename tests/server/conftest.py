"""A real Jupyter server with the extension, on a scratch home.

The fixtures of pytest-jupyter are taken in here, not as a plugin of the whole
suite: two of them are autouse, and would build a server for every test of
every other folder.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from pytest_jupyter.jupyter_server import *  # noqa: F403 - fixtures, hooks
from tornado.httpclient import HTTPClientError
from traitlets.config import Config

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from jupyter_server.serverapp import ServerApp
    from tornado.httpclient import HTTPResponse
    from tornado.simple_httpclient import SimpleAsyncHTTPClient

    from rsp_health.server.features import Features


@pytest.fixture
def health_config() -> dict[str, Any]:
    """Settings of HealthApp; overridden by parametrisation."""
    return {}


@pytest.fixture
def allow_unauthenticated_access() -> bool:
    """jupyter_server's trait: whether it lets undecorated handlers through."""
    return False


@pytest.fixture
def lab_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No platform: the lab's variables of this machine are not ours."""
    for name in ("EXTERNAL_INSTANCE_URL", "REPERTOIRE_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JUPYTER_IMAGE_SPEC", "example.org/lab:w_2026_45")
    monkeypatch.setenv("CPU_LIMIT", "2.0")
    monkeypatch.setenv("MEM_LIMIT", "8589934592")


@pytest.fixture  # type: ignore[no-redef] # instead of theirs
def jp_server_config(
    lab_environment: None,
    health_config: dict[str, Any],
    allow_unauthenticated_access: bool,
    tmp_path: Path,
) -> Config:
    """Load the extension into the server."""
    return Config(
        {
            "ServerApp": {
                "jpserver_extensions": {"rsp_health": True},
                "allow_unauthenticated_access": allow_unauthenticated_access,
            },
            "HealthApp": {
                "data_dir": str(tmp_path / "rsp-health"),
                **health_config,
            },
        }
    )


@pytest.fixture
def features(jp_serverapp: ServerApp) -> Features:
    """The services of the running extension."""
    found: Features = jp_serverapp.web_app.settings["rsp_health_features"]
    return found


type Call = Callable[..., Awaitable[tuple[int, Any]]]


@pytest.fixture
def call(
    jp_fetch: Callable[..., Awaitable[HTTPResponse]],
    http_server_client: SimpleAsyncHTTPClient,
) -> Call:
    """Return a function that calls a route: status and parsed JSON."""
    http_server_client.max_clients = 100  # Ten would hide what is concurrent.

    async def call(
        method: str,
        path: str,
        body: Any = None,
        *,
        params: dict[str, str] | None = None,
        raw: bytes | None = None,
    ) -> tuple[int, Any]:
        data: bytes | None = raw or json.dumps(body).encode()
        if method == "GET":
            data = None
        elif raw is not None:
            data = raw
        elif body is None:
            data = b""
        try:
            response = await jp_fetch(
                "rsp-health",
                *path.split("/"),
                method=method,
                body=data,
                params=params,
                request_timeout=60,
                allow_nonstandard_methods=True,
            )
        except HTTPClientError as exc:
            if exc.response is None:
                raise
            response = exc.response
        content = response.body.decode()
        return response.code, json.loads(content) if content else None

    return call

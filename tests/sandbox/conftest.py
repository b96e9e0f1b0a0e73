"""One sandbox for all tests of a file, back in good health for each."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import httpx
import pytest

from rsp_health.sandbox.app import SandboxServer

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The sandbox speaks plain HTTP; httpx would load all authorities each time.
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@pytest.fixture(scope="module")
def running_sandbox() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


@pytest.fixture
def sandbox(running_sandbox: SandboxServer) -> Iterator[SandboxServer]:
    running_sandbox.state.requests.clear()
    yield running_sandbox
    running_sandbox.set_scenario("healthy")
    running_sandbox.state.overrides = None


@pytest.fixture
def anonymous(sandbox: SandboxServer) -> Iterator[httpx.Client]:
    with _client(sandbox) as client:
        yield client


@pytest.fixture
def user(sandbox: SandboxServer) -> Iterator[httpx.Client]:
    """A user of their own, with the lab's scopes and unspent quotas."""
    from rsp_health.sandbox.state import LAB_SCOPES

    number = len(sandbox.state._accesses)
    token = sandbox.state.issue(f"user{number}", LAB_SCOPES)
    with _client(sandbox, token) as client:
        yield client


@pytest.fixture
def lab(sandbox: SandboxServer) -> Iterator[httpx.Client]:
    """The sandbox's own user, with the token of the lab."""
    with _client(sandbox, sandbox.state.lab_token) as client:
        yield client


def _client(sandbox: SandboxServer, token: str | None = None) -> httpx.Client:
    return httpx.Client(
        base_url=sandbox.url,
        headers={"Authorization": f"Bearer {token}"} if token else None,
        trust_env=False,
        verify=_NO_TLS,
    )

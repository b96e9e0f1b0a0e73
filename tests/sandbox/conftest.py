"""One sandbox for all tests of a file, back in good health for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from rsp_health.sandbox.app import SandboxServer

if TYPE_CHECKING:
    from collections.abc import Iterator


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
    with httpx.Client(base_url=sandbox.url, trust_env=False) as client:
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


def _client(sandbox: SandboxServer, token: str) -> httpx.Client:
    return httpx.Client(
        base_url=sandbox.url,
        headers={"Authorization": f"Bearer {token}"},
        trust_env=False,
    )

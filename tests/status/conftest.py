"""A sandbox for all tests of a file, in good health for each."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.platform.discovery import DiscoveryService
from rsp_health.platform.environment import LabEnvironment
from rsp_health.sandbox.app import SandboxServer
from rsp_health.status.service import StatusService

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

__all__ = ["Lab"]


class Lab:
    """A lab on the sandbox, with a status service of its own."""

    def __init__(self, sandbox: SandboxServer, home: Path) -> None:
        self.sandbox = sandbox
        self.home = home
        self.variables = sandbox.lab_environment(home)
        self.events: list[dict[str, Any]] = []
        self.overlay: Path | None = None

    @property
    def environment(self) -> LabEnvironment:
        """What the lab knows; its mounted token is left out."""
        return LabEnvironment(variables=self.variables, mounts=())

    def set_scenario(self, name: str) -> None:
        """Let the platform suffer."""
        self.sandbox.set_scenario(name)

    def asked(self) -> list[str]:
        """Return the paths that were asked for, in order."""
        return [r["path"] for r in self.sandbox.state.requests]

    def use[T](
        self,
        use: Callable[[StatusService], Awaitable[T]],
        **options: Any,
    ) -> T:
        """Run something with a status service."""

        async def run() -> T:
            discovery = DiscoveryService(
                environment=self.environment, cache_dir=self.home / "cache"
            )
            service = StatusService(
                environment=self.environment,
                discovery=discovery,
                overlay=self.overlay,
                publish=self.events.append,
                **options,
            )
            try:
                return await use(service)
            finally:
                await service.aclose()
                await discovery.aclose()

        return asyncio.run(run())


@pytest.fixture(scope="module")
def running_sandbox() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


@pytest.fixture
def lab(
    running_sandbox: SandboxServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Lab]:
    # The looks are what is tested, not the seconds between them.
    monkeypatch.setattr(
        "rsp_health.status.service._SETTLE_PAUSES_S", (0.01, 0.01)
    )
    running_sandbox.state.requests.clear()
    yield Lab(running_sandbox, tmp_path)
    running_sandbox.set_scenario("healthy")
    running_sandbox.state.overrides = None

"""A platform that tests can break, and labs on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rsp_health.sandbox.app import SandboxServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...conftest import Lab


@pytest.fixture(scope="module")
def running() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


@pytest.fixture
def sandbox(
    running: SandboxServer, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SandboxServer]:
    # A busy machine is none of the faults.
    for name in ("token", "datasets", "tap_jobs"):
        monkeypatch.setattr(
            f"rsp_health.doctor.checks.platform.{name}._LIMIT_S", 30.0
        )
    monkeypatch.setattr("rsp_health.doctor.evidence.monitor._LIMIT_S", 60.0)
    monkeypatch.setattr("rsp_health.doctor.evidence.monitor._PROBE_S", 10.0)
    lab.variables |= running.lab_environment(lab.home)
    lab.mounts = ()
    yield running
    running.set_scenario("healthy")

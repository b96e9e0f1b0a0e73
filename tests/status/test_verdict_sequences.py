"""One sentence on every surface, whatever the platform goes through.

``python -m tests.faults.verdicts`` tries 500 random sequences.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from rsp_health.sandbox.scenarios import SCENARIOS
from tests.faults import verdicts

if TYPE_CHECKING:
    from pathlib import Path

    from rsp_health.sandbox.app import SandboxServer

pytestmark = pytest.mark.slow

#: What takes long, and says nothing else.
SCENARIOS_TRIED = sorted(set(SCENARIOS) - {"slow"})
SEQUENCES = [
    ("healthy", "expired-token", "healthy", "tap-down"),
    ("login-page", "gafaelfawr-down", "maintenance"),
    ("everything-down", "unreachable", "hostile", "blocked"),
]


@pytest.mark.parametrize("scenario", SCENARIOS_TRIED)
def test_every_scenario(
    running_sandbox: SandboxServer, tmp_path: Path, scenario: str
) -> None:
    visit = verdicts.visit(running_sandbox, tmp_path, [scenario])
    assert asyncio.run(visit) == []


@pytest.mark.parametrize("scenarios", SEQUENCES)
def test_from_one_to_the_next(
    running_sandbox: SandboxServer, tmp_path: Path, scenarios: tuple[str, ...]
) -> None:
    visit = verdicts.visit(running_sandbox, tmp_path, scenarios)
    assert asyncio.run(visit) == []

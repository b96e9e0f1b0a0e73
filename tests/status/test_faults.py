"""A few seeds of each kind of fault; ``make faults`` meets them all."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.faults.status.__main__ import run
from tests.faults.status.kinds import KINDS
from tests.faults.status.places import CONNECTION_KINDS

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

EVERY = [*KINDS, *CONNECTION_KINDS]


def test_there_are_more_than_forty_kinds() -> None:
    assert len(set(EVERY)) == len(EVERY) > 60


def test_no_fault_is_shown_as_up_nor_flips_a_row(tmp_path: Path) -> None:
    # Seeds choose the probe: three of ten, and vosi among them.
    result = asyncio.run(run(EVERY, range(7, 10), tmp_path))

    assert [(c.kind, c.probe, c.wrong) for c in result.wrong] == []
    # Three looks at the service, and three at its login.
    assert result.states.total() == len(EVERY) * 18
    assert result.states["up"] == 0
    assert result.left_the_platform == 0


def test_a_service_that_comes_and_goes(tmp_path: Path) -> None:
    result = asyncio.run(run(["flapping"], range(9), tmp_path))

    assert [(c.seed, c.probe, c.wrong) for c in result.wrong] == []
    assert result.flapping == 9 * 12


def test_the_oracle_is_not_blind(tmp_path: Path) -> None:
    # A healthy service among the faults must be noticed.
    result = asyncio.run(run(["healthy"], range(2), tmp_path))

    assert len([c for c in result.wrong if c.probe != "login"]) == 2
    assert result.states["up"] == 6

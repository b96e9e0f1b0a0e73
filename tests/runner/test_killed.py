"""The supervisor is killed: the record says so, and nothing survives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.runner.kills import kill_once, write_notebooks
from tests.faults.runner.lines import print_at_once

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("after_s", [0.0, 0.4, 1.0, 1.5])
def test_killed_supervisor_is_told_as_interrupted(
    tmp_path: Path, after_s: float
) -> None:
    write_notebooks(tmp_path / "notebooks")
    wrong = kill_once(
        tmp_path / "notebooks", tmp_path / "data", after_s=after_s
    )
    assert wrong == []


@pytest.mark.parametrize("warm", [True, False], ids=["warm", "cold"])
def test_no_line_is_lost(tmp_path: Path, warm: bool) -> None:
    assert print_at_once(tmp_path, lines=3000, warm=warm) == []

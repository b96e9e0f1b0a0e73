"""Two servers of one home are asked for the same checkout at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.server.__main__ import compete, write_upstream

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


async def test_one_of_fifty_wins(tmp_path: Path) -> None:
    write_upstream(tmp_path / "upstream")
    assert await compete(tmp_path, clients=50) == []

"""A repository for git to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.checkout.homes import make_upstream

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    folder = tmp_path / "upstream"
    make_upstream(folder)
    return folder

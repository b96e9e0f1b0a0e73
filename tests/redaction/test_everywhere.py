"""A few of the ways; ``python -m tests.faults.secrets`` goes all of them."""

from __future__ import annotations

import pytest

from tests.faults.secrets.__main__ import count_leaks

pytestmark = pytest.mark.slow


def test_nothing_leaks_into_any_artefact() -> None:
    assert count_leaks(quick=True) == 0

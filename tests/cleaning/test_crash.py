"""A few crashes of a clean; ``make faults`` has those of every call."""

from __future__ import annotations

import shutil

import pytest

from tests.faults.cleaning.__main__ import main

pytestmark = pytest.mark.slow


@pytest.mark.skipif(
    shutil.which("strace") is None, reason="strace makes the faults"
)
def test_after_a_crash_the_file_is_the_old_or_the_new_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--quick"]) == 0, capsys.readouterr().out

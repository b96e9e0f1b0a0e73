"""A few of the faults that ``make faults`` injects by the thousand."""

from __future__ import annotations

import pytest

from tests.faults.checkout import __main__ as faults
from tests.faults.checkout.injection import strace

pytestmark = pytest.mark.slow


@pytest.mark.skipif(
    strace() is None, reason="strace is missing: apt-get install strace"
)
@pytest.mark.timeout(300)
def test_no_fault_loses_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    code = faults.main(["--quick"])
    out = capsys.readouterr().out
    assert code == 0, out
    assert "26 faults: 0 user files lost, 0 missing or partial" in out
    assert "14 saves during changes: " in out
    assert out.rstrip().endswith(", 0 lost")

from __future__ import annotations

import sys
import time

import pytest

from rsp_health.platform import clock


@pytest.mark.skipif(sys.platform != "linux", reason="macOS has one such clock")
def test_it_is_the_clock_that_goes_on_during_sleep(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # As after a night: the one went on, the other stood still.
    clocks = {time.CLOCK_MONOTONIC: 100.0, time.CLOCK_BOOTTIME: 28_900.0}
    monkeypatch.setattr(time, "clock_gettime", clocks.__getitem__)

    assert clock.seconds() == 28_900.0

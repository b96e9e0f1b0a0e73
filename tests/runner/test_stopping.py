"""A stop is heard whatever the run is at just then."""

from __future__ import annotations

import select
from typing import TYPE_CHECKING

import pytest

from rsp_health.runner import run_here as running
from rsp_health.runner.options import Limits
from rsp_health.runner.stopping import StopSwitch
from tests.faults.runner.cases import notebook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rsp_health.runner.models import RunDocument
    from rsp_health.runner.record_lines import RecordLine


@pytest.fixture
def stop(monkeypatch: pytest.MonkeyPatch) -> StopSwitch:
    """The switch of the run to come."""
    switch = StopSwitch()
    monkeypatch.setattr(running, "StopSwitch", lambda: switch)
    return switch


def _readable(descriptor: int) -> bool:
    return bool(select.select([descriptor], [], [], 0)[0])


def test_each_call_wakes_those_who_wait_for_it() -> None:
    switch = StopSwitch()
    for calls in range(4):
        heard = [_readable(switch.wake_after(n)) for n in range(4)]
        assert heard == [calls > 0, calls > 1, False, False]
        assert _readable(switch.wake) == (calls > 0)
        switch.stop("Stopped by the user.")
    switch.close()


@pytest.mark.slow
@pytest.mark.parametrize("calls", [1, 2])
def test_a_stop_between_two_waits_is_not_missed(
    calls: int,
    tmp_path: Path,
    run: Callable[..., RunDocument],
    stop: StopSwitch,
) -> None:
    def listener(line: RecordLine) -> None:
        # The thread that waits for the kernel is here, and not waiting.
        if line.kind == "cell_started":
            for _ in range(calls):
                stop.stop("Stopped by the user.")

    path = tmp_path / "n.ipynb"
    path.write_bytes(notebook("import time\ntime.sleep(1000)", "1"))
    limits = Limits(cell_timeout_s=25)
    found = run(path, listener=listener, limits=limits).notebooks[0]
    assert (found.state, found.reason) == ("stopped", "Stopped in cell 1.")
    assert [cell.state for cell in found.cells] == ["stopped", "not_run"]

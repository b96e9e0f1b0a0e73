"""A notebook that harms what watches it: an error, and nothing survives."""

from __future__ import annotations

import os
import uuid
from typing import TYPE_CHECKING

import pytest

from tests.faults.runner.cases import notebook, survivors

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rsp_health.runner.models import RunDocument

_ABOVE = """
import os, signal, subprocess, time
def above(pid):
    text = open(f"/proc/{pid}/stat").read()
    return int(text.rpartition(")")[2].split()[1])
keeper = os.getppid()
host = above(keeper)
subprocess.Popen(["sleep", "1000"], start_new_session=True)
"""
#: A child that nobody waits for, in a session of its own, with nothing in
#: its environment.
_DOUBLE_FORK = """
if not os.fork():
    os.setsid()
    if not os.fork():
        os.kill(keeper, signal.SIGKILL)
        os.kill(host, signal.SIGKILL)
        open("pid", "w").write(str(os.getpid()))
        os.execve("/bin/sleep", ["sleep", "1000"], {})
    os._exit(0)
time.sleep(1000)
"""
_CASES = {
    "keeper-stopped": "os.kill(keeper, signal.SIGSTOP)",
    "host-stopped": "os.kill(host, signal.SIGSTOP)",
    "host-killed": "os.kill(host, signal.SIGKILL)",
    "both-stopped": (
        "os.kill(host, signal.SIGSTOP)\nos.kill(keeper, signal.SIGSTOP)"
    ),
    "both-killed": _DOUBLE_FORK,
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("case", "warm"),
    [(case, number % 2 == 0) for number, case in enumerate(_CASES)],
)
def test_nothing_survives_and_the_run_is_an_error(
    tmp_path: Path, run: Callable[..., RunDocument], case: str, warm: bool
) -> None:
    (tmp_path / "a.ipynb").write_bytes(notebook(_ABOVE + _CASES[case]))
    (tmp_path / "b.ipynb").write_bytes(notebook("1"))
    mark = uuid.uuid4().hex
    document = run(
        tmp_path / "a.ipynb",
        tmp_path / "b.ipynb",
        warm=warm,
        variables={"RSP_HEALTH_FAULTS": mark},
    )
    assert [n.state for n in document.notebooks] == ["error", "passed"]
    assert "stopped or killed" in str(document.notebooks[0].reason)
    assert survivors(f"RSP_HEALTH_FAULTS={mark}") == []
    child = tmp_path / "pid"
    if child.exists():
        with pytest.raises(ProcessLookupError):
            os.kill(int(child.read_text()), 0)

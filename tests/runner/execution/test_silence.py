"""Half of a cell's end is missing: the kernel is asked on, and believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.runner.cases import notebook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rsp_health.runner.models import RunDocument

#: Keeps the next ``idle`` (or all of them) in the kernel, as a handler that
#: raised in its output thread does, until there is more to send.
_HOLD = """
_k = get_ipython().kernel
_send, _held = _k.session.send, []
def _hold(stream, kind, *args, **kwargs):
    content = args[0] if args else kwargs.get("content")
    if kind == "status" and content["execution_state"] == "idle":
        if FOREVER or not _held:
            _held.append((stream, kind, args, kwargs))
            return None
    if _held and not FOREVER:
        s, k, a, kw = _held[0]
        _held[:] = [None]
        if s is not None:
            _k.session.send = _send
            _send(s, k, *a, **kw)
    return _send(stream, kind, *args, **kwargs)
_k.session.send = _hold
"""


def test_a_late_idle_is_asked_for(
    tmp_path: Path, run: Callable[..., RunDocument]
) -> None:
    path = tmp_path / "n.ipynb"
    code = _HOLD.replace("FOREVER", "False")
    path.write_bytes(notebook(code, "'next'"))
    found = run(path).notebooks[0]
    assert found.state == "passed", found.reason
    assert [cell.state for cell in found.cells] == ["passed", "passed"]


def test_a_missing_idle_is_never_success(
    tmp_path: Path,
    run: Callable[..., RunDocument],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "rsp_health.runner.execution.notebook._LIVENESS_PROBES_S", (0.1, 0.2)
    )
    monkeypatch.setattr("rsp_health.runner.execution.notebook._SILENCE_S", 1.0)
    path = tmp_path / "n.ipynb"
    path.write_bytes(notebook(_HOLD.replace("FOREVER", "True"), "1"))
    found = run(path).notebooks[0]
    assert found.state == "error"
    assert "stopped sending messages" in (found.reason or "")
    assert [cell.state for cell in found.cells] == ["failed", "not_run"]


#: Stands still between the reply and ``idle``, as in a suspended lab.
_STALL = """
import os, signal, subprocess
_k = get_ipython().kernel
_send = _k.session.send
def _stall(stream, kind, *args, **kwargs):
    content = args[0] if args else kwargs.get("content")
    if kind == "status" and content["execution_state"] == "idle":
        _k.session.send = _send
        subprocess.Popen(["sh", "-c", f"sleep 3; kill -CONT {os.getpid()}"])
        os.kill(os.getpid(), signal.SIGSTOP)
    return _send(stream, kind, *args, **kwargs)
_k.session.send = _stall
"""


@pytest.mark.slow
def test_a_stalled_kernel_is_waited_for(
    tmp_path: Path,
    run: Callable[..., RunDocument],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "rsp_health.runner.execution.notebook._LIVENESS_PROBES_S", (0.1, 0.2)
    )
    monkeypatch.setattr("rsp_health.runner.execution.notebook._SILENCE_S", 1.0)
    path = tmp_path / "n.ipynb"
    path.write_bytes(notebook(_STALL, "'next'"))
    found = run(path).notebooks[0]
    assert found.state == "passed", found.reason
    assert [cell.state for cell in found.cells] == ["passed", "passed"]

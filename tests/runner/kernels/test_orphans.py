"""Orphans are ended in bounded time, whoever else waits for them."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from rsp_health.runner.kernels import orphans

if TYPE_CHECKING:
    import pytest


def test_one_that_another_thread_waits_for_ends_no_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    process = subprocess.Popen(["sleep", "1000"])
    looks = [{process.pid}, {process.pid}, set[int]()]

    def children() -> set[int]:
        process.kill()
        process.wait()
        return looks.pop(0)

    monkeypatch.setattr(orphans, "_children", children)
    orphans._kill_all_but(set())
    assert looks == []


def test_one_that_cannot_die_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A process in an uninterruptible call outlives its SIGKILL."""
    monkeypatch.setattr(orphans, "kill", lambda *_: None)
    monkeypatch.setattr(orphans, "_KILL_S", 0.1)
    options: list[int] = []
    wait = os.waitpid

    def bounded(pid: int, flags: int) -> tuple[int, int]:
        options.append(flags)
        return wait(pid, flags | os.WNOHANG)

    monkeypatch.setattr(os, "waitpid", bounded)
    with subprocess.Popen(["sleep", "1000"]) as process:
        monkeypatch.setattr(orphans, "_children", lambda: {process.pid})
        orphans._kill_all_but(set())
        asked = set(options)
        assert process.poll() is None
        process.kill()
    assert asked == {os.WNOHANG}

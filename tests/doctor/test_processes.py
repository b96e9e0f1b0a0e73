"""Checks that hang, crash or answer nonsense harm nobody but themselves."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from rsp_health.doctor import checks, processes
from rsp_health.doctor.checks.base import Check
from rsp_health.doctor.evidence.patience import Scheduled, scheduled
from rsp_health.doctor.models import Evidence, Finding, ok
from rsp_health.doctor.processes import Limits, look

if TYPE_CHECKING:
    from collections.abc import Callable

    from rsp_health.doctor.context import Context

    from .conftest import Lab

# The test's own process may have threads of its own.
pytestmark = pytest.mark.filterwarnings(
    "ignore:This process .* is multi-threaded:DeprecationWarning"
)
PATIENT = Limits(check_s=60, total_s=60)
WELL = ok("Well.", Evidence(source="a test", value="well"))


def _fail() -> Finding:
    raise RuntimeError("with a secret in its text")


def _unsupported() -> Finding:
    return ok("Well, they say.")


def _end() -> Finding:
    os._exit(0)


def _die() -> Finding:
    os.kill(os.getpid(), signal.SIGKILL)
    return WELL


def _hang_in_a_thread() -> Finding:
    threading.Thread(target=time.sleep, args=(600,)).start()
    return WELL


def _hang() -> Finding:
    read, _ = os.pipe()
    os.read(read, 1)
    return WELL


def _talk() -> Finding:
    os.write(1, b"noise")
    os.write(2, b"noise")
    return WELL


def _flood() -> Finding:
    return ok("x" * 1_000_000, *WELL.evidence)


@pytest.fixture
def ward(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Callable[..., object]:
    """Look with checks that do what the test says."""

    def run(
        limits: Limits, **calls: Callable[[], Finding]
    ) -> dict[str, Finding]:
        kinds: dict[str, Check] = {}
        for name, call in calls.items():

            class Kind(Check):
                id = name
                title = name.title()
                does = staticmethod(call)

                def look(self, context: Context) -> Finding:
                    del context
                    return self.does()

            kinds[name] = Kind()
        monkeypatch.setattr(
            checks, "CHECKS", MappingProxyType(dict.fromkeys(kinds, ""))
        )
        monkeypatch.setattr(
            "rsp_health.doctor.one_check.load", kinds.__getitem__
        )
        return {f.check: f for f in look(list(kinds), lab.context(), limits)}

    return run


def test_what_goes_wrong_in_a_check_is_told_and_the_rest_goes_on(
    ward: Callable[..., dict[str, Finding]],
) -> None:
    found = ward(
        PATIENT,
        well=lambda: WELL,
        fails=_fail,
        unsupported=_unsupported,
        ends=_end,
        dies=_die,
        thread=_hang_in_a_thread,
        talks=_talk,
        floods=_flood,
    )

    assert {name: f.state for name, f in found.items()} == {
        "well": "ok",
        "fails": "cannot_tell",
        "unsupported": "cannot_tell",
        "ends": "cannot_tell",
        "dies": "cannot_tell",
        "thread": "ok",
        "talks": "ok",
        "floods": "cannot_tell",
    }
    assert found["fails"].sentence == "The check failed (RuntimeError)."
    assert "crashed" in found["dies"].sentence
    assert found["well"].title == "Well"


def test_a_check_that_hangs_is_stopped(
    ward: Callable[..., dict[str, Finding]], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whoever runs this test may be starved himself.
    monkeypatch.setattr(processes, "scheduled", lambda _: Scheduled(0.0, 0.0))

    found = ward(Limits(check_s=0.2, total_s=60), hangs=_hang)

    assert found["hangs"].state == "cannot_tell"
    assert "no answer in 0.2 s" in found["hangs"].sentence


def test_a_check_that_waits_for_a_processor_is_not_told_to_hang(
    ward: Callable[..., dict[str, Finding]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "scheduled", lambda _: Scheduled(0.0, 0.15))

    found = ward(Limits(check_s=0.2, total_s=60), hangs=_hang)

    assert found["hangs"].sentence == (
        "The check was stopped after 0.2 s: it had to wait for a processor "
        "most of that time. This lab, or the machine it runs on, is busy."
    )


def test_what_has_no_turn_in_time_says_so(
    ward: Callable[..., dict[str, Finding]],
) -> None:
    found = ward(
        Limits(check_s=60, total_s=0.2, at_once=1),
        first=_hang,
        second=lambda: WELL,
    )

    assert "stopped" in found["first"].sentence
    assert found["second"].state == "cannot_tell"
    assert found["second"].next_step.endswith("rsp-health doctor second")


def test_nothing_stays_behind(
    ward: Callable[..., dict[str, Finding]], tmp_path: Path
) -> None:
    def leave() -> Finding:
        child = os.fork()
        if child == 0:
            time.sleep(600)
        (tmp_path / "pid").write_text(str(child))
        return WELL

    before = len(list(Path("/proc/self/fd").iterdir()))
    ward(PATIENT, leaves=leave)

    pid = (tmp_path / "pid").read_text()
    while _is_running(pid):  # as long as it takes to be killed
        time.sleep(0.01)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def _is_running(pid: str) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text("ascii")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def test_a_fork_that_is_refused_is_told(
    ward: Callable[..., dict[str, Finding]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refuse)

    found = ward(PATIENT, well=lambda: WELL)

    assert found["well"].state == "cannot_tell"
    assert "could not be started" in found["well"].sentence


def test_what_checks_need_is_imported_once_and_a_failure_is_told_by_itself(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.variables["EXTERNAL_INSTANCE_URL"] = "https://rsp.example"
    imported: list[str] = []

    def note(name: str) -> None:
        imported.append(name)
        raise ImportError

    monkeypatch.setattr("rsp_health.doctor.processes.import_module", note)

    (found,) = look(["identity"], lab.context(), PATIENT)
    assert (found.check, imported) == ("identity", [])

    (found,) = look(["token"], lab.context(), PATIENT)
    assert found.check == "token"
    assert imported == ["rsp_health.platform.http.transport"]


def test_the_wait_for_a_processor_is_read(tmp_path: Path) -> None:
    (tmp_path / "8").mkdir()
    (tmp_path / "8" / "schedstat").write_text("1000 1500000000 12\n")

    assert scheduled(tmp_path / "8") == Scheduled(1e-6, 1.5)
    assert scheduled(tmp_path / "9") is None

"""Fifty checkouts at once: one wins, the others hear who it is."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from tests.faults.checkout.homes import PLACE, work_in
from tests.faults.checkout.oracle import (
    State,
    find_lost,
    is_fresh,
    read_tree,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rsp_health.checkout.service import CheckoutService

PROCESSES = 5
THREADS = 10

# One of several servers, each with a data folder of its own. The winner waits
# in the middle of its clone until it is told to go on.
CONTENDER = """
import json, os, sys, threading
from pathlib import Path
from rsp_health.checkout.service import CheckoutService
from rsp_health.errors import RSPHealthError
from rsp_health.platform.environment import LabEnvironment

root, upstream, data, threads = sys.argv[1:]
service = CheckoutService(
    repositories=[{"id": "system-test", "title": "T", "url": upstream}],
    root=Path(root), data_dir=Path(data),
    environment=LabEnvironment(variables={}), allowed_protocols=["file"],
)
go_on = threading.Event()
told = threading.Lock()

def tell(**what):
    with told:
        print(json.dumps({"pid": os.getpid(), **what}), flush=True)

def on_progress(operation):
    if operation.phase == "Receiving objects" and not go_on.is_set():
        tell(state="cloning")
        go_on.wait()

def attempt(fingerprint):
    try:
        done = service.checkout(
            "system-test", fingerprint=fingerprint, on_progress=on_progress
        )
        tell(state=done.state, backup=done.backup)
    except RSPHealthError as exc:
        tell(state="refused", code=exc.code, status=exc.status_code,
             message=exc.message)

fingerprint = service.inspect("system-test").fingerprint
tell(state="ready")
sys.stdin.readline()
pool = [threading.Thread(target=attempt, args=(fingerprint,))
        for _ in range(int(threads))]
for thread in pool:
    thread.start()
sys.stdin.readline()
go_on.set()
for thread in pool:
    thread.join()
"""


class Contenders:
    """Processes that all want the same checkout."""

    def __init__(
        self, home: Path, upstream: Path, data: Path, *, number: int, each: int
    ) -> None:
        self.processes = [
            subprocess.Popen(
                [
                    sys.executable,
                    "-c",
                    CONTENDER,
                    str(home),
                    str(upstream),
                    str(data / f"server{index}"),
                    str(each),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for index in range(number)
        ]
        self.lines: list[dict[str, object]] = []
        self._news = threading.Condition()
        self._readers = [
            threading.Thread(target=self._read, args=(process,))
            for process in self.processes
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            with self._news:
                self.lines.append(json.loads(line))
                self._news.notify_all()

    def wait_for(self, state: str, number: int) -> list[dict[str, object]]:
        with self._news:
            assert self._news.wait_for(
                lambda: len(self.in_state(state)) >= number, timeout=100
            ), self.lines
            return self.in_state(state)

    def in_state(self, state: str) -> list[dict[str, object]]:
        return [line for line in self.lines if line["state"] == state]

    def say(self) -> None:
        for process in self.processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()

    def end(self) -> None:
        for process in self.processes:
            process.kill()
        for reader in self._readers:
            reader.join()
        for process in self.processes:
            process.communicate()


@pytest.fixture
def contenders(
    home: Path, upstream: Path, tmp_path: Path
) -> Iterator[Contenders]:
    found = Contenders(
        home, upstream, tmp_path, number=PROCESSES, each=THREADS
    )
    yield found
    found.end()


@pytest.fixture
def two(home: Path, upstream: Path, tmp_path: Path) -> Iterator[Contenders]:
    found = Contenders(home, upstream, tmp_path, number=2, each=1)
    yield found
    found.end()


def test_one_of_fifty_wins(
    service: CheckoutService,
    home: Path,
    upstream: Path,
    request: pytest.FixtureRequest,
) -> None:
    service.checkout("system-test", fingerprint=None)
    work_in(home / PLACE)
    before = State.of(home)
    contenders: Contenders = request.getfixturevalue("contenders")
    contenders.wait_for("ready", PROCESSES)
    contenders.say()
    (winner,) = contenders.wait_for("cloning", 1)
    refused = contenders.wait_for("refused", PROCESSES * THREADS - 1)
    for line in refused:
        assert (line["code"], line["status"]) == ("locked", 409)
        message = str(line["message"])
        assert f"locked by process {winner['pid']} on " in message
        assert "(checkout) since " in message
    # The winner's git still writes its clone; all else is as it was.
    assert read_tree(home / PLACE) == before.target
    assert list((home / PLACE).parent.glob("*.backup-*")) == []
    contenders.say()
    (done,) = contenders.wait_for("done", 1)
    assert done["backup"]
    for process in contenders.processes:
        assert process.wait(60) == 0
    assert len(contenders.in_state("done")) == 1
    assert len(contenders.in_state("cloning")) == 1
    after = State.of(home)
    assert find_lost(before, after) == []
    assert len(after.backups) == 1
    assert is_fresh(home, upstream)


def test_a_killed_winner_is_replaced_at_once(
    service: CheckoutService, home: Path, upstream: Path, two: Contenders
) -> None:
    two.wait_for("ready", 2)
    two.say()
    (winner,) = two.wait_for("cloning", 1)
    two.wait_for("refused", 1)
    process = next(p for p in two.processes if p.pid == winner["pid"])
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert service.repository("system-test").locked_by is None
    done = service.checkout("system-test", fingerprint=None)
    assert done.state == "done"
    assert is_fresh(home, upstream)


def test_a_stopped_winner_keeps_its_lock(
    service: CheckoutService, home: Path, upstream: Path, two: Contenders
) -> None:
    two.wait_for("ready", 2)
    two.say()
    (winner,) = two.wait_for("cloning", 1)
    two.wait_for("refused", 1)
    process = next(p for p in two.processes if p.pid == winner["pid"])
    process.send_signal(signal.SIGSTOP)
    owner = service.repository("system-test").locked_by
    assert owner is not None
    assert owner.pid == winner["pid"]
    process.send_signal(signal.SIGCONT)
    two.say()
    two.wait_for("done", 1)
    assert is_fresh(home, upstream)

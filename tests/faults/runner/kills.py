"""SIGKILL of the supervisor at random moments."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from typing import TYPE_CHECKING, Any

from rsp_health.runner.record.history import History
from rsp_health.runner.record.writer import read_lines
from tests.faults.runner.cases import GENEROUS, notebook, survivors

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["judge", "kill_once", "main", "write_notebooks"]

_SETSID = (
    "import subprocess\n"
    "subprocess.Popen(['sleep', '1000'], start_new_session=True)"
)
#: Holds the GIL in C code for ever, so that no Python thread of the kernel
#: notices that its parent is gone.
_HELD = (
    "import ctypes\n"
    "libc = ctypes.PyDLL(None)\n"
    "mutex = ctypes.create_string_buffer(256)\n"
    "libc.pthread_mutex_lock(mutex)\n"
    "libc.pthread_mutex_lock(mutex)"
)


def write_notebooks(folder: Path) -> None:
    """Write notebooks that are busy when the supervisor is killed."""
    folder.mkdir(parents=True, exist_ok=True)
    quick = [f"x = {n}\nprint(x)" for n in range(40)]
    books = {
        "a-quick": quick,
        "b-setsid": [_SETSID, *quick],
        "c-prints": ["for n in range(20000): print(n, flush=True)"],
        "d-held": [_HELD],
    }
    for name, cells in books.items():
        (folder / f"{name}.ipynb").write_bytes(notebook(*cells))


def kill_once(
    folder: Path, data: Path, *, after_s: float, jobs: int = 4
) -> list[str]:
    """Start a run, kill its supervisor, and look; return what was wrong.

    Parameters
    ----------
    after_s
        Seconds between the run's first line and the kill.
    """
    mark = uuid.uuid4().hex
    environment = {**os.environ, "RSP_HEALTH_FAULTS": mark}
    before = set(History(data).ids())
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.faults.runner.drive",
            str(folder),
            str(data),
            str(jobs),
            "warm",
            *map(str, GENEROUS),
        ],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    run_id = _wait_for_run(data, before)
    time.sleep(after_s)
    process.send_signal(signal.SIGKILL)
    process.wait()
    killed = time.monotonic()
    wrong = judge(data, run_id)
    seconds = time.monotonic() - killed
    if seconds > 5:
        wrong.append(f"interrupted was told after {seconds:.1f} s")
    while left := survivors(f"RSP_HEALTH_FAULTS={mark}"):
        if time.monotonic() - killed > 10:
            wrong += [f"survives: {line}" for line in left]
            break
        time.sleep(0.05)
    return wrong


def _wait_for_run(data: Path, before: set[str]) -> str:
    deadline = time.monotonic() + 30
    history = History(data)
    while time.monotonic() < deadline:
        for run_id in set(history.ids()) - before:
            if read_lines(history.folder(run_id).record)[0]:
                return run_id
        time.sleep(0.005)
    raise TimeoutError(data)


def judge(data: Path, run_id: str) -> list[str]:
    """Look at the record of a run that was cut off; return what is wrong."""
    history = History(data)
    document = history.document(run_id)
    if document is None:
        return ["the record cannot be read"]
    if document.state != "interrupted":
        return [f"the run is said to be {document.state}"]
    raw = history.folder(run_id).record.read_bytes().splitlines()
    wrong = [
        f"line {number} cannot be read"
        for number, line in enumerate(raw, start=1)
        if not _is_json(line) and number < len(raw)
    ]
    for notebook_ in document.notebooks:
        states = [cell.state for cell in notebook_.cells]
        if set(states) & {"queued", "running"}:
            wrong.append(f"{notebook_.path}: {states}")
        untimed = [
            cell
            for cell in notebook_.cells
            if cell.started_at is not None and cell.duration_s is None
        ]
        if len(untimed) > 1:
            wrong.append(f"{notebook_.path}: {len(untimed)} cells untimed")
    return wrong


def _is_json(line: bytes) -> bool:
    try:
        found: Any = json.loads(line)
    except ValueError:
        return False
    return isinstance(found, dict)


def main(scratch: Path, rounds: int) -> int:
    """Kill supervisors; return how many times something was wrong."""
    folder = scratch / "busy"
    write_notebooks(folder)
    chance = random.Random(6)  # noqa: S311 - moments, not secrets
    failures = 0
    for number in range(1, rounds + 1):
        after = chance.uniform(0.0, 2.5)
        wrong = kill_once(folder, scratch / "killed", after_s=after)
        failures += bool(wrong)
        for line in wrong:
            print(f"    kill {number} after {after:.2f} s: {line}")
    print(f"  {rounds} supervisors killed, {failures} wrong", flush=True)
    return failures

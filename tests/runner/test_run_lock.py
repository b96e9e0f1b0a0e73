"""Servers that share a home and start the same notebook at the same moment."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from rsp_health.errors import ConflictError, EnvironmentFailureError
from rsp_health.files.locks import FileLock
from rsp_health.platform.environment import LabEnvironment
from rsp_health.runner.planning.call import RunCall
from rsp_health.runner.run_lock import AlreadyRunningError, starting_alone
from rsp_health.runner.service import RunnerService
from tests.faults.runner.cases import notebook

if TYPE_CHECKING:
    from pathlib import Path

SERVERS = 5

#: Starts a run when told to, and says what came of it.
SERVER = """
import sys
from pathlib import Path
from rsp_health.platform.environment import LabEnvironment
from rsp_health.runner.planning.call import RunCall
from rsp_health.runner.run_lock import AlreadyRunningError
from rsp_health.runner.service import RunnerService

folder, data, asked = map(Path, sys.argv[1:])
service = RunnerService(
    root=folder, data_dir=data, environment=LabEnvironment.from_process()
)
print("ready", flush=True)
sys.stdin.readline()
try:
    print("won", service.start(RunCall(paths=(asked,), folder=folder)), flush=True)
except AlreadyRunningError as exc:
    print("lost", exc.run_id, flush=True)
# A run ends with the server that started it.
sys.stdin.readline()
"""


def test_one_of_many_servers_starts_it(tmp_path: Path) -> None:
    folder, data = tmp_path / "notebooks", tmp_path / "data"
    folder.mkdir()
    path = folder / "slow.ipynb"
    path.write_bytes(notebook("import time; time.sleep(600)"))
    servers = [
        subprocess.Popen(
            # Every other one asks for the whole folder.
            [sys.executable, "-c", SERVER, folder, data, asked],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for asked in ([path, folder] * SERVERS)[:SERVERS]
    ]
    for server in servers:
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
    for server in servers:
        assert server.stdin is not None
        server.stdin.write("go\n")
        server.stdin.flush()
    answers = []
    for server in servers:
        assert server.stdout is not None
        answers.append(server.stdout.readline().split())
    service = RunnerService(
        root=folder,
        data_dir=data,
        environment=LabEnvironment.from_process(),
    )
    (run_id,) = service.active()
    try:
        assert sorted(word for word, _ in answers) == [
            *["lost"] * (SERVERS - 1),
            "won",
        ]
        assert {found for _, found in answers} == {run_id}
        with pytest.raises(AlreadyRunningError):
            service.start(RunCall(paths=(path,), folder=folder))
    finally:
        assert service.stop(run_id, wait_s=30).state == "stopped"
        for server in servers:
            server.communicate("end\n")


def test_an_endless_start_is_told(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "runs" / ".starting", action="starting a run")
    with (
        lock,
        pytest.raises(ConflictError, match="The list of runs is locked by"),
        starting_alone(tmp_path, patience_s=0),
    ):
        pass
    with starting_alone(tmp_path, patience_s=0):
        assert FileLock.holder(lock.path) is not None
    assert FileLock.holder(lock.path) is None


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file, not a folder")
    with (
        pytest.raises(EnvironmentFailureError, match="Cannot start a run"),
        starting_alone(tmp_path, patience_s=0),
    ):
        pass

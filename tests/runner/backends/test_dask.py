"""Notebooks on a real Dask cluster: a scheduler and its worker processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from rsp_health.runner.record.history import History
from rsp_health.runner.record.writer import read_lines
from tests.faults.runner.cases import notebook, survivors

pytestmark = pytest.mark.slow

type Command = Callable[..., subprocess.CompletedProcess[str]]

#: A scheduler and workers, each a process; prints the address, and lives as
#: long as its input.
CLUSTER = """
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(
        n_workers=int(sys.argv[1]), threads_per_worker=1,
        dashboard_address=None, host="127.0.0.1",
    ) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""

SLOW = "print('begun', flush=True)\nimport time\ntime.sleep(1000)"


@dataclass
class Cluster:
    """A cluster, and the mark that its processes carry."""

    address: str
    mark: str


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster")
    script = folder / "cluster.py"
    script.write_text(CLUSTER)
    mark = os.urandom(8).hex()
    process = subprocess.Popen(
        [sys.executable, script, "2"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=(folder / "log").open("wb"),
        env={**os.environ, "HOME": str(folder), "RSP_HEALTH_FAULTS": mark},
        cwd=folder,
        text=True,
    )
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    assert address, (folder / "log").read_text()
    yield Cluster(address, f"RSP_HEALTH_FAULTS={mark}")
    process.communicate()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "notebooks"
    (path / "sub").mkdir(parents=True)
    (path / "good.ipynb").write_bytes(
        notebook("import os; print(os.getcwd())", "1 + 1")
    )
    (path / "sub" / "bad.ipynb").write_bytes(notebook("1", "1 / 0", "2"))
    (path / "dies.ipynb").write_bytes(
        notebook("import os; os.write(2, b'last words\\n'); os._exit(3)")
    )
    return path


def kernels(cluster: Cluster) -> list[str]:
    """Return the runs on the workers, and all that they started."""
    found = survivors(cluster.mark)
    # Not "kernel": a clone may lie in a folder of that name.
    words = ("rsp_health", "ipykernel")
    return [line for line in found if any(word in line for word in words)]


def wait_until_gone(cluster: Cluster) -> None:
    deadline = time.monotonic() + 60
    while left := kernels(cluster):
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


def test_notebooks_are_run_by_the_workers(
    cluster: Cluster, folder: Path, data: Path, command: Command
) -> None:
    before = {p: p.read_bytes() for p in folder.rglob("*.ipynb")}
    words = ("--backend", "dask", "--scheduler", cluster.address)
    done = command("run", folder, *words, "--jobs", "2", "--json")
    assert done.returncode == 1, done.stderr
    document = json.loads(done.stdout)
    assert document["backend"] == "dask"
    found = {n["path"]: n for n in document["notebooks"]}
    assert {path: n["state"] for path, n in found.items()} == {
        "dies.ipynb": "died",
        "good.ipynb": "passed",
        "sub/bad.ipynb": "failed",
    }
    bad = found["sub/bad.ipynb"]
    assert [c["state"] for c in bad["cells"]] == [
        "passed",
        "failed",
        "not_run",
    ]
    assert bad["cells"][1]["error"]["ename"] == "ZeroDivisionError"
    assert "ZeroDivisionError" in bad["reason"]
    assert "exited with code 3" in found["dies.ipynb"]["reason"]
    assert any(n.startswith("Run by tcp://") for n in bad["notes"])
    good = found["good.ipynb"]
    assert all(c["duration_s"] is not None for c in good["cells"])
    assert document["problems"] == []
    copy = json.loads((data.parent / good["executed_path"]).read_text())
    assert "".join(copy["cells"][0]["outputs"][0]["text"]) == f"{folder}\n"
    assert {p: p.read_bytes() for p in folder.rglob("*.ipynb")} == before
    (log,) = data.glob("runs/*/kernels.log")
    assert "== dies.ipynb\nlast words" in log.read_text()
    assert not Path("/dev/kernels.log").exists()
    wait_until_gone(cluster)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_what_is_stopped_ends_on_the_workers(
    cluster: Cluster,
    folder: Path,
    data: Path,
    tmp_path: Path,
    number: signal.Signals,
) -> None:
    path = tmp_path / "slow.ipynb"
    path.write_bytes(notebook("1", SLOW, "2"))
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "rsp_health.cli.main",
            "run",
            path,
            "--data-dir",
            data,
            "--backend=dask",
        ],
        env={**os.environ, "DASK_SCHEDULER_ADDRESS": cluster.address},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    # Lines come while it runs.
    history = History(data)
    wait_for_line(history, "cell_output")
    assert kernels(cluster)
    process.send_signal(number)
    code = process.wait(60)
    wait_until_gone(cluster)
    (run_id,) = history.ids()
    document = history.document(run_id)
    assert document is not None
    (found,) = document.notebooks
    expected = "stopped" if number == signal.SIGINT else "interrupted"
    assert (document.state, found.state) == (expected, expected)
    assert [cell.state for cell in found.cells] == [
        "passed",
        "stopped",
        "not_run",
    ]
    assert code == (130 if number == signal.SIGINT else -9)


def wait_for_line(history: History, kind: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for run_id in history.ids():
            lines, _ = read_lines(history.folder(run_id).record)
            if any(line.kind == kind for line in lines):
                return
        time.sleep(0.05)
    raise TimeoutError(kind)


#: Ends the Dask worker that runs it, so often as a file says.
KILLER = """
import os, pathlib, signal
left = pathlib.Path("left")
number = int(left.read_text())
if number:
    left.write_text(str(number - 1))
    pid = os.getpid()
    while True:
        status = pathlib.Path(f"/proc/{pid}/stat").read_text()
        words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
        pid = int(status.rpartition(")")[2].split()[1])
        if b"dask_runner" in words:
            break
    os.kill(pid, signal.SIGKILL)
    signal.pause()
"""


def test_what_a_lost_worker_had_is_run_elsewhere_once(
    cluster: Cluster, folder: Path, command: Command
) -> None:
    for path in folder.rglob("*.ipynb"):
        path.unlink()
    for name, losses in (("once", 1), ("always", 9)):
        (folder / name).mkdir()
        (folder / name / "left").write_text(str(losses))
        (folder / name / "n.ipynb").write_bytes(notebook("1", KILLER, "2"))

    done = command(
        "run", folder, "--backend=dask", "--json", "--scheduler",
        cluster.address,
    )  # fmt: skip

    assert done.returncode == 3, done.stderr
    document = json.loads(done.stdout)
    always, once = document["notebooks"]
    assert (once["state"], once["attempts"]) == ("passed", 2), once
    assert [cell["state"] for cell in once["cells"]] == ["passed"] * 3
    (note,) = [n for n in once["notes"] if "was lost" in n]
    assert note.startswith("The Dask worker tcp://")
    # What takes down two workers takes down no third one.
    assert (folder / "always" / "left").read_text() == "7"
    assert (always["state"], always["attempts"]) == ("error", 2)
    assert "were lost, one after the other" in always["reason"]
    wait_until_gone(cluster)


def test_all_notebooks_of_a_worker_share_its_warm_parent(
    cluster: Cluster, folder: Path, data: Path, command: Command
) -> None:
    for path in folder.rglob("*.ipynb"):
        path.unlink()
    above = "import os; print(open(f'/proc/{os.getppid()}/stat').read())"
    for number in range(6):
        (folder / f"{number}.ipynb").write_bytes(notebook(above))

    done = command(
        "run", folder, "--backend=dask", "--json", "--scheduler",
        cluster.address,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    parents = set()
    for found in json.loads(done.stdout)["notebooks"]:
        copy = json.loads((data.parent / found["executed_path"]).read_text())
        text = "".join(copy["cells"][0]["outputs"][0]["text"])
        parents.add(text.rpartition(")")[2].split()[1])
    assert len(parents) <= 2
    wait_until_gone(cluster)


#: A task whose notebook is on the client's machine only.
ELSEWHERE = """
import sys
from distributed import Client
from rsp_health.runner.backends.dask_worker import NotebookTask, run_on_worker
with Client(sys.argv[1]) as client:
    task = NotebookTask(path="/nowhere/n.ipynb", run="r", topic="t")
    print(client.submit(run_on_worker, task).result()["problem"])
"""


def test_a_file_that_workers_do_not_see(cluster: Cluster) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, cluster.address],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "does not see /nowhere/n.ipynb" in done.stdout


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ((), 2, "needs the address of a scheduler"),
        (("--scheduler", "tcp://127.0.0.1:9"), 3, "No Dask scheduler answers"),
        (("--scheduler", "nonsense://x"), 2, "not the address of a Dask"),
        (("--scheduler", "tcp://["), 2, "not the address of a Dask"),
        (("--scratch",), 2, "--scratch is for the local backend"),
    ],
)
def test_no_cluster(
    folder: Path,
    command: Command,
    words: tuple[str, ...],
    code: int,
    message: str,
) -> None:
    done = command("run", folder, "--backend", "dask", *words)
    assert done.returncode == code, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr

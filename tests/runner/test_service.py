"""The service and the commands, on real runs."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock
from xml.etree import ElementTree as ET

import pytest

from rsp_health.errors import (
    BadInputError,
    ConflictError,
    EnvironmentFailureError,
    NotFoundError,
)
from rsp_health.platform.environment import LabEnvironment
from rsp_health.runner.models import RunDocument
from rsp_health.runner.options import Limits
from rsp_health.runner.planning.call import RunCall
from rsp_health.runner.record.run_document import supervisor_of
from rsp_health.runner.record.writer import each_line
from rsp_health.runner.record_lines import RunStarted
from rsp_health.runner.service import RunnerService
from tests.faults.runner.cases import notebook, survivors

if TYPE_CHECKING:
    from pathlib import Path

    from rsp_health.runner.record_lines import RecordLine

SLOW = "import time\nprint('begun', flush=True)\ntime.sleep(1000)"
FAILS = "raise ValueError('<&\x08\"]]> \U0001f600')"

type Command = Callable[..., subprocess.CompletedProcess[str]]
type Run = Callable[..., RunDocument]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "notebooks"
    path.mkdir()
    (path / "good.ipynb").write_bytes(notebook("x = 1", "x"))
    (path / "bad.ipynb").write_bytes(notebook("1", FAILS, "2"))
    return path


@pytest.fixture
def mark() -> str:
    return os.urandom(8).hex()


@pytest.fixture
def service(tmp_path: Path, data: Path, mark: str) -> Iterator[RunnerService]:
    service = RunnerService(
        root=tmp_path,
        data_dir=data,
        environment=LabEnvironment(
            variables={**os.environ, "MARK": mark, "HOME": str(tmp_path)}
        ),
    )
    yield service
    for run_id in service.active():
        service.stop(run_id, wait_s=20)


def finish(service: RunnerService, run_id: str) -> RunDocument:
    """Wait for a run's end."""
    ended = threading.Event()
    for _ in range(600):
        document = service.get(run_id)
        if document.finished_at is not None:
            return document
        ended.wait(0.1)
    raise TimeoutError(run_id)


def wait_for(service: RunnerService, run_id: str, kind: str) -> None:
    """Wait for a line of the record."""
    pause = threading.Event()
    for _ in range(600):
        lines, _ = service.follow(run_id, 0)
        if any(line.kind == kind for line in lines):
            return
        pause.wait(0.05)
    raise TimeoutError(kind)


def test_a_run_in_a_process_of_its_own(
    service: RunnerService, folder: Path, tmp_path: Path
) -> None:
    run_id = service.start(RunCall(paths=(folder,), folder=folder))
    document = finish(service, run_id)
    states = {n.path: n.state for n in document.notebooks}
    assert states == {"bad.ipynb": "failed", "good.ipynb": "passed"}
    assert document.state == "failed"
    for entry in document.notebooks:
        assert entry.executed_path is not None
        assert (tmp_path / entry.executed_path).is_file()
    assert [run.run_id for run in service.list().runs] == [run_id]
    lines, offset = service.follow(run_id, 0)
    assert lines[0].kind == "run_started"
    assert lines[-1].kind == "run_finished"
    assert service.follow(run_id, offset) == ([], offset)


def test_changed_means_that_it_says_something_else(
    service: RunnerService, folder: Path
) -> None:
    document = finish(
        service, service.start(RunCall(paths=(folder,), folder=folder))
    )
    then = {one.path: one.content_sha256 for one in document.notebooks}

    def now() -> dict[str, str | None]:
        found = service.notebooks(folder, repository="x", applications=None)
        return {one.path: one.content_sha256 for one in found.notebooks}

    assert None not in then.values()
    assert now() == then
    # Its time is another one, and JupyterLab has opened and saved it.
    content = json.loads((folder / "good.ipynb").read_bytes())
    content["metadata"]["language_info"] = {"name": "python"}
    (folder / "good.ipynb").write_text(json.dumps(content, indent=1))
    os.utime(folder / "bad.ipynb", (1, 1))
    assert now() == then
    (folder / "good.ipynb").write_bytes(notebook("x = 2", "x"))
    changed = {path for path, digest in now().items() if digest != then[path]}
    assert changed == {"good.ipynb"}
    (folder / "bad.ipynb").write_text("no notebook")
    assert now()["bad.ipynb"] is None


def test_sources_are_never_modified(
    service: RunnerService, folder: Path
) -> None:
    before = {path: path.read_bytes() for path in folder.iterdir()}
    finish(service, service.start(RunCall(paths=(folder,), folder=folder)))
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_stop_by_the_user(
    service: RunnerService,
    tmp_path: Path,
    mark: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "slow.ipynb"
    path.write_bytes(notebook("1", SLOW, "2"))
    run_id = service.start(RunCall(paths=(path,), folder=tmp_path))
    wait_for(service, run_id, "cell_finished")
    reads = Mock(wraps=each_line)
    module = "rsp_health.runner.record.run_document"
    monkeypatch.setattr(f"{module}.each_line", reads)
    assert service.active() == [run_id]
    assert service.is_under_way(run_id)
    assert reads.call_count == 0
    document = service.stop(run_id, wait_s=20)
    assert reads.call_count < 5  # and not ten times a second
    assert document.state == "stopped"
    states = [cell.state for cell in document.notebooks[0].cells]
    assert states[0] == "passed"
    assert states[1:] in (["stopped", "not_run"], ["not_run", "not_run"])
    assert service.stop(run_id).state == "stopped"
    assert service.active() == []


def test_a_stop_needs_no_space_on_the_disk(
    service: RunnerService, tmp_path: Path, data: Path
) -> None:
    path = tmp_path / "slow.ipynb"
    path.write_bytes(notebook(SLOW))
    run_id = service.start(RunCall(paths=(path,), folder=tmp_path))
    wait_for(service, run_id, "cell_output")
    # No word can be left for the run.
    (data / "runs" / run_id / "stop").symlink_to(tmp_path / "no" / "where")
    assert service.stop(run_id, wait_s=20).state == "stopped"


def test_a_late_start_is_no_start(
    service: RunnerService,
    folder: Path,
    mark: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rsp_health.runner.spawn._START_S", 0.01)
    said = "had not started after 0.01 s, and was ended"
    with pytest.raises(EnvironmentFailureError, match=said):
        service.start(RunCall(paths=(folder,), folder=folder))
    pause = threading.Event()
    while survivors(mark):
        pause.wait(0.05)
    assert service.list().runs == []


def test_modules_of_the_user_are_not_the_run_s(
    service: RunnerService,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The lab is started in the user's folder; a notebook may use them."""
    (folder / "click.py").write_text("raise SystemExit('the user's own')")
    (folder / "good.ipynb").write_bytes(notebook("import mine"))
    (folder / "mine.py").touch()
    monkeypatch.chdir(folder)
    run_id = service.start(
        RunCall(paths=(folder / "good.ipynb",), folder=folder)
    )
    assert finish(service, run_id).state == "passed"


def test_the_end_of_the_lab_is_no_stop_by_the_user(
    service: RunnerService, tmp_path: Path
) -> None:
    path = tmp_path / "slow.ipynb"
    path.write_bytes(notebook(SLOW))
    run_id = service.start(RunCall(paths=(path,), folder=tmp_path))
    wait_for(service, run_id, "cell_started")
    supervisor = supervisor_of(service.follow(run_id, 0)[0][0])
    assert supervisor is not None
    os.kill(supervisor.pid, signal.SIGTERM)
    document = finish(service, run_id)
    assert document.state == "interrupted"
    assert document.notebooks[0].state == "interrupted"


def test_a_notebook_is_run_once_at_a_time(
    service: RunnerService, tmp_path: Path
) -> None:
    path = tmp_path / "slow.ipynb"
    path.write_bytes(notebook(SLOW))
    run_id = service.start(RunCall(paths=(path,), folder=tmp_path))
    assert service.active() == [run_id]
    with pytest.raises(ConflictError, match="being run already"):
        service.start(RunCall(paths=(tmp_path,), folder=tmp_path))


def test_a_wrong_path_is_told_with_its_reason(
    service: RunnerService, tmp_path: Path
) -> None:
    with pytest.raises(BadInputError, match="does not exist"):
        service.start(RunCall(paths=(tmp_path / "none",), folder=tmp_path))
    assert service.list().runs == []


@pytest.mark.parametrize("run_id", ["", "../x", "20261120T213341Z-3f9c", "x"])
def test_no_such_run(service: RunnerService, run_id: str) -> None:
    for call in (service.get, service.stop):
        with pytest.raises(NotFoundError):
            call(run_id)
    assert service.follow(run_id, 0) == ([], 0)


def test_notebooks_of_a_checkout(service: RunnerService, folder: Path) -> None:
    (folder / "mobu.yaml").write_text("exclude_dirs: [x]\nnew_key: 1\n")
    (folder / "x").mkdir()
    (folder / "x" / "n.ipynb").write_bytes(notebook("1"))
    found = service.notebooks(folder, repository="r", applications=frozenset())
    assert found.directory == "notebooks"
    assert [(n.path, n.selected) for n in found.notebooks] == [
        ("bad.ipynb", True),
        ("good.ipynb", True),
        ("x/n.ipynb", False),
    ]
    assert len(found.problems) == 1


def test_command_prints_the_document_and_nothing_else(
    command: Command, folder: Path
) -> None:
    done = command("run", folder, "--json")
    document = json.loads(done.stdout)
    assert done.returncode == 1
    assert document["schema"] == "rsp-health.run/1"
    assert document["totals"] == {
        "passed": 1,
        "failed": 1,
        "skipped": 0,
        "other": 0,
    }
    again = command("runs", "show", document["run_id"], "--json")
    assert json.loads(again.stdout) == document
    shown = command("runs", "show", document["run_id"]).stdout
    assert "ValueError: <&" in shown.rpartition("----> 1 raise")[2]
    assert "Executed copy: " in shown
    listed = json.loads(command("runs", "--json").stdout)
    assert [run["run_id"] for run in listed["runs"]] == [document["run_id"]]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["good.ipynb"], 0, "passed"),
        (["bad.ipynb"], 1, "ValueError"),
        (["none.ipynb"], 2, "does not exist"),
        (["empty"], 1, "Nothing was run"),
        (["good.ipynb", "--kernel", "no-such"], 3, "no kernel named no-such"),
        (["good.ipynb", "--jobs", "0"], 2, "0 is not in the range"),
        (["good.ipynb", "--changed-since", "HEAD"], 2, "no git repository"),
    ],
)
def test_exit_codes(
    command: Command, folder: Path, words: list[str], code: int, message: str
) -> None:
    (folder / "empty").mkdir()
    head, *rest = words
    done = command("run", folder / head, *rest)
    assert done.returncode == code, done.stderr
    assert message in done.stderr


@pytest.mark.parametrize("limit", ["nan", "inf", "0"])
def test_a_limit_is_a_number_of_seconds(
    command: Command, folder: Path, limit: str
) -> None:
    done = command("run", folder, "--cell-timeout", limit)
    assert done.returncode == 2
    assert "--cell-timeout" in done.stderr


def test_a_limit_may_be_longer_than_any_poll(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "n.ipynb"
    path.write_bytes(notebook("1"))
    for seconds in (1e12, float("inf")):
        limits = Limits(cell_timeout_s=seconds, notebook_timeout_s=seconds)
        assert run(path, limits=limits).state == "passed"


def test_interrupt_is_a_stop(folder: Path, data: Path) -> None:
    (folder / "slow.ipynb").write_bytes(notebook(SLOW))
    with subprocess.Popen(
        [
            sys.executable,
            "-m",
            "rsp_health.cli.main",
            "run",
            str(folder / "slow.ipynb"),
            "--json",
            "--data-dir",
            str(data),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        service = RunnerService(
            root=data, data_dir=data, environment=LabEnvironment()
        )
        pause = threading.Event()
        while not service.active():
            pause.wait(0.05)
        (run_id,) = service.active()
        wait_for(service, run_id, "cell_started")
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert json.loads(output)["state"] == "stopped"


def test_junit_report(command: Command, folder: Path, tmp_path: Path) -> None:
    (folder / "broken.ipynb").write_text("[]")
    report = tmp_path / "out" / "junit.xml"
    command("run", folder, "--junit", report)
    root = ET.parse(report).getroot()  # noqa: S314 - our own
    assert root.attrib["tests"] == "6"
    assert root.attrib["failures"] == "1"
    assert root.attrib["errors"] == "1"
    # The schema that Jenkins publishes has it on each suite only.
    assert sum(int(s.attrib["skipped"]) for s in root.iter("testsuite")) == 1
    failure = root.find(".//failure")
    assert failure is not None
    assert failure.attrib["type"] == "ValueError"
    assert "\U0001f600" in failure.attrib["message"]
    suites = [suite.attrib["name"] for suite in root]
    assert suites == ["bad.ipynb", "broken.ipynb", "good.ipynb"]


def test_html_report_stands_alone(
    command: Command, folder: Path, tmp_path: Path
) -> None:
    report = tmp_path / "run.html"
    command("run", folder, "--html", report)
    text = report.read_text()
    assert "&lt;&amp;" in text
    for outside in ("http://", "https://", "<script", "src=", "url("):
        assert outside not in text


def test_github_is_told(folder: Path, tmp_path: Path, data: Path) -> None:
    summary = tmp_path / "summary.md"
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "rsp_health.cli.main",
            "run",
            str(folder),
            "--data-dir",
            str(data),
        ],
        env={
            **os.environ,
            "GITHUB_ACTIONS": "true",
            "GITHUB_STEP_SUMMARY": str(summary),
            "GITHUB_WORKSPACE": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    # Relative to the checkout, not to the folder that was run.
    place = folder.relative_to(tmp_path) / "bad.ipynb"
    assert done.stdout.startswith(f"::error file={place},title=failed::Cell")
    assert "| good.ipynb | passed |" in summary.read_text()


def test_changed_since(command: Command, folder: Path, tmp_path: Path) -> None:
    def git(*words: str) -> None:
        subprocess.run(
            [
                "git",
                "-c",
                "user.name=x",
                "-c",
                "user.email=x@example.com",
                *words,
            ],
            cwd=folder,
            check=True,
            capture_output=True,
        )

    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-q", "-m", "one")
    (folder / "good.ipynb").write_bytes(notebook("2"))
    (folder / "new.ipynb").write_bytes(notebook("3"))
    done = command("run", folder, "--changed-since", "main", "--json")
    notebooks = json.loads(done.stdout)["notebooks"]
    assert {n["path"]: n["state"] for n in notebooks} == {
        "bad.ipynb": "skipped",
        "good.ipynb": "passed",
        "new.ipynb": "passed",
    }
    bad = command("run", folder, "--changed-since", "--output=x")
    assert bad.returncode == 2
    assert "no revision" in bad.stderr


def test_retries_tell_a_flaky_notebook(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "flaky.ipynb"
    code = (
        "from pathlib import Path\n"
        "again = Path('again').exists()\n"
        "Path('again').touch()\n"
        "assert again"
    )
    path.write_bytes(notebook(code))
    found = run(path, retries=2).notebooks[0]
    assert (found.state, found.attempts) == ("passed", 2)
    assert found.reason == "Passed on attempt 2: flaky."


def test_mobu_mode_ignores_tags(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "n.ipynb"
    path.write_bytes(
        notebook(("1", ["skip-execution"]), ("1/0", ["raises-exception"]), "2")
    )
    cells = [c.state for c in run(path).notebooks[0].cells]
    assert cells == ["skipped", "passed", "passed"]
    cells = [c.state for c in run(path, mode="mobu").notebooks[0].cells]
    assert cells == ["passed", "failed", "not_run"]


def test_allow_errors_is_honoured(
    tmp_path: Path,
    run: Run,
    executed: Callable[[RunDocument, str], dict[str, Any]],
) -> None:
    path = tmp_path / "n.ipynb"
    content: dict[str, Any] = json.loads(notebook("1/0", "2"))
    old = {"iopub.status.busy": "2020-01-01T00:00:00Z"}
    for place in (content, content["cells"][0]):
        place["metadata"]["execution"] = {"allow_errors": True, **old}
        path.write_text(json.dumps(content))
        document = run(path)
        found = document.notebooks[0]
        assert [cell.state for cell in found.cells] == ["passed", "passed"]
        assert found.cells[0].error is not None
        del place["metadata"]["execution"]
    # In the copy, for whoever runs that; with the times of this run.
    noted = executed(document, "n.ipynb")["cells"][0]["metadata"]["execution"]
    assert noted.pop("allow_errors") is True
    assert not old.items() <= noted.items()
    assert "iopub.status.busy" in noted


def test_scratch_keeps_the_folder_clean(
    command: Command, folder: Path, data: Path
) -> None:
    code = "open('made', 'w').write('x'); open('good.ipynb').read()[:1]"
    (folder / "writes.ipynb").write_bytes(notebook(code))
    done = command("run", folder / "writes.ipynb", "--scratch", "--json")
    document = json.loads(done.stdout)
    assert document["state"] == "passed"
    assert not (folder / "made").exists()
    assert not (data / "runs" / document["run_id"] / "scratch").exists()


def test_a_run_that_did_not_begin_leaves_nothing(
    command: Command, folder: Path, data: Path
) -> None:
    (folder / "pipe").mkdir()
    os.mkfifo(folder / "pipe" / "p")
    done = command("run", folder / "good.ipynb", "--scratch")
    assert done.returncode == 3, done.stderr
    assert "could not be copied" in done.stderr
    kept = [path.name for path in (data / "runs").rglob("*")]
    assert kept == [".active"]


def test_history_tells_what_to_expect(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "n.ipynb"
    path.write_bytes(notebook("1"))
    first = run(path).notebooks[0]
    assert first.expected_s is None
    assert run(path).notebooks[0].expected_s == first.duration_s


def test_much_memory_is_worth_a_word(tmp_path: Path, data: Path) -> None:
    path = tmp_path / "n.ipynb"
    path.write_bytes(notebook("1", "x = b'x' * 200_000_000", "del x"))
    lab = {"MEM_LIMIT": str(256 * 1024 * 1024), "HOME": str(tmp_path)}

    def once() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [
                sys.executable,
                "-m",
                "rsp_health.cli.main",
                "run",
                str(path),
                "--json",
                "--data-dir",
                str(data),
            ],
            env={**os.environ, **lab},
            capture_output=True,
            text=True,
            check=True,
        )

    found = json.loads(once().stdout)["notebooks"][0]
    peaks = [cell["peak_memory_bytes"] for cell in found["cells"]]
    assert peaks[1] > 200_000_000
    assert peaks[0] < 150_000_000
    # The kernel itself needs a little beside the cell's 0.19 GiB.
    assert re.match(
        r"Cell 2 needed 0\.[23] of the lab's 0\.2", found["notes"][0]
    )
    assert "last time" in once().stderr


def test_full_disk_is_told(tmp_path: Path, run: Run, data: Path) -> None:
    path = tmp_path / "n.ipynb"
    path.write_bytes(notebook("1"))

    def fill(line: RecordLine) -> None:
        """Put a file where the folder of executed copies should be."""
        if isinstance(line, RunStarted):
            (data / "runs" / line.run_id / "executed").touch()

    document = run(path, listener=fill)
    found = document.notebooks[0]
    assert found.state == "error"
    assert found.reason is not None
    assert "All cells passed. The executed copy was not saved" in found.reason
    assert found.cells[0].state == "passed"


def test_no_process_outlives_the_run(
    service: RunnerService, tmp_path: Path, mark: str
) -> None:
    code = (
        "import subprocess\n"
        "subprocess.Popen(['sleep', '1000'], start_new_session=True)"
    )
    (tmp_path / "n.ipynb").write_bytes(notebook(code))
    run_id = service.start(
        RunCall(paths=(tmp_path / "n.ipynb",), folder=tmp_path)
    )
    assert finish(service, run_id).state == "passed"
    pause = threading.Event()
    for _ in range(100):
        left = survivors(f"MARK={mark}")
        if not left:
            break
        pause.wait(0.1)
    assert left == []

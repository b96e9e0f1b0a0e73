"""`rsp-health sandbox` and `rsp-health demo`, as processes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx
import psutil
import pytest
from click.testing import CliRunner

from rsp_health.cli.commands import sandbox as sandbox_command
from rsp_health.errors import BadInputError, EnvironmentFailureError
from rsp_health.sandbox.app import SandboxServer
from rsp_health.sandbox.demo import DemoLab
from rsp_health.sandbox.scenarios import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Program:
    """A command of ours that runs until a signal ends it."""

    def __init__(self, temporary: Path, *arguments: str) -> None:
        self.temporary = temporary
        environment = {
            "HOME": str(temporary),
            "PATH": os.environ["PATH"],
            "TMPDIR": str(temporary),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "rsp_health.cli.main", *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def document(self) -> dict[str, Any]:
        """Return the JSON document on its first line."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.communicate()[1]
        document: dict[str, Any] = json.loads(line)
        return document

    def end(self, number: signal.Signals) -> tuple[int, str, str]:
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err

    def left(self) -> list[str]:
        """Return what still runs or lies about in its temporary folder."""
        found = [str(p) for p in self.temporary.iterdir()]
        for process in psutil.process_iter():
            try:
                environment = process.environ()
            except (psutil.Error, OSError):
                continue
            if environment.get("TMPDIR") == str(self.temporary):
                found.append(" ".join(process.cmdline()))
        return found


@pytest.fixture
def programs() -> Iterator[list[Program]]:
    started: list[Program] = []
    yield started
    for program in started:
        if program.process.poll() is None:
            program.process.kill()
            program.process.communicate()


def _loopback_only(pid: int) -> bool:
    root = psutil.Process(pid)
    peers = {
        connection.raddr[0]
        for process in (root, *root.children(recursive=True))
        for connection in process.net_connections(kind="inet")
        if connection.status != psutil.CONN_LISTEN
    }
    return peers <= {"127.0.0.1"}


@pytest.mark.slow
def test_demo_from_start_to_end(
    programs: list[Program], tmp_path: Path
) -> None:
    program = Program(
        tmp_path, "demo", "--json", "--no-browser", "--scenario", "tap-down"
    )
    programs.append(program)
    document = program.document()
    url = httpx.URL(document["url"])
    token = url.params["token"]
    headers = {"Authorization": f"token {token}"}
    with httpx.Client(base_url=url.copy_with(raw_path=b"/")) as client:
        assert client.get("/api/status").status_code == 403
        info = client.get("/rsp-health/info", headers=headers).json()
        control = client.get(document["control_url"]).json()
        kernel = client.post(
            "/api/kernels", headers=headers, json={"name": "python3"}
        )
        assert kernel.status_code == 201
        page = client.get("/lab", headers=headers)
        assert page.status_code == 200
    assert url.host == "127.0.0.1"
    assert (
        info["instance"] == httpx.URL(document["sandbox_url"]).netloc.decode()
    )
    assert info["root"] == document["home"]
    assert control["scenario"] == "tap-down" == document["scenario"]
    assert _loopback_only(program.process.pid)
    code, out, err = program.end(signal.SIGINT)
    assert code == 0
    assert out == ""
    assert err.splitlines()[-1] == "Stopped."
    assert program.left() == []
    for address in (document["url"], document["sandbox_url"]):
        with pytest.raises(httpx.ConnectError):
            httpx.get(address)


def test_demo_ended_while_it_starts(
    programs: list[Program], tmp_path: Path
) -> None:
    program = Program(tmp_path, "demo", "--no-browser")
    programs.append(program)
    assert program.process.stderr is not None
    first = program.process.stderr.readline()
    assert "Starting JupyterLab" in first
    code, out, _ = program.end(signal.SIGTERM)
    assert code == 0
    assert out == ""
    assert program.left() == []


def test_demo_on_a_taken_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        program = Program(tmp_path, "demo", "--no-browser", "--port", port)
        out, err = program.process.communicate(timeout=60)
    assert program.process.returncode == 3
    assert out == ""
    assert f"Port {port} of 127.0.0.1 is taken." in err
    assert program.left() == []


@pytest.mark.parametrize(
    ("program_text", "code", "message"),
    [
        (
            "import sys; sys.exit('No module named jupyterlab')",
            "no_jupyterlab",
            "needs JupyterLab",
        ),
        ("raise SystemExit('bad config')", "lab_failed", "ended before"),
    ],
)
def test_lab_that_does_not_start_is_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    program_text: str,
    code: str,
    message: str,
) -> None:
    """A stand-in for the Python that should hold JupyterLab."""
    import threading

    fake = tmp_path / "python"
    fake.write_text(f"#!{sys.executable}\n{program_text}\n")
    fake.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(fake))
    variables = {"PATH": os.environ["PATH"]}
    with SandboxServer() as server:
        lab = DemoLab(sandbox=server, variables=variables)
        home = lab.home
        lab.start()
        with pytest.raises(EnvironmentFailureError) as caught:
            lab.wait(threading.Event())
        lab.stop()
    assert caught.value.code == code
    assert message in caught.value.message
    assert not home.exists()


def test_lab_environment_leaks_nothing_of_the_callers() -> None:
    variables = {
        "PATH": "/usr/bin",
        "JUPYTER_CONFIG_DIR": "/elsewhere",
        "PYTHONPATH": "/elsewhere",
        "http_proxy": "http://proxy.example.org:3128",
        "SECRET": "canary",
    }
    with SandboxServer() as server:
        lab = DemoLab(sandbox=server, variables=variables)
        environment = lab.environment()
        home = str(lab.home)
        lab.stop()
    assert environment["HOME"] == home
    folders = {
        n: v
        for n, v in environment.items()
        if n.endswith(("_DIR", "_HOME")) and n != "NUBLADO_RUNTIME_MOUNTS_DIR"
    }
    assert all(v.startswith(home) for v in folders.values())
    assert len(folders) >= 8
    values = " ".join(environment.values())
    assert "canary" not in values
    assert "/elsewhere" not in values
    assert "proxy.example.org" not in values
    assert environment["EXTERNAL_INSTANCE_URL"] == server.url


def test_sandbox_prints_json(programs: list[Program], tmp_path: Path) -> None:
    program = Program(tmp_path, "sandbox", "--json", "--scenario", "minimal")
    programs.append(program)
    document = program.document()
    variables = document["environment"]
    discovery = httpx.get(f"{variables['REPERTOIRE_BASE_URL']}/discovery")
    assert document["scenario"] == "minimal"
    assert document["scenarios"] == list(SCENARIOS)
    assert "tap" not in discovery.json()["applications"]
    assert "HOME" not in variables
    code, out, err = program.end(signal.SIGINT)
    assert (code, out) == (0, "")
    assert "The sandbox has stopped." in err
    assert program.left() == []


def test_sandbox_prints_what_a_shell_understands(
    programs: list[Program], tmp_path: Path
) -> None:
    program = Program(tmp_path, "sandbox")
    programs.append(program)
    assert program.process.stderr is not None
    told = program.process.stderr.readline()
    assert "The sandbox answers at http://127.0.0.1:" in told
    assert program.process.stdout is not None
    lines = [program.process.stdout.readline()]
    while not lines[-1].startswith("export JUPYTER_CONFIG_PATH="):
        lines.append(program.process.stdout.readline())
    command = f"{sys.executable} -m rsp_health.cli.main --root {tmp_path}"
    checkout = subprocess.run(
        [
            *("bash", "-c"),
            f"{''.join(lines)}\n{command} checkout refs system-test",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    code, rest, _ = program.end(signal.SIGTERM)
    out = "".join(lines) + rest
    assert (checkout.returncode, checkout.stderr) == (0, "")
    assert "2026.11" in checkout.stdout
    done = subprocess.run(
        ["bash", "-c", f'{out}\nprintf %s "$CONTAINER_SIZE"'],
        capture_output=True,
        text=True,
        check=True,
    )
    assert code == 0
    assert all(line.startswith("export ") for line in out.splitlines())
    assert done.stdout == "Medium (2.0 CPU, 8Gi RAM)"


def test_sandbox_lists_scenarios() -> None:
    runner = CliRunner()
    text = runner.invoke(sandbox_command.command, ["--list"])
    names = [line.split()[0] for line in text.output.splitlines()]
    assert names == list(SCENARIOS)
    as_json = runner.invoke(sandbox_command.command, ["--list", "--json"])
    listed = json.loads(as_json.stdout)["scenarios"]
    assert [s["name"] for s in listed] == list(SCENARIOS)


def test_sandbox_refuses_an_unknown_scenario() -> None:
    result = CliRunner().invoke(
        sandbox_command.command, ["--scenario", "no-such"]
    )
    assert isinstance(result.exception, BadInputError)
    assert result.exception.code == "no_such_scenario"

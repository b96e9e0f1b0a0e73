from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from rsp_health.errors import EnvironmentFailureError
from rsp_health.sandbox import app as app_module
from rsp_health.sandbox import repository
from rsp_health.sandbox.app import SandboxServer
from rsp_health.sandbox.repository import Commit, build_repository

if TYPE_CHECKING:
    import httpx

#: Commits of the content that is shipped: a change of content changes them.
MAIN_SUBJECTS = [
    "Show what a failed check looks like",
    "Check PPDB TAP where it is deployed",
    "Add experiments, and keep them out of mobu",
    "Check discovery, cutouts and figures",
    "Check the Portal and broadcasts",
    "Check TAP and SIA",
    "Start a set of system tests",
]


@pytest.fixture
def git_environment(tmp_path: Path) -> dict[str, str]:
    return repository.git_variables(tmp_path, os.environ["PATH"])


def _git(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_clone_with_progress(
    sandbox: SandboxServer, tmp_path: Path, git_environment: dict[str, str]
) -> None:
    target = tmp_path / "clone"
    url = sandbox.repository_url("system-test")
    said = _git(git_environment, "clone", "--progress", url, str(target))
    log = _git(git_environment, "-C", str(target), "log", "--format=%s")
    assert "Receiving objects: 100%" in said
    assert log.splitlines() == MAIN_SUBJECTS
    names = {p.name for p in target.iterdir()}
    assert {"tap.ipynb", "mobu.yaml", "experiments", "README.md"} <= names
    tags = _git(git_environment, "-C", str(target), "tag").split()
    assert tags == ["2026.11", "2026.9"]


def test_shallow_clone_of_a_branch(
    sandbox: SandboxServer, tmp_path: Path, git_environment: dict[str, str]
) -> None:
    target = str(tmp_path / "clone")
    url = sandbox.repository_url("system-test")
    shallow = ("--depth", "1", "--branch", "prod")
    _git(git_environment, "clone", "--quiet", *shallow, url, target)
    count = _git(git_environment, "-C", target, "rev-list", "--count", "HEAD")
    assert count.strip() == "1"
    assert not Path(target, "vo-cutouts.ipynb").exists()
    assert Path(target, "tap.ipynb").exists()


def test_production_has_diverged(
    sandbox: SandboxServer, tmp_path: Path, git_environment: dict[str, str]
) -> None:
    target = str(tmp_path / "clone")
    url = sandbox.repository_url("system-test")
    _git(git_environment, "clone", "--quiet", url, target)
    count = _git(
        git_environment,
        "-C",
        target,
        "rev-list",
        "--left-right",
        "--count",
        "origin/main...origin/prod",
    )
    assert count.split() == ["4", "1"]


def test_any_commit_can_be_fetched(
    sandbox: SandboxServer, tmp_path: Path, git_environment: dict[str, str]
) -> None:
    url = sandbox.repository_url("system-test")
    full, lone = str(tmp_path / "full"), str(tmp_path / "lone")
    _git(git_environment, "clone", "--quiet", url, full)
    second = _git(git_environment, "-C", full, "rev-parse", "HEAD~5").strip()
    _git(git_environment, "init", "--quiet", lone)
    fetch = ("fetch", "--quiet", "--depth", "1", url, second)
    _git(git_environment, "-C", lone, *fetch)
    found = _git(git_environment, "-C", lone, "rev-parse", "FETCH_HEAD")
    assert found.strip() == second


@pytest.mark.parametrize("version", ["0", "2"])
def test_both_protocol_versions(
    sandbox: SandboxServer, git_environment: dict[str, str], version: str
) -> None:
    url = sandbox.repository_url("phalanx-test")
    protocol = ("-c", f"protocol.version={version}")
    refs = _git(git_environment, *protocol, "ls-remote", url)
    assert "refs/heads/main" in refs
    assert "refs/tags/1.0.0^{}" in refs


def test_push_is_refused(
    sandbox: SandboxServer, tmp_path: Path, git_environment: dict[str, str]
) -> None:
    target = str(tmp_path / "clone")
    url = sandbox.repository_url("system-test")
    _git(git_environment, "clone", "--quiet", url, target)
    push = ["git", "-C", target, "push", "origin", "main:refs/heads/mine"]
    done = subprocess.run(
        push, env=git_environment, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "403" in done.stderr


@pytest.mark.parametrize("path", ["none.git/info/refs", "../state.py"])
def test_other_paths_are_not_served(
    anonymous: httpx.Client, path: str
) -> None:
    assert anonymous.get(f"/git/{path}").status_code == 404


def test_commits_are_always_the_same(
    tmp_path: Path, git_environment: dict[str, str]
) -> None:
    heads = set()
    for name in ("first", "second"):
        folder = tmp_path / name
        folder.mkdir()
        bare = build_repository(
            "system-test", folder, variables=git_environment
        )
        show = ("-C", str(bare), "show-ref")
        heads.add(_git(git_environment, *show))
    assert len(heads) == 1


def test_all_content_is_committed(
    tmp_path: Path, git_environment: dict[str, str]
) -> None:
    for name in repository.REPOSITORIES:
        bare = build_repository(name, tmp_path, variables=git_environment)
        tree = ("-C", str(bare), "ls-tree", "-rz", "--name-only", "main")
        committed = set(_git(git_environment, *tree).split("\0")) - {""}
        content = repository._CONTENT / name
        shipped = {
            str(p.relative_to(content))
            for p in content.rglob("*")
            if p.is_file() and ".ipynb_checkpoints" not in p.parts
        }
        assert committed - {".gitignore"} == shipped


def test_missing_content_is_told(
    tmp_path: Path,
    git_environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    history = {"system-test": (Commit(subject="x", add=("none.ipynb",)),)}
    monkeypatch.setattr(repository, "REPOSITORIES", history)
    with pytest.raises(EnvironmentFailureError) as caught:
        build_repository("system-test", tmp_path, variables=git_environment)
    assert caught.value.code == "incomplete_installation"


def test_missing_git_is_told(
    tmp_path: Path, git_environment: dict[str, str]
) -> None:
    variables = git_environment | {"PATH": str(tmp_path)}
    with pytest.raises(EnvironmentFailureError) as caught:
        build_repository("system-test", tmp_path, variables=variables)
    assert caught.value.code == "no_git"


def test_without_http_backend_files_are_served(
    tmp_path: Path,
    git_environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(app_module, "_has_http_backend", lambda _: False)
    target = str(tmp_path / "clone")
    with SandboxServer() as server:
        url = server.repository_url("system-test")
        _git(git_environment, "clone", "--quiet", url, target)
    log = _git(git_environment, "-C", target, "log", "--format=%s")
    assert log.splitlines() == MAIN_SUBJECTS


def test_git_ends_when_its_client_leaves(
    sandbox: SandboxServer, tmp_path: Path, git_environment: dict[str, str]
) -> None:
    """A slow clone is killed midway: no http-backend stays behind."""
    sandbox.set_scenario("slow")
    clone = subprocess.Popen(
        [
            "git",
            "clone",
            "--progress",
            sandbox.repository_url("system-test"),
            str(tmp_path / "clone"),
        ],
        env=git_environment,
        stderr=subprocess.PIPE,
    )
    assert clone.stderr is not None
    said = b""
    while b"Receiving objects" not in said:
        chunk = clone.stderr.read(64)
        assert chunk, said
        said += chunk
    assert clone.poll() is None, "the clone ended before it could be killed"
    clone.kill()
    clone.wait()
    clone.stderr.close()
    backends = [p for p in psutil.Process().children() if _is_backend(p)]
    _, alive = psutil.wait_procs(backends, timeout=20)
    assert alive == []


def _is_backend(process: psutil.Process) -> bool:
    try:
        return "http-backend" in process.cmdline()
    except psutil.NoSuchProcess:
        return False


def test_upstream_moves(
    sandbox: SandboxServer,
    anonymous: httpx.Client,
    tmp_path: Path,
    git_environment: dict[str, str],
) -> None:
    target = str(tmp_path / "clone")
    url = sandbox.repository_url("phalanx-test")
    _git(git_environment, "clone", "--quiet", url, target)
    body = {"subject": "Add a check", "files": {"new/a b.ipynb": "{}"}}
    path = "/sandbox/repositories/phalanx-test"
    answer = anonymous.post(path, json=body)
    _git(git_environment, "-C", target, "pull", "--quiet")
    head = _git(git_environment, "-C", target, "log", "-1", "--format=%H %s")
    assert answer.status_code == 201
    assert head.strip() == f"{answer.json()['commit']} Add a check"
    assert Path(target, "new", "a b.ipynb").read_text() == "{}"


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("none", '{"subject": "x", "files": {"a": "b"}}', 404),
        ("system-test", '{"subject": "x", "files": {"../a": "b"}}', 422),
        ("system-test", '{"subject": "x", "files": {"/a": "b"}}', 422),
        ("system-test", '{"subject": "x", "files": {".git/a": "b"}}', 422),
        ("system-test", '{"subject": "x", "files": {}}', 422),
        ("system-test", "[]", 422),
        ("system-test", "", 422),
    ],
)
def test_commit_that_cannot_be(
    anonymous: httpx.Client, name: str, body: str, code: int
) -> None:
    answer = anonymous.post(f"/sandbox/repositories/{name}", content=body)
    assert answer.status_code == code
    assert set(answer.json()) == {"error", "message", "hint"}

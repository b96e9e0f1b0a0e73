"""A record tells where a run took place, whichever door started it."""

from __future__ import annotations

import json
import os
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from rsp_health.git.origin import Origin, read_origin
from rsp_health.git.refs import find_git_folders
from rsp_health.platform.environment import LabEnvironment
from rsp_health.runner.planning.call import RunCall
from rsp_health.runner.service import RunnerService
from tests.faults.runner.cases import notebook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rsp_health.runner.models import RunDocument

URL = "https://github.com/lsst-sqre/system-test.git"


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A clone of a remote, on the branch ``prod``."""
    root = tmp_path / "repo"
    (root / "sub").mkdir(parents=True)
    (root / "sub" / "a.ipynb").write_bytes(notebook("1"))
    git(root, "init", "-q", "-b", "prod")
    git(root, "remote", "add", "origin", URL)
    git(root, "add", ".")
    git(root, "commit", "-qm", "one")
    return root


def origin(root: Path) -> Origin:
    folders = find_git_folders(root)
    assert folders is not None
    return read_origin(folders)


def test_the_terminal_and_the_panel_write_the_same(
    repository: Path,
    data: Path,
    command: Callable[..., subprocess.CompletedProcess[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("IMAGE_DESCRIPTION", "Weekly 2026_46")
    monkeypatch.setenv("EXTERNAL_INSTANCE_URL", "https://data.example.com")
    monkeypatch.setenv("REPERTOIRE_BASE_URL", "http://127.0.0.1:9")
    done = command("run", repository, "--json", "--applications", "tap")
    terminal = json.loads(done.stdout)
    service = RunnerService(
        root=repository.parent,
        data_dir=data,
        environment=LabEnvironment(variables=dict(os.environ)),
    )
    call = RunCall(
        paths=(repository,),
        folder=repository,
        applications=frozenset({"tap"}),
    )
    run_id = service.start(call)
    panel = _ended(service, run_id)
    assert terminal["repository"] == {
        "url": URL,
        "ref": "prod",
        "commit": git(repository, "rev-parse", "HEAD"),
    }
    assert terminal["environment"]["image_description"] == "Weekly 2026_46"
    assert terminal["environment"]["instance"] == "data.example.com"
    told = panel.model_dump(mode="json")
    for name in ("repository", "environment"):
        assert told[name] == terminal[name]


def _ended(service: RunnerService, run_id: str) -> RunDocument:
    deadline = time.monotonic() + 90
    while True:
        document = service.get(run_id)
        if document.finished_at is not None or time.monotonic() > deadline:
            return document
        time.sleep(0.1)


def test_no_repository(
    run: Callable[..., RunDocument], tmp_path: Path, repository: Path
) -> None:
    (tmp_path / "b.ipynb").write_bytes(notebook())
    assert run(tmp_path / "b.ipynb").repository is None
    # Of two, neither is that of the run.
    both = run(tmp_path / "b.ipynb", repository)
    assert both.repository is None


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://user:secret@example.com/a.git", "https://example.com/a.git"),
        (
            "https://ghp_secret@example.com/a?token=secret",
            "https://example.com/a",
        ),
        ("git@github.com:lsst/a.git", "git@github.com:lsst/a.git"),
        ("ssh://git@github.com:22/a.git", "ssh://github.com:22/a.git"),
        ("/srv/git/a b.git", "/srv/git/a b.git"),
        ("https://[bad", None),
    ],
)
def test_the_url_has_no_credentials(
    repository: Path, url: str, told: str | None
) -> None:
    git(repository, "remote", "set-url", "origin", url)
    assert origin(repository).url == told


def test_the_remote_is_that_of_the_branch(repository: Path) -> None:
    git(repository, "remote", "add", "fork", "https://example.com/fork.git")
    git(repository, "config", "branch.prod.remote", "fork")
    assert origin(repository).url == "https://example.com/fork.git"


def test_a_tag_is_told_and_a_bare_commit_is_not(repository: Path) -> None:
    git(repository, "tag", "-a", "v1", "-m", "one")
    git(repository, "checkout", "-q", "v1")
    commit = git(repository, "rev-parse", "HEAD")
    git(repository, "pack-refs", "--all")
    assert origin(repository) == Origin(url=URL, ref="v1", commit=commit)
    git(repository, "tag", "-d", "v1")
    assert origin(repository) == Origin(url=URL, ref=None, commit=commit)


def test_a_linked_worktree(repository: Path) -> None:
    git(repository, "worktree", "add", "-q", "-b", "new", "../other")
    found = origin(repository.parent / "other")
    assert (found.url, found.ref) == (URL, "new")
    assert found.commit == git(repository, "rev-parse", "new")


@pytest.mark.parametrize(
    "config",
    [
        "",
        "[remote",
        '[remote "origin"]\nurl\n',
        '[remote "origin"]\nurl = "',
        "\0\xff",
        '[remote "origin"]\nurl = \x1b[31m\n',
    ],
)
def test_a_damaged_configuration_tells_nothing(
    repository: Path, config: str
) -> None:
    (repository / ".git" / "config").write_text(config, "latin-1")
    assert origin(repository).url in {None, r"\x1b[31m"}


def test_a_repository_without_commits(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    assert origin(tmp_path) == Origin(url=None, ref="main", commit=None)


def test_what_the_platform_mounted_counts_too(tmp_path: Path) -> None:
    folder = tmp_path / "environment"
    folder.mkdir()
    (folder / "IMAGE_DESCRIPTION").write_text("Weekly 2026_46\n")
    (folder / "MEM_LIMIT").write_text("1024")
    environment = LabEnvironment(mounts=(tmp_path,))
    assert environment.image_description == "Weekly 2026_46"
    assert environment.memory_limit_bytes == 1024
    # A variable wins: it may have been set for this process.
    environment = LabEnvironment(
        variables={"IMAGE_DESCRIPTION": "mine"}, mounts=(tmp_path,)
    )
    assert environment.image_description == "mine"

"""What changed since a revision, by a git that obeys nothing of the tree's."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from rsp_health.errors import BadInputError
from rsp_health.runner.planning.changed_files import changed_files
from tests.faults.runner.cases import notebook

if TYPE_CHECKING:
    from pathlib import Path


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        env={
            "PATH": os.environ["PATH"],
            "HOME": "/nonexistent",
            "GIT_CONFIG_NOSYSTEM": "1",
        },
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository of one commit: three notebooks, one in a folder."""
    root = tmp_path / "repo"
    (root / "sub").mkdir(parents=True)
    for name in ("a.ipynb", "b c.ipynb", "sub/d.ipynb"):
        (root / name).write_bytes(notebook("1"))
    git(root, "init", "-q", "-b", "main")
    git(root, "add", ".")
    git(root, "commit", "-qm", "one")
    return root


def changed(root: Path, revision: str = "HEAD") -> set[str]:
    scratch = root.parent / "scratch"
    found = changed_files([root], revision, scratch=scratch)
    assert not scratch.exists() or list(scratch.iterdir()) == []
    return {path.relative_to(root.resolve()).as_posix() for path in found}


def test_nothing_changed(repository: Path) -> None:
    assert changed(repository) == set()
    # Written again, the same: the times differ, and nothing else.
    data = (repository / "a.ipynb").read_bytes()
    (repository / "a.ipynb").write_bytes(data)
    assert changed(repository) == set()


def test_what_changed(repository: Path) -> None:
    git(repository, "checkout", "-qb", "work")
    (repository / "a.ipynb").write_bytes(notebook("2"))
    git(repository, "commit", "-qam", "two")
    (repository / "b c.ipynb").write_bytes(notebook("3"))
    (repository / "new \xe9.ipynb").write_bytes(notebook("4"))
    (repository / "staged.ipynb").write_bytes(notebook("5"))
    git(repository, "add", "staged.ipynb")
    (repository / ".gitignore").write_text("ignored*\n")
    (repository / "ignored.ipynb").write_bytes(notebook("5"))
    (repository / ".git" / "info" / "exclude").write_text("mine*\n")
    (repository / "mine.ipynb").write_bytes(notebook("5"))
    of_now = {"b c.ipynb", "new \xe9.ipynb", "staged.ipynb", ".gitignore"}
    assert changed(repository, "HEAD") == of_now
    assert changed(repository, "main") == {"a.ipynb", *of_now}
    # A pull request shows what was done since the branches parted.
    git(repository, "stash", "-qu")
    (repository / "ignored.ipynb").unlink()
    git(repository, "checkout", "-q", "main")
    (repository / "sub" / "d.ipynb").write_bytes(notebook("6"))
    git(repository, "commit", "-qam", "three")
    git(repository, "checkout", "-q", "work")
    assert changed(repository, "main") == {"a.ipynb"}
    for name in ("HEAD~1", git(repository, "rev-parse", "main")[:8]):
        assert changed(repository, name) == {"a.ipynb"}


def test_a_renamed_notebook_changed(repository: Path) -> None:
    git(repository, "mv", "a.ipynb", "z.ipynb")
    assert changed(repository) == {"a.ipynb", "z.ipynb"}


@pytest.mark.parametrize("revision", ["no-such", "-h", "HEAD:a.ipynb", ""])
def test_an_unknown_revision(repository: Path, revision: str) -> None:
    with pytest.raises(BadInputError, match="no revision"):
        changed(repository, revision)


def test_outside_of_a_repository(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="no git repository"):
        changed_files([tmp_path], "HEAD", scratch=tmp_path / "scratch")


def test_nothing_that_a_tree_configures_runs(repository: Path) -> None:
    mark = repository.parent / "mark"
    script = repository.parent / "planted"
    script.write_text(f"#!/bin/sh\necho $0 $* >> '{mark}'\nexit 1\n")
    script.chmod(0o755)
    (repository / ".gitattributes").write_text("* filter=x diff=x\n")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "two")
    config = repository / ".git" / "config"
    config.write_text(
        config.read_text()
        + f'[filter "x"]\n process = {script}\n clean = {script}\n'
        f" smudge = {script}\n required = true\n"
        f'[diff "x"]\n textconv = {script}\n command = {script}\n'
        f"[core]\n fsmonitor = {script}\n pager = {script}\n"
        f" sshCommand = {script}\n hooksPath = {repository.parent}\n"
        f"[diff]\n external = {script}\n"
        f"[alias]\n diff = !{script}\n"
    )
    (repository.parent / "post-index-change").symlink_to(script)
    (repository / "a.ipynb").write_bytes(notebook("2"))
    (repository / "b c.ipynb").touch()
    assert changed(repository) == {"a.ipynb"}
    assert not mark.exists(), mark.read_text()


def test_outputs_that_a_filter_takes_out_are_no_change(
    repository: Path,
) -> None:
    with_outputs = json.loads(notebook("1"))
    with_outputs["cells"][0]["execution_count"] = 3
    with_outputs["cells"][0]["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": "x"}
    ]
    for name in ("a.ipynb", "b c.ipynb"):
        (repository / name).write_text(json.dumps(with_outputs))
    (repository / "sub" / "d.ipynb").write_bytes(notebook("2"))
    # Without a filter, a pull request would show the outputs.
    assert changed(repository) == {"a.ipynb", "b c.ipynb", "sub/d.ipynb"}
    attributes = repository / ".git" / "info" / "attributes"
    attributes.write_text("*.ipynb filter=rsp-health\n/b* -filter\n")
    assert changed(repository) == {"b c.ipynb", "sub/d.ipynb"}


@pytest.mark.parametrize("kind", ["worktree", "shallow", "submodule"])
def test_repositories_of_other_shapes(repository: Path, kind: str) -> None:
    other = repository.parent / "other"
    if kind == "worktree":
        git(repository, "worktree", "add", "-q", "-b", "new", str(other))
    elif kind == "shallow":
        (repository / "a.ipynb").write_bytes(notebook("2"))
        git(repository, "commit", "-qam", "two")
        url = repository.as_uri()
        git(repository.parent, "clone", "-q", "--depth=1", url, str(other))
    else:
        top = repository.parent / "top"
        top.mkdir()
        git(top, "init", "-q")
        protocol = ["-c", "protocol.file.allow=always"]
        url = str(repository)
        git(top, *protocol, "submodule", "--quiet", "add", url, "other")
        other = top / "other"
    assert changed(other) == set()
    (other / "a.ipynb").write_bytes(notebook("9"))
    assert changed(other) == {"a.ipynb"}
    assert changed(other, git(other, "rev-parse", "HEAD")) == {"a.ipynb"}


def test_a_commit_without_parents(repository: Path) -> None:
    git(repository, "checkout", "-q", "--orphan", "fresh")
    assert changed(repository, "main") == set()
    (repository / "a.ipynb").write_bytes(notebook("2"))
    assert changed(repository, "main") == {"a.ipynb"}

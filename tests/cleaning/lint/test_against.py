"""Cell ids against HEAD, and against the commit that is named."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from rsp_health.cleaning.lint.linter import lint
from rsp_health.errors import BadInputError

from ..notebooks import canonical, document
from ..test_commands import call
from .test_lint import cell, git

if TYPE_CHECKING:
    from pathlib import Path

    from rsp_health.cleaning.lint.findings import Finding

BEFORE = canonical(document(cell("a", "1"), cell("b", "2")))
AFTER = canonical(document(cell("a", "1"), cell("b", "9")))
NAMES = ("a.ipynb", "é b.ipynb", "sub/c\nd.ipynb", os.fsdecode(b"\xff.ipynb"))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository whose last commit changed the ids of cells."""
    root = tmp_path / "repository"
    (root / "sub").mkdir(parents=True)
    git(root, "init", "-q", "-b", "main")
    for text, subject in ((BEFORE, "one"), (AFTER, "two")):
        for name in NAMES:
            (root / name).write_bytes(text)
        git(root, "add", ".")
        git(root, "commit", "-qm", subject)
    return root


def found(findings: list[Finding], root: Path) -> list[tuple[str, str]]:
    return [(os.path.relpath(f.path, root), f.rule) for f in findings]


CHANGED = sorted((name, "cell-id-changed") for name in NAMES)


def test_a_commit_that_changed_ids(repository: Path) -> None:
    assert lint([repository]) == ([], 4)
    findings, _ = lint([repository], against="HEAD^1")
    assert sorted(found(findings, repository)) == CHANGED
    assert "had '2' in HEAD^1; its series" in findings[0].message
    git(repository, "tag", "v1", "HEAD^1")
    assert len(lint([repository], against="v1")[0]) == 4


def test_the_command(repository: Path) -> None:
    assert call(repository, "lint").returncode == 0
    result = call(repository, "lint", "--against", "HEAD^1")
    assert result.returncode == 1
    assert result.stdout.count(b"[cell-id-changed]") == 4
    # pre-commit run --from-ref tells its hooks what it starts from.
    result = call(repository, "lint", PRE_COMMIT_FROM_REF="HEAD^1")
    assert result.returncode == 1
    result = call(
        repository, "lint", "--against", "HEAD", PRE_COMMIT_FROM_REF="HEAD^1"
    )
    assert result.returncode == 0


def test_missing_ids_are_an_error_if_that_commit_had_them(
    repository: Path,
) -> None:
    none = canonical(document(cell("a", None), cell("b", None), minor=4))
    (repository / "a.ipynb").write_bytes(none)
    git(repository, "commit", "-qam", "three")
    path = repository / "a.ipynb"
    assert [f.level for f in lint([path])[0]] == ["warning"]
    assert [f.level for f in lint([path], against="HEAD^")[0]] == ["error"]


@pytest.mark.parametrize(
    "ref", ["nothing", "HEAD^2", "--all", "HEAD:a.ipynb", "a\nb", "a\0b", ""]
)
def test_a_commit_that_is_not_there(repository: Path, ref: str) -> None:
    with pytest.raises(BadInputError) as caught:
        lint([repository], against=ref)
    assert caught.value.code == "no_such_commit"
    assert "fetch-depth" in caught.value.hint


def test_a_shallow_clone_says_what_to_do(
    repository: Path, tmp_path: Path
) -> None:
    source = repository.as_uri()
    git(tmp_path, "clone", "-q", "--depth=1", source, "one")
    result = call(tmp_path / "one", "lint", "--against", "HEAD^1")
    assert result.returncode == 2
    assert b"fetch-depth of 2" in result.stderr
    git(tmp_path, "clone", "-q", "--depth=2", source, "two")
    result = call(tmp_path / "two", "lint", "--against", "HEAD^1")
    assert result.returncode == 1


def test_no_repository_has_no_commits(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_bytes(BEFORE)
    with pytest.raises(BadInputError, match="no repository"):
        lint([tmp_path], against="HEAD")


def test_a_repository_without_commits_has_no_head(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "a.ipynb").write_bytes(BEFORE)
    warnings: list[str] = []
    assert lint([tmp_path], warn=warnings.append) == ([], 1)
    assert warnings == []


def test_a_repository_that_git_refuses_is_told(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "a.ipynb").write_bytes(BEFORE)
    (tmp_path / ".git" / "config").write_text("[broken\n")
    result = call(tmp_path, "lint")
    assert result.returncode == 0
    [warning, _] = result.stderr.decode().splitlines()
    assert warning.startswith("Warning: Cell ids in ")
    assert "are not compared with HEAD: fatal: bad config" in warning


def test_through_a_link_it_is_the_same_repository(
    repository: Path, tmp_path: Path
) -> None:
    (tmp_path / "loose").mkdir()
    (tmp_path / "loose" / "link").symlink_to(repository / "sub")
    (tmp_path / "loose" / "whole").symlink_to(repository)
    for name, count in (("link", 1), ("whole", 4)):
        path = tmp_path / "loose" / name
        findings, _ = lint([path], against="HEAD^1")
        assert len(findings) == count


def test_the_applications_are_those_of_the_files_repository(
    repository: Path, tmp_path: Path
) -> None:
    wants = document(cell("a", "1"), mobu={"required_applications": ["x"]})
    (repository / "n.ipynb").write_bytes(canonical(wants))
    settings = repository / ".rsp-health.toml"
    settings.write_text("[lint]\napplications = ['tap']\n")
    (tmp_path / ".git").mkdir()
    result = call(tmp_path, "lint", "repository/n.ipynb")
    assert result.returncode == 1
    assert b"[unknown-application]" in result.stdout


def test_the_workflow_of_a_pull_request(
    repository: Path, tmp_path: Path
) -> None:
    """Hold what the documented workflow does, on a real merge commit."""
    git(repository, "checkout", "-q", "-b", "change", "HEAD^1")
    (repository / "new.ipynb").write_bytes(BEFORE)
    (repository / "a.ipynb").write_bytes(AFTER.replace(b'"9"', b'"7"'))
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "change")
    git(repository, "checkout", "-q", "main")
    git(repository, "merge", "-q", "--no-ff", "-s", "ours", "change")
    git(repository, "checkout", "change", "--", "a.ipynb", "new.ipynb")
    git(repository, "commit", "-q", "--amend", "--no-edit")
    git(tmp_path, "clone", "-q", "--depth=2", repository.as_uri(), "ci")
    parents = subprocess.run(
        ["git", "rev-list", "--parents", "-1", "HEAD"],
        cwd=tmp_path / "ci",
        check=True,
        capture_output=True,
    ).stdout.split()
    assert len(parents) == 3
    findings, _ = lint([tmp_path / "ci"], against="HEAD^1")
    assert found(findings, tmp_path / "ci") == [("a.ipynb", "cell-id-changed")]

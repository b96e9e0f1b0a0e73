"""Real repositories, in the states that interrupted commands leave."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from rsp_health.doctor.fixes import journal_of, plan_fix

if TYPE_CHECKING:
    from pathlib import Path

    from rsp_health.doctor.models import Finding

    from ...conftest import Lab


def _git(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", "-C", str(tree), *arguments],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tree.parent),
            "GIT_CONFIG_NOSYSTEM": "1",
            **{
                f"GIT_{who}_{what}": f"t@{what}"
                for who in ("AUTHOR", "COMMITTER")
                for what in ("NAME", "EMAIL")
            },
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def tree(lab: Lab) -> Path:
    tree = lab.home / "notebooks" / "mine"
    tree.mkdir(parents=True)
    _git(tree, "init", "-q", "-b", "main")
    (tree / "a.txt").write_text("1\n")
    _git(tree, "add", ".")
    _git(tree, "commit", "-qm", "One")
    return tree


def _look(lab: Lab, **options: Path) -> Finding:
    return lab.look("git", **options)


def test_a_repository_at_rest_is_well(lab: Lab, tree: Path) -> None:
    found = _look(lab)

    assert found.state == "ok"
    assert found.evidence[0].source == "~/notebooks/mine"


def test_without_one_there_is_nothing_to_look_at(lab: Lab) -> None:
    assert _look(lab).state == "not_applicable"


def test_a_lock_that_was_left_is_a_fault_with_a_fix(
    lab: Lab, tree: Path
) -> None:
    lock = tree / ".git" / "index.lock"
    lock.write_text("")
    os.utime(lock, (1, 1))
    assert _git(tree, "add", ".").returncode != 0

    found = _look(lab)

    assert (found.state, found.whose) == ("fault", "your_environment")
    assert "git refuses to change anything" in found.sentence
    journal = journal_of(lab.context())
    journal.move(plan_fix(found, lab.context()))
    assert _git(tree, "add", ".").returncode == 0
    assert _look(lab).state == "ok"
    journal.undo(journal.latest())
    assert lock.exists()


def test_a_new_lock_may_be_in_use(lab: Lab, tree: Path) -> None:
    (tree / ".git" / "index.lock").write_text("")

    found = _look(lab)

    assert found.state == "attention"
    assert found.fix is None


def test_a_merge_that_stopped_is_told(lab: Lab, tree: Path) -> None:
    _git(tree, "switch", "-qc", "other")
    (tree / "a.txt").write_text("2\n")
    _git(tree, "commit", "-qam", "Two")
    _git(tree, "switch", "-q", "main")
    (tree / "a.txt").write_text("3\n")
    _git(tree, "commit", "-qam", "Three")
    assert _git(tree, "merge", "other").returncode != 0

    found = _look(lab)

    assert (found.state, found.whose) == ("attention", "your_code")
    assert "git merge --abort" in found.next_step

    _git(tree, "merge", "--abort")
    assert _git(tree, "rebase", "other").returncode != 0
    assert _look(lab).sentence == (
        "A rebase in ~/notebooks/mine was not finished."
    )


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_a_repository_of_somebody_else_is_refused_by_git(
    lab: Lab, tree: Path
) -> None:
    os.chown(tree / ".git", 12345, -1)
    os.chown(tree, 12345, -1)
    assert "dubious ownership" in _git(tree, "status").stderr

    found = _look(lab)

    assert found.state == "fault"
    assert found.evidence[0].value == "owned by 12345, and you are 0"


def test_the_repository_of_a_notebook_is_looked_at(
    lab: Lab, tree: Path
) -> None:
    other = tree.rename(lab.home / "elsewhere")
    (other / ".git" / "index.lock").write_text("")

    assert _look(lab).state == "not_applicable"
    assert _look(lab, notebook=other / "x" / "a.ipynb").state == "attention"

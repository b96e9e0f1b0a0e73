"""A fresh checkout of a repository as real ones are is clean, and useful."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from rsp_health.checkout.service import CheckoutService
from rsp_health.cleaning.filter import setup as filter_setup
from rsp_health.cleaning.filter import tree as tree_filter
from rsp_health.platform.environment import LabEnvironment
from rsp_health.runner.planning.changed_files import changed_files
from tests.cleaning.habits import KEPT, NAMES, make_repository, notebook
from tests.faults.checkout.homes import git

if TYPE_CHECKING:
    from pathlib import Path

ID = "habits"

POLICIES = {
    "default": None,
    "strict": "[clean]\nstrip-language-version = true\n"
    'extend-drop-cell-metadata = ["name"]\n',
    "no tags": "[clean]\nkeep-output-tags = []\n",
    "wrong": "[clean]\nno-such-setting = 1\n",
}


@pytest.fixture(params=POLICIES)
def upstream(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path / "upstream"
    make_repository(folder, POLICIES[request.param])
    return folder


@pytest.fixture
def service(home: Path, tmp_path: Path, upstream: Path) -> CheckoutService:
    return CheckoutService(
        repositories=[
            {"id": ID, "title": "Habits", "url": str(upstream), "ref": "main"}
        ],
        root=home,
        data_dir=tmp_path / "data",
        environment=LabEnvironment(variables={"USER": "u"}),
        allowed_protocols=["file"],
        outputs=tree_filter,
    )


def status(tree: Path) -> list[str]:
    """Return what git calls changed, after it has read every file anew."""
    _touch(tree)
    return git(tree, "status", "--porcelain").splitlines()


def _touch(tree: Path) -> None:
    # Git trusts the times in its index; so that it must compare, all differ.
    for parent, folders, names in tree.walk():
        folders[:] = [name for name in folders if name != ".git"]
        for name in names:
            before = (parent / name).stat()
            times = before.st_atime_ns, before.st_mtime_ns - 10**9
            os.utime(parent / name, ns=times)


def test_git_sees_nothing_after_checkout_update_and_restore(
    service: CheckoutService, upstream: Path
) -> None:
    done = service.checkout(ID, fingerprint=None)
    tree = service.directory(ID)
    assert status(tree) == []
    assert done.warning is not None
    assert done.warning.error == "outputs_kept"
    assert all(name in done.warning.message for name in KEPT)
    # Upstream goes on, with one more notebook that keeps its outputs.
    (upstream / "golden/new.ipynb").write_text(notebook("1", with_output=True))
    git(upstream, "add", ".")
    git(upstream, "commit", "-q", "-m", "more")
    (tree / "mine.txt").write_text("mine")
    done = service.checkout(ID, fingerprint=None)
    assert done.backup is not None
    assert status(tree) == []
    assert filter_setup.status(tree).left_alone == sorted(
        [*KEPT, "golden/new.ipynb"]
    )
    service.restore(ID, done.backup)
    assert status(tree) == ["?? mine.txt"]
    # The lab's image changed since the backup was made.
    git(tree, "config", "filter.rsp-health.process", "/gone/bin/python -I")
    backup = service.checkout(ID, fingerprint=None).backup
    assert backup is not None
    service.restore(ID, backup)
    assert status(tree) == ["?? mine.txt"]


@pytest.mark.parametrize("upstream", ["default", "strict"], indirect=True)
def test_the_users_git_works(
    service: CheckoutService, upstream: Path, tmp_path: Path
) -> None:
    service.checkout(ID, fingerprint=None)
    tree = service.directory(ID)
    # One file's commit holds that file.
    _touch(tree)
    (tree / "README.md").write_text("# Mine\n")
    git(tree, "commit", "-q", "-a", "-m", "readme")
    assert git(tree, "show", "--name-only", "--format=").split() == [
        "README.md"
    ]
    # What changed since HEAD: nothing, and then the notebook that did.
    assert changed_files([tree], "HEAD", scratch=tmp_path) == set()
    (tree / NAMES[1]).write_text(notebook("tried"))
    found = changed_files([tree], "HEAD", scratch=tmp_path)
    assert found == {tree / NAMES[1]}
    git(tree, "checkout", "-q", "--", ".")
    # A pull that brings a new version of a notebook, and one with outputs.
    (upstream / NAMES[0]).write_text(notebook("newer"))
    (upstream / "Neu é.ipynb").write_text(notebook("1", with_output=True))
    git(upstream, "add", ".")
    git(upstream, "commit", "-q", "-m", "newer")
    _touch(tree)
    git(tree, "pull", "-q", "--rebase")
    assert status(tree) == []
    # A branch that has other outputs, and back.
    git(tree, "fetch", "-q", "origin", "topic:topic")
    git(tree, "switch", "-q", "topic")
    assert status(tree) == []
    git(tree, "switch", "-q", "main")
    assert status(tree) == []
    # Work that is put aside, with outputs that git does not get to see.
    _touch(tree)
    (tree / "old.ipynb").write_text(
        notebook("work", minor=4, with_output=True)
    )
    git(tree, "stash", "-q")
    assert "secret" not in git(tree, "show", "stash:old.ipynb")
    assert status(tree) == []
    git(tree, "stash", "pop", "-q")
    assert status(tree) == ["M old.ipynb"]
    git(tree, "commit", "-q", "-a", "-m", "work")
    assert "secret" not in git(tree, "show", "HEAD:old.ipynb")
    # The work, on top of the other branch, and merged with it.
    _touch(tree)
    git(tree, "rebase", "-q", "topic")
    assert status(tree) == []
    git(tree, "switch", "-q", "--detach", "origin/main")
    git(tree, "merge", "-q", "--no-edit", "topic")
    assert status(tree) == []


@pytest.mark.parametrize("upstream", ["strict"], indirect=True)
def test_a_merge_that_stops_brings_no_change_of_its_own(
    service: CheckoutService, upstream: Path
) -> None:
    service.checkout(ID, fingerprint=None)
    tree = service.directory(ID)
    (tree / "README.md").write_text("# Mine\n")
    git(tree, "commit", "-q", "-a", "-m", "readme")
    (upstream / "README.md").write_text("# Theirs\n")
    (upstream / "more.ipynb").write_text(notebook("1", with_output=True))
    git(upstream, "add", ".")
    git(upstream, "commit", "-q", "-m", "theirs")
    git(tree, "fetch", "-q")
    with pytest.raises(subprocess.CalledProcessError):
        git(tree, "merge", "-q", "origin/main")
    _touch(tree)
    (tree / "README.md").write_text("# Both\n")
    git(tree, "commit", "-q", "-a", "-m", "both")
    assert status(tree) == []
    assert git(tree, "diff", "--name-only", "origin/main") == "README.md"

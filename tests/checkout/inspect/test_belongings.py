"""What git does not count as work, and is the user's all the same.

Whatever is not provably upstream's makes a backup; and what is upstream's is
not called the user's.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.faults.checkout.homes import FILE, git, notebook

if TYPE_CHECKING:
    from rsp_health.checkout.service import CheckoutService

ID = "system-test"

type Put = Callable[[Path], object]


def move_on(upstream: Path) -> None:
    (upstream / "nb4.ipynb").write_text(notebook("newer"))
    git(upstream, "commit", "-q", "-a", "-m", "newer")


def write(name: str, text: str = "my notes\n") -> Put:
    def put(tree: Path) -> None:
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    return put


def append(name: str) -> Put:
    def put(tree: Path) -> None:
        with (tree / name).open("a") as stream:
            stream.write("my notes\n")

    return put


def stage_and_forget(tree: Path) -> None:
    before = (tree / FILE).read_bytes()
    (tree / FILE).write_text(notebook("staged once"))
    git(tree, "add", FILE)
    (tree / FILE).write_bytes(before)
    git(tree, "add", FILE)


def drop_a_stash(tree: Path) -> None:
    (tree / FILE).write_text(notebook("stashed"))
    git(tree, "stash", "push", "-q")
    git(tree, "stash", "drop", "-q")


def lose_in_a_long_log(tree: Path) -> None:
    """A commit that only a line past the first megabytes knows."""
    old = git(tree, "rev-parse", "HEAD")
    git(tree, "commit", "-q", "--allow-empty", "-m", "mine")
    new = git(tree, "rev-parse", "HEAD")
    git(tree, "reset", "-q", "--hard", old)
    line = f"{old} {old} u <u@e.org> 1700000000 +0000\tcheckout: x\n"
    log = tree / ".git/logs/HEAD"
    text = log.read_text()
    log.write_text(line * 45_000 + text)
    (tree / ".git/ORIG_HEAD").unlink()
    for path in (tree / ".git/logs/refs/heads").iterdir():
        path.unlink()
    assert new in text


def mark(name: str) -> Put:
    def put(tree: Path) -> None:
        try:
            os.setxattr(tree / name, "user.comment", b"mine")
        except OSError:
            pytest.skip("this file system has no extended attributes")

    return put


PUTS: dict[str, Put] = {
    "a note between the objects": write(".git/objects/notes.txt"),
    "a note in a folder of objects": write(".git/objects/ab/notes.txt"),
    "a note between the packs": write(".git/objects/pack/notes.txt"),
    "other objects": write(".git/objects/info/alternates", "/srv/o\n"),
    "a note between the logs": write(".git/logs/notes.txt"),
    "a note in a log": append(".git/logs/HEAD"),
    "a note between the references": write(".git/refs/notes.txt"),
    "a note as a branch": write(".git/refs/heads/notes"),
    "a note in packed-refs": append(".git/packed-refs"),
    "a note in FETCH_HEAD": write(".git/FETCH_HEAD"),
    "a note in ORIG_HEAD": write(".git/ORIG_HEAD"),
    "a note of git-lfs": write(".git/lfs/notes.txt"),
    "an object of git-lfs": write(f".git/lfs/objects/aa/aa/{'a' * 64}"),
    "a commit message": write(".git/COMMIT_EDITMSG"),
    "an index under way": write(".git/index.lock"),
    "a hook": write(".git/hooks/pre-commit"),
    "a sample that is none": write(".git/hooks/pre-commit.sample"),
    "a file of any name": write(".git/mine.txt"),
    "a link between the logs": lambda tree: (
        tree / ".git/logs/mine"
    ).symlink_to("/srv"),
    "a version that was staged": stage_and_forget,
    "a stash that was dropped": drop_a_stash,
    "a commit in a long log": lose_in_a_long_log,
    "an attribute of a file": mark(FILE),
    "an attribute of a folder": mark("sub dir"),
    "an attribute of the tree": mark("."),
    "an attribute within .git": mark(".git/description"),
}


@pytest.mark.parametrize("name", PUTS)
def test_it_makes_a_backup(
    service: CheckoutService, tree: Path, upstream: Path, name: str
) -> None:
    if name.endswith("within .git"):
        (tree / ".git/description").touch()
        from rsp_health.checkout.inspect.provenance import accept_settings

        accept_settings(tree, ID)
    assert not service.inspect(ID).at_risk
    PUTS[name](tree)
    found = service.inspect(ID)
    assert found.at_risk
    move_on(upstream)
    assert service.checkout(ID, fingerprint=None).backup is not None


def test_what_git_does_by_itself_makes_none(
    service: CheckoutService, tree: Path, upstream: Path, home: Path
) -> None:
    """Fetch, pull, clean up, and make it a repository once more."""
    for _ in range(2):
        move_on(upstream)
        (upstream / "nb4.ipynb").write_text(notebook("and newer"))
        git(upstream, "commit", "-q", "-a", "-m", "and newer")
        git(tree, "pull", "-q", "--ff-only")
    git(tree, "init", "-q")
    assert list(tree.glob(".git/hooks/*.sample"))
    git(tree, "gc", "-q")
    git(tree, "status")
    move_on(upstream)
    found = service.inspect(ID)
    assert (found.changes, found.commits, found.objects) == ([], [], 0)
    assert not found.at_risk
    assert service.checkout(ID, fingerprint=None).backup is None


def test_a_branch_that_was_fetched_is_upstreams(
    service: CheckoutService, tree: Path, upstream: Path
) -> None:
    git(upstream, "checkout", "-q", "-b", "prod")
    for number in range(3):
        git(upstream, "commit", "-q", "--allow-empty", "-m", str(number))
    git(upstream, "tag", "-a", "v1", "-m", "one")
    git(upstream, "checkout", "-q", "main")
    git(tree, "fetch", "-q", "origin", "prod:prod", "tag", "v1")
    found = service.inspect(ID)
    assert (found.commits, found.branches) == ([], [])
    assert not found.at_risk
    # And when nobody can be asked any more but what git noted.
    upstream.rename(upstream.with_name("away"))
    assert not service.inspect(ID).at_risk
    upstream.with_name("away").rename(upstream)
    # Another fetch, and only the server still knows.
    git(tree, "fetch", "-q", "origin", "main")
    assert not service.inspect(ID).at_risk
    move_on(upstream)
    assert service.checkout(ID, fingerprint=None).backup is None


def test_a_commit_on_a_fetched_branch_is_the_users(
    service: CheckoutService, tree: Path, upstream: Path
) -> None:
    git(upstream, "branch", "prod")
    git(tree, "fetch", "-q", "origin", "prod:prod")
    git(tree, "checkout", "-q", "prod")
    git(tree, "commit", "-q", "--allow-empty", "-m", "mine")
    git(tree, "checkout", "-q", "main")
    found = service.inspect(ID)
    assert [commit.subject for commit in found.commits] == ["mine"]
    assert found.branches == ["prod"]


def test_what_was_pushed_and_forced_away_is_the_users(
    service: CheckoutService, tree: Path, upstream: Path
) -> None:
    """The log of origin's branch knows it, but no server has it."""
    old = git(upstream, "rev-parse", "HEAD")
    git(upstream, "checkout", "-q", "--detach")
    git(tree, "commit", "-q", "--allow-empty", "-m", "mine")
    git(tree, "push", "-q", "origin", "main")
    assert not service.inspect(ID).commits
    git(upstream, "branch", "-f", "main", old)
    git(upstream, "checkout", "-q", "main")
    git(tree, "fetch", "-q")
    git(tree, "reset", "-q", "--hard", old)
    found = service.inspect(ID)
    assert [commit.subject for commit in found.commits] == ["mine"]


class TestAHandMadeClone:
    """What stands there is no checkout of ours; it is judged as it is."""

    def clone(
        self, service: CheckoutService, upstream: Path, *options: str
    ) -> Path:
        tree = service.directory(ID)
        tree.parent.mkdir(parents=True)
        url = upstream.as_uri()
        git(tree.parent, "clone", "-q", *options, url, tree.name)
        return tree

    @pytest.mark.parametrize("kind", ["full", "shallow", "detached"])
    def test_unchanged(
        self, service: CheckoutService, upstream: Path, kind: str
    ) -> None:
        move_on(upstream)
        options = ["--depth=1"] if kind == "shallow" else []
        tree = self.clone(service, upstream, *options)
        if kind == "detached":
            git(tree, "checkout", "-q", "--detach")
        assert list(tree.glob(".git/hooks/*.sample"))
        found = service.inspect(ID)
        assert (found.state, found.at_risk) == ("foreign", True)
        assert found.changes == []
        assert (found.commits, found.branches, found.objects) == ([], [], 0)
        assert found.commit == git(upstream, "rev-parse", "HEAD")
        assert found.history is not None
        assert found.history.model_dump() == {
            "commits": 1 if kind == "shallow" else 2,
            "branch": None if kind == "detached" else "main",
            "shallow": kind == "shallow",
        }
        done = service.checkout(ID, fingerprint=found.fingerprint)
        assert done.backup is not None

    def test_with_work(self, service: CheckoutService, upstream: Path) -> None:
        tree = self.clone(service, upstream)
        (tree / FILE).write_text(notebook("mine"))
        (tree / "mine.txt").write_text("mine")
        git(tree, "checkout", "-q", "-b", "idea")
        git(tree, "commit", "-q", "--allow-empty", "-m", "mine")
        found = service.inspect(ID)
        assert {(c.kind, c.path) for c in found.changes} == {
            ("modified", FILE),
            ("added", "mine.txt"),
        }
        assert [commit.subject for commit in found.commits] == ["mine"]
        assert found.branches == ["idea"]
        (tree / "mine.txt").write_text("changed")
        assert service.inspect(ID).fingerprint != found.fingerprint

    def test_with_a_stash(
        self, service: CheckoutService, upstream: Path
    ) -> None:
        tree = self.clone(service, upstream)
        (tree / FILE).write_text(notebook("mine"))
        git(tree, "stash", "push", "-q")
        found = service.inspect(ID)
        assert (found.stashes, found.objects) == (1, 0)

    @pytest.mark.parametrize("put", [stage_and_forget, drop_a_stash])
    def test_with_what_no_commit_holds(
        self, service: CheckoutService, upstream: Path, put: Put
    ) -> None:
        put(self.clone(service, upstream))
        found = service.inspect(ID)
        assert (found.changes, found.commits, found.stashes) == ([], [], 0)
        assert found.objects > 0

    @pytest.mark.parametrize("how", ["forced away", "fetched"])
    def test_with_what_a_server_had(
        self, service: CheckoutService, upstream: Path, how: str
    ) -> None:
        tree = self.clone(service, upstream)
        old = git(upstream, "rev-parse", "HEAD")
        move_on(upstream)
        if how == "forced away":
            git(tree, "fetch", "-q")
        git(upstream, "update-ref", "refs/pull/1/head", "HEAD")
        git(upstream, "reset", "-q", "--hard", old)
        git(tree, "fetch", "-q")
        if how == "fetched":
            git(tree, "fetch", "-q", "origin", "refs/pull/1/head")
        found = service.inspect(ID)
        assert (found.commits, found.objects) == ([], 0)

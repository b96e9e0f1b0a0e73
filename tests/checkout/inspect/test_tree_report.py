"""What an inspection lists, and that it runs nothing of the tree's."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.checkout.inspect import changes as changes_module
from rsp_health.errors import ConflictError
from tests.checkout.indexes import change_in_secret
from tests.faults.checkout.homes import FILE, git, notebook, work_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rsp_health.checkout.models import Inspection
    from rsp_health.checkout.service import CheckoutService

ID = "system-test"


def changes(found: Inspection) -> set[tuple[str, str]]:
    return {(change.kind, change.path) for change in found.changes}


def test_nothing_is_there(service: CheckoutService, upstream: Path) -> None:
    found = service.inspect(ID)
    assert (found.state, found.at_risk) == ("absent", False)
    assert (found.changes, found.backup, found.commit) == ([], None, None)
    assert found.upstream_commit == git(upstream, "rev-parse", "HEAD")
    assert found.free_bytes


def test_unchanged(
    service: CheckoutService, tree: Path, upstream: Path
) -> None:
    found = service.inspect(ID)
    assert (found.state, found.at_risk) == ("present", False)
    assert found.changes == []
    head = git(upstream, "rev-parse", "HEAD")
    assert found.commit == found.base_commit == found.upstream_commit == head
    assert found.size_bytes
    again = service.inspect(ID)
    assert again.fingerprint == found.fingerprint


def test_every_kind_of_work(service: CheckoutService, tree: Path) -> None:
    work_in(tree)
    git(tree, "branch", "old-idea", "HEAD~1")
    found = service.inspect(ID)
    assert found.at_risk
    assert changes(found) == {
        ("modified", FILE),
        ("deleted", "nb0.ipynb"),
        ("added", "my notes.txt"),
        ("added", "sub dir/new/deep.txt"),
        ("added", "sub dir/.git"),
        ("ignored", "huge.log"),
    }
    assert [c.subject for c in found.commits] == ["mine"]
    assert found.commits[0].branch == "main"
    assert found.stashes == 1
    assert found.branches == ["old-idea"]
    assert (found.ignored_files, found.ignored_bytes) == (1, 60_000)
    assert found.backup is not None
    assert found.backup.startswith("system-test.backup-2")
    assert [c.kind for c in found.changes] == [
        "modified",
        "deleted",
        "added",
        "added",
        "added",
        "ignored",
    ]


@pytest.mark.parametrize(
    "change",
    [
        lambda tree: (tree / FILE).write_text("x"),
        lambda tree: (tree / "new.txt").write_text("x"),
        lambda tree: (tree / FILE).unlink(),
        lambda tree: (tree / "x.log").write_text("x"),
        lambda tree: (tree / FILE).chmod(0o755),
        lambda tree: git(tree, "commit", "-q", "--allow-empty", "-m", "x"),
        lambda tree: git(tree, "branch", "x"),
        lambda tree: git(tree, "tag", "x"),
        lambda tree: git(tree, "config", "user.email", "me@example.org"),
        lambda tree: (
            (tree / ".git/hooks").mkdir()
            or (tree / ".git/hooks/pre-commit").write_text("x")
        ),
        lambda tree: (tree / "link").symlink_to("nowhere"),
        lambda tree: git(tree, "init", "-q", "nested"),
    ],
)
def test_each_change_is_a_risk_and_changes_the_fingerprint(
    service: CheckoutService,
    tree: Path,
    change: Callable[[Path], Any],
) -> None:
    before = service.inspect(ID)
    change(tree)
    after = service.inspect(ID)
    assert not before.at_risk
    assert after.at_risk
    assert after.fingerprint != before.fingerprint
    with pytest.raises(ConflictError) as caught:
        service.checkout(ID, fingerprint=before.fingerprint)
    assert caught.value.code == "changed"


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_what_the_index_hides_is_found(
    service: CheckoutService, tree: Path, flag: str
) -> None:
    git(tree, "update-index", flag, FILE)
    (tree / FILE).write_text(notebook("hidden"))
    assert git(tree, "status", "--porcelain") == ""
    assert changes(service.inspect(ID)) == {("modified", FILE)}


def test_a_change_in_the_second_of_the_index(
    service: CheckoutService, tree: Path
) -> None:
    """Git reads files that are as young as the index again; so do we."""
    change_in_secret(tree, FILE, b"tap", b"TAP", index_age_s=0)
    assert ("modified", FILE) in changes(service.inspect(ID))


def test_commits_that_were_amended_away(
    service: CheckoutService, tree: Path
) -> None:
    git(tree, "commit", "-q", "--allow-empty", "-m", "lost and found")
    git(tree, "reset", "-q", "--hard", "HEAD~1")
    found = service.inspect(ID)
    assert [c.subject for c in found.commits] == ["lost and found"]
    assert found.at_risk


def test_commits_that_upstream_has_are_no_risk(
    service: CheckoutService, tree: Path, upstream: Path
) -> None:
    git(upstream, "commit", "-q", "--allow-empty", "-m", "theirs")
    git(tree, "pull", "-q", "--ff-only")
    found = service.inspect(ID)
    assert (found.commits, found.at_risk) == ([], False)
    assert found.commit == found.upstream_commit != found.base_commit


def test_another_origin_is_not_upstream(
    service: CheckoutService, tree: Path, tmp_path: Path
) -> None:
    git(tmp_path, "clone", "-q", str(tree), "fork")
    git(tmp_path / "fork", "commit", "-q", "--allow-empty", "-m", "forked")
    git(tree, "remote", "set-url", "origin", str(tmp_path / "fork"))
    git(tree, "pull", "-q", "--ff-only")
    found = service.inspect(ID)
    assert [c.subject for c in found.commits] == ["forked"]


def test_a_detached_head_on_a_commit_of_upstream(
    service: CheckoutService, tree: Path, upstream: Path
) -> None:
    git(tree, "checkout", "-q", "--detach")
    assert not service.inspect(ID).at_risk


def test_staged_changes_count(service: CheckoutService, tree: Path) -> None:
    (tree / FILE).write_text(notebook("staged"))
    git(tree, "add", FILE)
    git(tree, "rm", "-q", "--cached", "nb0.ipynb")
    (tree / "new.txt").write_text("x")
    git(tree, "add", "new.txt")
    found = changes(service.inspect(ID))
    assert ("modified", FILE) in found
    assert ("added", "new.txt") in found
    # The index that git reads again from the commit knows nb0 unchanged or
    # sees it removed; either way it is listed only if something is lost.
    assert {path for _, path in found} <= {FILE, "new.txt", "nb0.ipynb"}


def test_a_conflict_under_way(
    service: CheckoutService, tree: Path, upstream: Path
) -> None:
    (tree / FILE).write_text(notebook("mine"))
    git(tree, "commit", "-q", "-a", "-m", "mine")
    (upstream / FILE).write_text(notebook("theirs"))
    git(upstream, "commit", "-q", "-a", "-m", "theirs")
    git(tree, "fetch", "-q")
    with pytest.raises(Exception, match="merge"):
        git(tree, "merge", "origin/main")
    found = service.inspect(ID)
    assert ("modified", FILE) in changes(found)
    assert ("added", ".git/MERGE_HEAD") in changes(found)
    assert [c.subject for c in found.commits] == ["mine"]


def test_many_changes_are_counted(
    service: CheckoutService,
    tree: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(changes_module, "MAX_CHANGES", 5)
    for index in range(9):
        (tree / f"new{index}.txt").write_text("x")
    found = service.inspect(ID)
    assert (len(found.changes), found.changes_omitted) == (5, 4)


def test_odd_names_can_be_sent(service: CheckoutService, tree: Path) -> None:
    odd = [
        "line\nbreak.txt",
        "\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe",
        "\x1b[31mred",
        "<img src=x onerror=alert(1)>",
        '"quoted" name',
        "é",
        "n" * 255,
    ]
    for name in odd:
        (tree / name).write_text("x")
    bad = os.fsencode(tree) + b"/\xff\xfe"
    with open(bad, "w") as stream:  # noqa: PTH123 - bytes that are no text
        stream.write("x")
    found = service.inspect(ID)
    paths = {change.path for change in found.changes}
    assert paths == {*odd, "\ufffd\ufffd"}
    assert found.model_dump_json()


def test_a_foreign_folder_is_the_users(
    service: CheckoutService, home: Path
) -> None:
    folder = service.directory(ID)
    (folder / "deep").mkdir(parents=True)
    (folder / "deep/a.txt").write_text("x")
    git(folder, "init", "-q")
    found = service.inspect(ID)
    assert (found.state, found.at_risk) == ("foreign", True)
    assert ("added", "deep/a.txt") in changes(found)
    assert ("added", ".git/HEAD") in changes(found)


def test_an_empty_foreign_folder_is_no_risk(
    service: CheckoutService, home: Path
) -> None:
    service.directory(ID).mkdir(parents=True)
    found = service.inspect(ID)
    assert (found.state, found.at_risk) == ("foreign", False)


def test_a_copy_of_another_checkout_is_foreign(
    make: Callable[..., CheckoutService], tree: Path
) -> None:
    record = tree / ".git/rsp-health.json"
    record.write_text(record.read_text().replace(ID, "other"))
    assert make().inspect(ID).state == "foreign"


@pytest.mark.parametrize(
    "damage",
    [
        lambda tree: (tree / ".git/rsp-health.json").write_text("{"),
        lambda tree: (tree / ".git/HEAD").write_text("ref: refs/heads/no"),
        lambda tree: (tree / ".git/index").write_bytes(b"junk"),
        lambda tree: [p.unlink() for p in tree.glob(".git/objects/pack/*")],
        lambda tree: [
            p.chmod(0o644) or p.write_bytes(b"junk")
            for p in tree.glob(".git/objects/pack/*.pack")
        ],
    ],
)
def test_a_damaged_checkout_never_hides_work(
    service: CheckoutService,
    tree: Path,
    damage: Callable[[Path], Any],
) -> None:
    (tree / "mine.txt").write_text("work")
    damage(tree)
    found = service.inspect(ID)
    assert ("added", "mine.txt") in changes(found)
    operation = service.checkout(ID, fingerprint=found.fingerprint)
    assert operation.backup is not None
    kept = tree.with_name(f"system-test.backup-{operation.backup}")
    assert (kept / "mine.txt").read_text() == "work"
    assert not service.inspect(ID).at_risk


def test_upstream_out_of_reach_is_told(
    make: Callable[..., CheckoutService], tree: Path, upstream: Path
) -> None:
    upstream.rename(upstream.with_name("moved"))
    found = make().inspect(ID)
    assert found.upstream_commit is None
    assert found.upstream_error is not None
    assert found.upstream_error.error == "no_such_repository"
    assert not found.at_risk


def test_an_unknown_ref_is_told(service: CheckoutService) -> None:
    found = service.inspect(ID, ref="no-such-branch")
    assert found.upstream_error is not None
    assert found.upstream_error.error == "no_such_ref"


@pytest.mark.parametrize("kind", ["file", "link"])
def test_what_is_no_folder_is_refused(
    service: CheckoutService, home: Path, kind: str
) -> None:
    path = service.directory(ID)
    path.parent.mkdir(parents=True)
    if kind == "file":
        path.write_text("x")
    else:
        path.symlink_to(home)
    with pytest.raises(ConflictError) as caught:
        service.inspect(ID)
    assert caught.value.code == "not_a_folder"
    with pytest.raises(ConflictError):
        service.checkout(ID, fingerprint=None)
    assert path.is_symlink() or path.read_text() == "x"


def test_inspection_changes_nothing(
    service: CheckoutService, tree: Path
) -> None:
    work_in(tree)
    before = {
        path: path.lstat().st_mtime_ns for path in sorted(tree.rglob("*"))
    }
    service.inspect(ID)
    after = {
        path: path.lstat().st_mtime_ns for path in sorted(tree.rglob("*"))
    }
    assert after == before

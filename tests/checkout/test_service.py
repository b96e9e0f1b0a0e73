"""Check out, back up, restore, remove, reset, and look for updates."""

from __future__ import annotations

import os
import stat
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from rsp_health.checkout import updates as updates_module
from rsp_health.checkout.change import backups as backups_module
from rsp_health.checkout.models import Operation
from rsp_health.errors import (
    BadInputError,
    ConflictError,
    EnvironmentFailureError,
    NotFoundError,
)
from rsp_health.files import FileLock
from rsp_health.wire import utc_now
from tests.checkout.indexes import change_in_secret
from tests.faults.checkout.homes import FILE, git, notebook, work_in
from tests.faults.checkout.oracle import State, find_lost, is_fresh, read_tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rsp_health.checkout.service import CheckoutService

ID = "system-test"


def move_on(upstream: Path, text: str = "newer") -> str:
    (upstream / "nb4.ipynb").write_text(notebook(text))
    git(upstream, "commit", "-q", "-a", "-m", text)
    return git(upstream, "rev-parse", "HEAD")


def nothing_left_over(tree: Path) -> None:
    area = tree.parent / ".rsp-health"
    assert list(area.glob("tmp-*")) == []
    assert list((area / "journal").iterdir()) == []
    assert list((area / "locks").iterdir()) == []


class TestCheckout:
    def test_a_first_one(
        self, service: CheckoutService, home: Path, upstream: Path
    ) -> None:
        seen: list[Operation] = []
        done = service.checkout(
            ID,
            fingerprint=service.inspect(ID).fingerprint,
            on_progress=seen.append,
            operation_id="op1",
        )
        tree = service.directory(ID)
        assert is_fresh(home, upstream)
        assert done == Operation(
            id="op1",
            kind="checkout",
            repository=ID,
            state="done",
            phase="Done",
            percent=100,
            directory="notebooks/rsp-health/system-test",
            commit=git(upstream, "rev-parse", "HEAD"),
        )
        assert git(tree, "status", "--porcelain") == ""
        assert git(tree, "branch", "--show-current") == "main"
        percents = [o.percent for o in seen if o.percent is not None]
        assert percents == sorted(percents)
        assert seen[0].state == "running"
        assert seen[-1] == done
        nothing_left_over(tree)

    def test_the_record(
        self, service: CheckoutService, tree: Path, upstream: Path
    ) -> None:
        listed = service.list()
        assert listed.root == str(tree.parents[2])
        (item,) = listed.repositories
        assert item == service.repository(ID)
        assert (item.state, item.writable, item.backups) == (
            "present",
            True,
            0,
        )
        assert item.provenance is not None
        assert item.provenance.url == str(upstream)
        assert item.provenance.ref == "main"
        assert item.provenance.by == "u"
        assert item.provenance.commit == git(upstream, "rev-parse", "HEAD")
        age = utc_now() - item.provenance.checked_out_at
        assert timedelta(0) <= age < timedelta(minutes=5)

    def test_already_up_to_date(
        self, service: CheckoutService, tree: Path
    ) -> None:
        before = tree.stat().st_ino
        done = service.checkout(ID, fingerprint=None)
        assert done.up_to_date
        assert done.backup is None
        assert tree.stat().st_ino == before

    def test_work_becomes_a_backup(
        self,
        service: CheckoutService,
        tree: Path,
        home: Path,
        upstream: Path,
    ) -> None:
        work_in(tree)
        before = State.of(home)
        found = service.inspect(ID)
        done = service.checkout(ID, fingerprint=found.fingerprint)
        assert is_fresh(home, upstream)
        assert done.backup is not None
        after = State.of(home)
        assert find_lost(before, after) == []
        assert list(after.backups.values()) == [before.target]
        (backup,) = service.backups(ID).backups
        assert backup.id == done.backup
        assert backup.commit == found.commit
        assert backup.changes == found.changes
        assert backup.size_bytes == found.size_bytes
        nothing_left_over(tree)

    def test_an_unchanged_tree_leaves_no_backup(
        self,
        service: CheckoutService,
        tree: Path,
        home: Path,
        upstream: Path,
    ) -> None:
        commit = move_on(upstream)
        done = service.checkout(ID, fingerprint=None)
        assert (done.commit, done.backup) == (commit, None)
        assert is_fresh(home, upstream)
        assert service.backups(ID).backups == []
        nothing_left_over(tree)

    def test_a_save_during_the_clone_is_kept(
        self,
        service: CheckoutService,
        tree: Path,
        upstream: Path,
    ) -> None:
        """An unchanged tree may change until the very last moment."""
        move_on(upstream)

        def save(operation: Operation) -> None:
            if operation.phase == "Exchanging":
                (tree / FILE).write_text(notebook("saved late"))

        done = service.checkout(
            ID, fingerprint=service.inspect(ID).fingerprint, on_progress=save
        )
        assert done.backup is not None
        kept = tree.with_name(f"{tree.name}.backup-{done.backup}")
        assert "saved late" in (kept / FILE).read_text()

    def test_what_time_stamps_hide_is_kept(
        self, service: CheckoutService, tree: Path, upstream: Path
    ) -> None:
        """Same size, same times, same inode: only reading tells."""
        move_on(upstream)
        data = change_in_secret(tree, FILE, b"tap", b"TAP", index_age_s=60)
        assert git(tree, "status", "--porcelain") == ""
        assert not service.inspect(ID).at_risk
        done = service.checkout(ID, fingerprint=None)
        assert done.backup is not None
        kept = tree.with_name(f"{tree.name}.backup-{done.backup}")
        assert (kept / FILE).read_bytes() == data

    def test_a_foreign_folder(
        self, service: CheckoutService, home: Path, upstream: Path
    ) -> None:
        tree = service.directory(ID)
        tree.mkdir(parents=True)
        (tree / "mine.txt").write_text("mine")
        done = service.checkout(
            ID, fingerprint=service.inspect(ID).fingerprint
        )
        assert done.backup is not None
        kept = tree.with_name(f"{tree.name}.backup-{done.backup}")
        assert read_tree(kept).keys() == {"mine.txt"}
        assert is_fresh(home, upstream)

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write anything")
    def test_a_folder_that_may_not_be_written(
        self, service: CheckoutService
    ) -> None:
        parent = service.directory(ID).parent
        parent.mkdir(parents=True)
        parent.chmod(0o555)
        with pytest.raises(EnvironmentFailureError) as caught:
            service.checkout(ID, fingerprint=None)
        assert caught.value.code == "permission_denied"

    def test_an_old_read_only_checkout(
        self, service: CheckoutService, tree: Path, upstream: Path
    ) -> None:
        move_on(upstream)
        for path in (*tree.rglob("*"), tree):
            path.chmod(path.stat().st_mode & ~0o222)
        done = service.checkout(ID, fingerprint=None)
        assert done.state == "done"
        for path in (p for p in tree.rglob("*") if ".git/" not in str(p)):
            assert path.stat().st_mode & stat.S_IWUSR
        nothing_left_over(tree)

    @pytest.mark.skipif(os.geteuid() != 0, reason="git itself cannot then")
    def test_a_strange_umask(self, service: CheckoutService) -> None:
        before = os.umask(0o200)
        try:
            service.checkout(ID, fingerprint=None)
        finally:
            os.umask(before)
        path = service.directory(ID) / FILE
        assert path.stat().st_mode & stat.S_IWUSR

    @pytest.mark.parametrize("ref", ["dev", "v1", "users/x/feature"])
    def test_another_ref(
        self, service: CheckoutService, upstream: Path, ref: str
    ) -> None:
        git(upstream, "tag", "-a", "v1", "-m", "one")
        git(upstream, "branch", "users/x/feature")
        git(upstream, "checkout", "-q", "-b", "dev")
        commit = move_on(upstream) if ref == "dev" else None
        commit = commit or git(upstream, "rev-parse", f"{ref}^{{commit}}")
        done = service.checkout(ID, fingerprint=None, ref=ref)
        assert done.commit == commit
        found = service.inspect(ID, ref=ref)
        assert (found.at_risk, found.upstream_commit) == (False, commit)
        assert service.checkout(ID, fingerprint=None, ref=ref).up_to_date

    def test_a_commit(self, service: CheckoutService, upstream: Path) -> None:
        old = git(upstream, "rev-parse", "HEAD")
        move_on(upstream)
        done = service.checkout(ID, fingerprint=None, ref=old)
        assert done.commit == old
        assert not service.inspect(ID).at_risk

    @pytest.mark.parametrize("which", ["HEAD", "HEAD~1"])
    def test_a_short_commit(
        self, service: CheckoutService, upstream: Path, which: str
    ) -> None:
        """As we print them, for branches' tips and for others."""
        move_on(upstream)
        move_on(upstream, "and newer")
        commit = git(upstream, "rev-parse", which)
        assert service.inspect(ID, ref=commit[:7]).upstream_error is None
        done = service.checkout(ID, fingerprint=None, ref=commit[:7])
        assert done.commit == commit
        found = service.inspect(ID, ref=commit[:7])
        assert (found.at_risk, found.upstream_commit) == (False, commit)
        again = service.checkout(ID, fingerprint=None, ref=commit[:7])
        assert again.up_to_date
        assert not service.updates(ID).available

    def test_a_branch_that_looks_like_a_commit(
        self, service: CheckoutService, upstream: Path
    ) -> None:
        old = git(upstream, "rev-parse", "HEAD")
        new = move_on(upstream)
        git(upstream, "branch", old[:7], new)
        done = service.checkout(ID, fingerprint=None, ref=old[:7])
        assert done.commit == new

    @pytest.mark.parametrize(
        ("ref", "code"),
        [
            ("nope", "no_such_ref"),
            ("0" * 40, "no_such_ref"),
            ("0" * 7, "no_such_ref"),
        ],
    )
    def test_no_such_ref(
        self, service: CheckoutService, tree: Path, ref: str, code: str
    ) -> None:
        work_in(tree)
        before = read_tree(tree)
        with pytest.raises(NotFoundError) as caught:
            service.checkout(ID, fingerprint=None, ref=ref)
        assert caught.value.code == code
        assert read_tree(tree) == before
        nothing_left_over(tree)

    def test_an_option_is_no_ref(self, service: CheckoutService) -> None:
        with pytest.raises(BadInputError) as caught:
            service.checkout(ID, fingerprint=None, ref="--upload-pack=id")
        assert caught.value.code == "bad_ref"

    def test_an_unknown_repository(self, service: CheckoutService) -> None:
        with pytest.raises(NotFoundError) as caught:
            service.checkout("nope", fingerprint=None)
        assert "system-test" in caught.value.hint

    def test_an_empty_repository(
        self, make: Callable[..., CheckoutService], tmp_path: Path
    ) -> None:
        git(tmp_path, "init", "-q", "-b", "main", "empty")
        service = make(url=str(tmp_path / "empty"))
        with pytest.raises(NotFoundError) as caught:
            service.checkout(ID, fingerprint=None)
        assert caught.value.code == "no_such_ref"

    def test_a_bundle(
        self,
        make: Callable[..., CheckoutService],
        upstream: Path,
        tmp_path: Path,
        home: Path,
    ) -> None:
        bundle = tmp_path / "mirror.bundle"
        git(upstream, "bundle", "create", str(bundle), "--all")
        service = make(url=str(bundle))
        service.checkout(ID, fingerprint=None)
        assert is_fresh(home, upstream)
        assert service.updates(ID).message.startswith("Already up to date")

    def test_a_file_url(
        self,
        make: Callable[..., CheckoutService],
        upstream: Path,
        home: Path,
    ) -> None:
        make(url=f"file://{upstream}").checkout(ID, fingerprint=None)
        assert is_fresh(home, upstream)

    @pytest.mark.parametrize(
        "phase",
        ["Looking at what is there", "Receiving objects", "Exchanging"],
    )
    def test_cancelling(
        self,
        service: CheckoutService,
        tree: Path,
        upstream: Path,
        phase: str,
    ) -> None:
        move_on(upstream)
        work_in(tree)
        before = read_tree(tree)
        cancel = threading.Event()
        seen: list[Operation] = []

        def watch(operation: Operation) -> None:
            seen.append(operation)
            if operation.phase == phase:
                cancel.set()

        done = service.checkout(
            ID, fingerprint=None, cancel=cancel, on_progress=watch
        )
        assert done.state == seen[-1].state == "cancelled"
        assert read_tree(tree) == before
        assert service.backups(ID).backups == []
        nothing_left_over(tree)
        assert service.checkout(ID, fingerprint=None).state == "done"

    def test_a_failure_is_told_and_changes_nothing(
        self, service: CheckoutService, tree: Path, upstream: Path
    ) -> None:
        work_in(tree)
        before = read_tree(tree)
        upstream.rename(upstream.with_name("moved"))
        seen: list[Operation] = []
        with pytest.raises(NotFoundError) as caught:
            service.checkout(ID, fingerprint=None, on_progress=seen.append)
        assert seen[-1].state == "failed"
        assert seen[-1].error is not None
        assert seen[-1].error.error == caught.value.code
        assert caught.value.code == "no_such_repository"
        assert read_tree(tree) == before
        nothing_left_over(tree)

    def test_no_space(
        self,
        service: CheckoutService,
        tree: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        work_in(tree)
        monkeypatch.setattr(
            "rsp_health.checkout.change.clone._MIN_BYTES", 1 << 60
        )
        with pytest.raises(EnvironmentFailureError) as caught:
            service.checkout(ID, fingerprint=None)
        assert caught.value.code == "disk_full"
        assert "B are free" in caught.value.message

    def test_locked(self, service: CheckoutService, tree: Path) -> None:
        lock = tree.parent / ".rsp-health/locks/system-test"
        with (
            FileLock(lock, action="restore"),
            pytest.raises(ConflictError) as caught,
        ):
            service.checkout(ID, fingerprint=None)
        assert caught.value.code == "locked"
        assert caught.value.message.startswith(
            f"The folder system-test is locked by process {os.getpid()} on"
        )

    @pytest.mark.usefixtures("tree")
    def test_who_else_works_there(
        self, service: CheckoutService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What this server itself does is told as its operation."""
        pid = os.getpid()
        with service._find(ID).slot.lock("restore"):
            assert service.repository(ID).locked_by is None
            with monkeypatch.context() as patch:
                patch.setattr("rsp_health.files.locks.os.getpid", lambda: 1)
                owner = service.repository(ID).locked_by
            assert owner is not None
            assert (owner.pid, owner.action) == (pid, "restore")
        assert service.repository(ID).locked_by is None

    def test_a_lost_lock_stops_the_exchange(
        self, service: CheckoutService, tree: Path
    ) -> None:
        work_in(tree)
        before = read_tree(tree)
        lock = tree.parent / ".rsp-health/locks/system-test"

        def steal(operation: Operation) -> None:
            if operation.phase == "Exchanging":
                lock.unlink()

        with pytest.raises(ConflictError) as caught:
            service.checkout(ID, fingerprint=None, on_progress=steal)
        assert caught.value.code == "locked"
        assert read_tree(tree) == before

    def test_how_far_upstream_is_ahead(
        self, service: CheckoutService, upstream: Path
    ) -> None:
        assert service.inspect(ID).behind is None
        service.checkout(ID, fingerprint=None)
        assert service.inspect(ID).behind == 0
        move_on(upstream)
        move_on(upstream, "newest")
        assert service.inspect(ID).behind == 2
        upstream.rename(upstream.with_name("gone"))
        found = service.inspect(ID)
        assert (found.behind, found.upstream_commit) == (None, None)
        assert found.upstream_error is not None


class TestBackups:
    def test_restore_and_back(
        self, service: CheckoutService, tree: Path
    ) -> None:
        work_in(tree)
        mine = read_tree(tree)
        first = service.checkout(ID, fingerprint=None)
        (tree / "later.txt").write_text("later")
        later = read_tree(tree)
        assert first.backup is not None
        done = service.restore(ID, first.backup)
        assert (done.kind, done.state) == ("restore", "done")
        assert read_tree(tree) == mine
        assert done.backup is not None
        assert done.backup != first.backup
        assert [b.id for b in service.backups(ID).backups] == [done.backup]
        service.restore(ID, done.backup)
        assert read_tree(tree) == later
        nothing_left_over(tree)

    def test_restore_where_nothing_stands(
        self, service: CheckoutService, tree: Path
    ) -> None:
        before = read_tree(tree)
        removed = service.remove(ID)
        assert removed.backup is not None
        assert not tree.exists()
        done = service.restore(ID, removed.backup)
        assert done.backup is None
        assert read_tree(tree) == before
        assert service.repository(ID).state == "present"

    @pytest.mark.parametrize(
        "backup", ["", "nope", "../x", "20260101T000000Z", "..", "x/y"]
    )
    def test_no_such_backup(
        self, service: CheckoutService, tree: Path, backup: str
    ) -> None:
        with pytest.raises(NotFoundError) as caught:
            service.restore(ID, backup)
        assert caught.value.code == "no_such_backup"
        with pytest.raises(NotFoundError):
            service.remove_backup(ID, backup)
        assert tree.exists()

    def test_a_link_is_no_backup(
        self, service: CheckoutService, tree: Path, home: Path
    ) -> None:
        tree.with_name("system-test.backup-20260101T000000Z").symlink_to(home)
        assert service.backups(ID).backups == []
        with pytest.raises(NotFoundError):
            service.restore(ID, "20260101T000000Z")

    @pytest.mark.usefixtures("tree")
    def test_remove_keeps_even_an_unchanged_tree(
        self, service: CheckoutService
    ) -> None:
        done = service.remove(ID)
        assert done.backup is not None
        assert service.repository(ID).state == "absent"
        with pytest.raises(NotFoundError) as caught:
            service.remove(ID)
        assert caught.value.code == "not_checked_out"

    def test_removing_one_for_good(
        self, service: CheckoutService, tree: Path
    ) -> None:
        done = service.remove(ID)
        assert done.backup is not None
        assert service.remove_backup(ID, done.backup).backups == []
        assert sorted(p.name for p in tree.parent.iterdir()) == [".rsp-health"]
        assert list((tree.parent / ".rsp-health/backups").iterdir()) == []

    def test_the_cost_and_what_has_expired(
        self, service: CheckoutService, tree: Path
    ) -> None:
        stamps = [
            (utc_now() - timedelta(days=days)).strftime("%Y%m%dT%H%M%SZ")
            for days in (1, 40, 50, 60, 70)
        ]
        for stamp in stamps:
            folder = tree.with_name(f"system-test.backup-{stamp}")
            folder.mkdir()
            (folder / "a").write_bytes(b"x" * 1000)
        found = service.backups(ID)
        assert found.size_bytes == 5000
        assert [b.id for b in found.backups] == stamps
        assert [b.expired for b in found.backups] == [
            False,
            False,
            False,
            True,
            True,
        ]
        assert backups_module.KEPT_NUMBER == 3

    def test_only_the_expired_are_pruned(
        self, service: CheckoutService, tree: Path
    ) -> None:
        stamps = [
            (utc_now() - timedelta(days=days)).strftime("%Y%m%dT%H%M%SZ")
            for days in (1, 40, 50, 60, 70)
        ]
        for stamp in stamps:
            folder = tree.with_name(f"system-test.backup-{stamp}")
            folder.mkdir()
            (folder / "a").write_text(stamp)
        kept = service.prune_backups(ID, [*stamps[:4], "../x", "20200101"])
        assert [b.id for b in kept.backups] == [*stamps[:3], stamps[4]]
        assert not tree.with_name(f"system-test.backup-{stamps[3]}").exists()
        assert service.prune_backups(ID, []).backups == kept.backups
        nothing_left_over(tree)

    def test_two_in_one_second(
        self,
        service: CheckoutService,
        tree: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        now = utc_now()
        monkeypatch.setattr(backups_module, "utc_now", lambda: now)
        names = set()
        for index in range(3):
            (tree / f"{index}.txt").write_text("x")
            names.add(service.checkout(ID, fingerprint=None).backup)
        assert len(names) == 3
        assert len(service.backups(ID).backups) == 3


class TestReset:
    def test_one_notebook(
        self, service: CheckoutService, tree: Path, upstream: Path
    ) -> None:
        work_in(tree)
        before = read_tree(tree)
        done = service.reset(ID, FILE)
        assert (done.kind, done.path) == ("reset", FILE)
        assert (tree / FILE).read_bytes() == (upstream / FILE).read_bytes()
        after = read_tree(tree)
        assert before.pop(FILE) != after.pop(FILE)
        assert after == before
        (backup,) = service.backups(ID).backups
        assert (backup.id, backup.kind) == (done.backup, "files")
        assert [change.path for change in backup.changes] == [FILE]
        nothing_left_over(tree)

    def test_and_back(self, service: CheckoutService, tree: Path) -> None:
        (tree / FILE).write_text(notebook("mine"))
        done = service.reset(ID, FILE)
        assert done.backup is not None
        back = service.restore(ID, done.backup)
        assert (tree / FILE).read_text() == notebook("mine")
        assert back.backup is not None
        assert service.restore(ID, back.backup).backup is not None
        assert (tree / FILE).read_text() != notebook("mine")

    def test_a_committed_change(
        self, service: CheckoutService, tree: Path, upstream: Path
    ) -> None:
        """From what was checked out, never from the user's commits."""
        (tree / FILE).write_text(notebook("mine"))
        git(tree, "commit", "-q", "-a", "-m", "mine")
        service.reset(ID, FILE)
        assert (tree / FILE).read_bytes() == (upstream / FILE).read_bytes()

    def test_a_deleted_file(
        self, service: CheckoutService, tree: Path, upstream: Path
    ) -> None:
        path = "sub dir/é ñ.ipynb"
        (tree / path).unlink()
        (tree / "sub dir").rmdir()
        done = service.reset(ID, path)
        assert done.backup is None
        assert (tree / path).read_bytes() == (upstream / path).read_bytes()
        assert not service.inspect(ID).at_risk

    def test_restoring_a_file_that_is_gone(
        self, service: CheckoutService, tree: Path
    ) -> None:
        (tree / FILE).write_text(notebook("mine"))
        done = service.reset(ID, FILE)
        (tree / FILE).unlink()
        assert done.backup is not None
        assert service.restore(ID, done.backup).backup is None
        assert (tree / FILE).read_text() == notebook("mine")
        assert service.backups(ID).backups == []

    @pytest.mark.usefixtures("tree")
    def test_an_unchanged_file(self, service: CheckoutService) -> None:
        done = service.reset(ID, FILE)
        assert (done.up_to_date, done.backup) == (True, None)
        assert service.backups(ID).backups == []

    @pytest.mark.parametrize(
        ("path", "code"),
        [
            ("nope.ipynb", "not_upstream"),
            ("../x", "outside_root"),
            ("/etc/passwd", "outside_root"),
            (".git/config", "bad_path"),
            (".GIT/config", "bad_path"),
            ("sub dir", "bad_path"),
            ("", "bad_path"),
            (".", "bad_path"),
            ("link/x", "outside_root"),
            ("inner/é ñ.ipynb", "bad_path"),
            ("--stdin", "not_upstream"),
            (":(top)tap.ipynb", "not_upstream"),
            ("*.ipynb", "not_upstream"),
        ],
    )
    def test_what_is_refused(
        self, service: CheckoutService, tree: Path, path: str, code: str
    ) -> None:
        (tree / "link").symlink_to("/etc")
        (tree / "inner").symlink_to("sub dir")
        before = read_tree(tree)
        with pytest.raises((BadInputError, NotFoundError)) as caught:
            service.reset(ID, path)
        assert caught.value.code == code
        assert read_tree(tree) == before
        nothing_left_over(tree)

    def test_a_foreign_folder_is_not_ours(
        self, service: CheckoutService
    ) -> None:
        service.directory(ID).mkdir(parents=True)
        with pytest.raises(ConflictError) as caught:
            service.reset(ID, FILE)
        assert caught.value.code == "not_ours"


class TestUpdates:
    @pytest.mark.usefixtures("tree")
    def test_up_to_date_and_behind(
        self, service: CheckoutService, upstream: Path
    ) -> None:
        found = service.updates(ID)
        short = found.commit[:7]
        assert found.message == f"Already up to date ({short})"
        assert not found.available
        move_on(upstream, "one")
        newest = move_on(upstream, "two")
        again = service.updates(ID)  # asked a moment ago
        assert again.model_dump_json() == found.model_dump_json()
        found = service.updates(ID, refresh=True)
        assert found.available
        assert (found.upstream_commit, found.behind) == (newest, 2)
        assert found.message == (
            f"Updates available ({short} to {newest[:7]}, 2 commits ahead)"
        )

    @pytest.mark.usefixtures("tree")
    def test_asked_again_after_hours(
        self,
        service: CheckoutService,
        upstream: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        service.updates(ID)
        move_on(upstream)
        later = utc_now() + updates_module.UPDATE_INTERVAL
        monkeypatch.setattr(updates_module, "utc_now", lambda: later)
        assert service.updates(ID).available

    @pytest.mark.usefixtures("tree")
    def test_offline(self, service: CheckoutService, upstream: Path) -> None:
        upstream.rename(upstream.with_name("moved"))
        found = service.updates(ID)
        assert found.error is not None
        assert found.error.error == "no_such_repository"
        assert found.message.startswith("Cannot tell")
        # A server that is down is not asked by each panel that opens.
        upstream.with_name("moved").rename(upstream)
        assert service.updates(ID).error is not None
        assert service.updates(ID, refresh=True).error is None
        assert service.updates(ID).error is None

    def test_a_branch_that_is_gone(
        self, service: CheckoutService, upstream: Path
    ) -> None:
        git(upstream, "branch", "short-lived")
        service.checkout(ID, fingerprint=None, ref="short-lived")
        git(upstream, "branch", "-D", "short-lived")
        found = service.updates(ID)
        assert found.error is not None
        assert found.error.error == "no_such_ref"

    def test_nothing_checked_out(self, service: CheckoutService) -> None:
        with pytest.raises(NotFoundError) as caught:
            service.updates(ID)
        assert caught.value.code == "not_checked_out"

    def test_refs(
        self, make: Callable[..., CheckoutService], upstream: Path
    ) -> None:
        git(upstream, "branch", "alpha")
        git(upstream, "tag", "-a", "v1", "-m", "one")
        git(upstream, "tag", "v2")
        head = git(upstream, "rev-parse", "HEAD")
        service = make(
            variables={"AUTO_REPO_SPECS": f"{upstream}@prod"},
        )
        found = service.refs(ID)
        assert (found.default, found.suggested) == ("main", "prod")
        assert [(r.name, r.commit) for r in found.branches] == [
            ("main", head),
            ("alpha", head),
        ]
        assert [(r.name, r.commit) for r in found.tags] == [
            ("v2", head),
            ("v1", head),
        ]

"""What git does not list, and what could still be lost with it.

Each case was a loss once. The oracle is always the same: after a refresh the
user's bytes are still somewhere below the home.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.checkout.inspect.survey import survey
from rsp_health.checkout.service import CheckoutService
from rsp_health.errors import BadInputError, ConflictError, RSPHealthError
from rsp_health.files import locks, renames
from tests.faults.checkout.homes import git

if TYPE_CHECKING:
    from rsp_health.checkout.models import Operation

ID = "system-test"
FILE = "nb4.ipynb"
MINE = b'{"cells": [], "metadata": {"mine": "precious"}, "nbformat": 4}'

type Make = Callable[..., CheckoutService]


def update(upstream: Path, name: str = "news.txt", text: str = "n") -> None:
    (upstream / name).write_text(text)
    git(upstream, "add", "-A", "-f")
    git(upstream, "commit", "-q", "-m", "news")


def is_kept(home: Path, content: bytes) -> bool:
    return any(
        content in path.read_bytes()
        for path in home.rglob("*")
        if path.is_file() and not path.is_symlink()
    )


def refresh(service: CheckoutService, upstream: Path) -> str | None:
    update(upstream)
    found = service.inspect(ID)
    return service.checkout(ID, fingerprint=found.fingerprint).backup


def test_a_repository_within_a_tracked_folder(
    service: CheckoutService, tree: Path, upstream: Path, home: Path
) -> None:
    inner = tree / "sub"
    inner.mkdir(exist_ok=True)
    (inner / "tracked.txt").write_text("x")
    update(upstream, "sub-tracked", "x")
    git(inner, "init", "-q")
    git(inner, "commit", "-q", "--allow-empty", "-m", "my thesis")
    (inner / "tracked.txt").unlink()
    found = service.inspect(ID)
    assert "sub/.git" in {change.path for change in found.changes}
    assert refresh(service, upstream) is not None
    assert is_kept(home, b"my thesis")


def test_a_folder_that_cannot_be_read(
    service: CheckoutService,
    tree: Path,
    upstream: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    private = tree / "private"
    private.mkdir()
    (private / "mine.txt").write_bytes(MINE)
    private.chmod(0)
    # For root every folder can be read, by git as by us.
    (tree / ".git/info").mkdir(exist_ok=True)
    (tree / ".git/info/exclude").write_text("private\n")
    accept(service)
    scandir = os.scandir

    def refuse(path: Any = ".") -> Any:
        if str(path).rstrip("/").endswith("/private"):
            raise PermissionError(13, "denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert "private/" in survey(tree).unreadable
    assert service.inspect(ID).at_risk
    assert refresh(service, upstream) is not None
    monkeypatch.undo()
    for path in home.rglob("private"):
        path.chmod(0o700)
    assert is_kept(home, MINE)


def accept(service: CheckoutService) -> None:
    from rsp_health.checkout.inspect.provenance import accept_settings

    accept_settings(service.directory(ID), ID)


WORKER = """
import sys
print("there", flush=True)
sys.stdin.readline()
open("result.csv", "w").write("hours of work")
"""


def test_a_process_that_is_about_to_write(
    service: CheckoutService, tree: Path, upstream: Path, home: Path
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER],
        cwd=tree,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    found = service.inspect(ID)
    assert [f"({process.pid})" in text for text in found.processes] == [True]
    assert found.at_risk
    assert refresh(service, upstream) is not None
    process.communicate("go\n")
    assert process.returncode == 0
    assert is_kept(home, b"hours of work")
    assert not service.inspect(ID).processes


def test_a_linked_work_tree_is_told_and_lives_again_after_a_restore(
    service: CheckoutService, tree: Path, upstream: Path, home: Path
) -> None:
    linked = home / "fix é"
    git(tree, "worktree", "add", "-q", "--detach", os.fspath(linked))
    found = service.inspect(ID)
    assert found.worktrees == [os.fspath(linked)]
    assert not found.changes
    assert found.at_risk
    (linked / "mine.txt").write_bytes(MINE)
    git(linked, "add", "mine.txt")
    # What is staged there is in the repository, and moves with it.
    assert service.inspect(ID).fingerprint != found.fingerprint
    backup = refresh(service, upstream)
    assert backup is not None
    assert not service.inspect(ID).worktrees
    assert (linked / "mine.txt").read_bytes() == MINE
    service.restore(ID, Path(backup).name)
    assert git(linked, "status", "--porcelain").strip() == "A  mine.txt"


def test_what_is_only_staged_beside_a_hidden_entry(
    service: CheckoutService, tree: Path, upstream: Path, home: Path
) -> None:
    before = (tree / FILE).read_bytes()
    (tree / FILE).write_bytes(MINE)
    git(tree, "add", FILE)
    (tree / FILE).write_bytes(before)
    git(tree, "update-index", "--assume-unchanged", "nb1.ipynb")
    found = service.inspect(ID)
    assert ".git/index" in {change.path for change in found.changes}
    backup = refresh(service, upstream)
    assert backup is not None
    kept = tree.with_name(f"{tree.name}.backup-{backup}")
    assert git(kept, "show", f":{FILE}").encode() == MINE


class TestBackupsOfFiles:
    """A folder with a marker, which is no tree."""

    def backup(self, service: CheckoutService, tree: Path) -> str:
        (tree / FILE).write_bytes(MINE)
        done = service.reset(ID, FILE)
        assert done.backup is not None
        return done.backup

    def test_a_repository_with_a_marker_of_its_own(
        self, make: Make, upstream: Path
    ) -> None:
        marker = {"schema": "rsp-health.backup/1", "files": []}
        update(upstream, ".rsp-health-backup.json", json.dumps(marker))
        service = make()
        service.checkout(ID, fingerprint=None)
        tree = service.directory(ID)
        (tree / "mine.txt").write_bytes(MINE)
        backup = refresh(service, upstream)
        assert backup is not None
        service.restore(ID, backup)
        assert (tree / "mine.txt").read_bytes() == MINE
        with pytest.raises(BadInputError):
            service.reset(ID, ".rsp-health-backup.json")

    def test_what_the_user_puts_there(
        self, service: CheckoutService, tree: Path, home: Path
    ) -> None:
        backup = self.backup(service, tree)
        folder = tree.with_name(f"{tree.name}.backup-{backup}")
        (folder / "notes.txt").write_text("my notes")
        (tree / FILE).unlink()
        service.restore(ID, backup)
        assert (tree / FILE).read_bytes() == MINE
        assert is_kept(home, b"my notes")

    @pytest.mark.parametrize("step", range(1, 7))
    @pytest.mark.parametrize("how", ["error", "kill"])
    @pytest.mark.parametrize("what", ["reset", "restore"])
    def test_a_file_system_that_cannot_exchange(
        self,
        service: CheckoutService,
        tree: Path,
        home: Path,
        monkeypatch: pytest.MonkeyPatch,
        step: int,
        how: str,
        what: str,
    ) -> None:
        # NFS: no RENAME_EXCHANGE, no RENAME_NOREPLACE.
        monkeypatch.setattr(renames, "_rename", lambda *_: False)
        original = (tree / FILE).read_bytes()
        backup = ""
        if what == "restore":
            backup = self.backup(service, tree)
            (tree / FILE).write_bytes(b"newer work")
        else:
            (tree / FILE).write_bytes(MINE)
        with monkeypatch.context() as patch:
            Faults(patch, step=step, lasting=how == "kill")
            # Whether it fails or not, what is left is judged.
            with contextlib.suppress(RSPHealthError, OSError):
                if what == "reset":
                    service.reset(ID, FILE)
                else:
                    service.restore(ID, backup)
        assert is_kept(home, MINE)
        assert what == "reset" or is_kept(home, b"newer work")
        # The next command of any kind puts it right.
        service.recover()
        assert (tree / FILE).is_file()
        assert (tree / FILE).read_bytes() in (original, MINE, b"newer work")
        kept = [p for p in home.rglob("rsp-health-kept-*") if p.is_file()]
        assert not kept
        assert is_kept(home, MINE)
        assert what == "reset" or is_kept(home, b"newer work")
        for one in service.backups(ID).backups:
            service.restore(ID, one.id)
            assert is_kept(home, MINE)


class Faults:
    """Lets the n-th link, unlink or rename of a file fail, or all from it."""

    def __init__(
        self, patch: pytest.MonkeyPatch, *, step: int, lasting: bool
    ) -> None:
        self._left = step
        self._lasting = lasting
        patch.setattr(os, "link", self._wrap(os.link))
        patch.setattr(Path, "rename", self._wrap(Path.rename))
        patch.setattr(Path, "unlink", self._wrap(Path.unlink))

    def _wrap(self, theirs: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            if any(FILE in str(a) or "kept-" in str(a) for a in arguments):
                self._left -= 1
                if self._left == 0 or (self._lasting and self._left < 0):
                    raise OSError(5, "fault")
            return theirs(*arguments, **options)

        return call


def test_a_link_to_a_folder_elsewhere_keeps_its_mode(
    service: CheckoutService,
    tree: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from rsp_health.checkout.change import exchange as swap

    project = home / "project"
    project.mkdir(mode=0o775)
    project.chmod(0o2775)
    (tree / "shared").symlink_to(project)
    backup = service.remove(ID).backup
    assert backup is not None
    # As if nothing could be deleted at first.
    monkeypatch.setattr(swap, "_delete", lambda _: None)
    service.remove_backup(ID, backup)
    assert project.stat().st_mode & 0o7777 == 0o2775


def test_odd_names_beside_a_checkout_are_no_backups(
    service: CheckoutService, tree: Path
) -> None:
    for stamp in ("20261399T000000Z", "²0260101T000000Z"):
        tree.with_name(f"{tree.name}.backup-{stamp}").mkdir()
    assert service.backups(ID).backups == []


@pytest.mark.parametrize("since", ["abc", 1e30, None])
def test_an_odd_lock_is_no_bug(
    service: CheckoutService, tree: Path, since: Any
) -> None:
    lock = tree.parent / ".rsp-health/locks" / tree.name
    lock.write_text(
        json.dumps(
            {
                "process": {
                    "host": "h",
                    "boot_id": "b",
                    "pid_namespace": 1,
                    "pid": 1,
                    "start_ticks": 1,
                },
                "since": since,
                "action": "checkout",
                "token": "0",
            }
        )
    )
    assert service.list().repositories[0].id == ID


def test_a_tree_deeper_than_a_stack(tmp_path: Path) -> None:
    from rsp_health.checkout.change.exchange import remove_tree

    top = tmp_path / "deep"
    top.mkdir()
    here = os.open(".", os.O_RDONLY)
    try:
        os.chdir(top)
        for _ in range(1500):
            Path("d").mkdir()
            os.chdir("d")
    finally:
        os.fchdir(here)
        os.close(here)
    remove_tree(top)
    assert not top.exists()


def test_a_repository_of_sha256(
    make: Make, tmp_path: Path, upstream: Path
) -> None:
    modern = tmp_path / "modern"
    modern.mkdir()
    git(modern, "init", "-q", "-b", "main", "--object-format=sha256")
    (modern / "a.txt").write_text("a")
    git(modern, "add", ".")
    git(modern, "commit", "-q", "-m", "one")
    service = make(url=str(modern))
    service.checkout(ID, fingerprint=None)
    found = service.inspect(ID)
    assert (found.state, found.at_risk) == ("present", False)
    assert service.checkout(ID, fingerprint=None).up_to_date


class TestAFullDisk:
    """Deleting a backup is how a user makes room."""

    @pytest.fixture
    def full(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object) -> bool:
            raise OSError(errno.ENOSPC, "full")

        monkeypatch.setattr(locks, "_create", refuse)

    def test_a_backup_can_be_deleted(
        self,
        service: CheckoutService,
        tree: Path,
        request: pytest.FixtureRequest,
    ) -> None:
        backup = service.remove(ID).backup
        assert backup is not None
        request.getfixturevalue("full")
        assert service.remove_backup(ID, backup).backups == []
        assert not list(tree.parent.glob("*.backup-*"))

    def test_but_not_while_another_works_there(
        self,
        service: CheckoutService,
        tree: Path,
        request: pytest.FixtureRequest,
    ) -> None:
        backup = service.remove(ID).backup
        assert backup is not None
        lock = tree.parent / ".rsp-health/locks" / tree.name
        with locks.FileLock(lock, action="restore"):
            request.getfixturevalue("full")
            with pytest.raises(ConflictError) as caught:
                service.remove_backup(ID, backup)
        assert caught.value.code == "locked"
        assert list(tree.parent.glob("*.backup-*"))


def test_work_done_while_the_clone_was_made(
    service: CheckoutService, tree: Path, upstream: Path
) -> None:
    update(upstream)
    found = service.inspect(ID)

    def work(operation: Operation) -> None:
        if operation.percent:
            (tree / "just now.txt").write_bytes(MINE)

    with pytest.raises(ConflictError) as caught:
        service.checkout(ID, fingerprint=found.fingerprint, on_progress=work)
    assert caught.value.code == "changed"
    assert (tree / "just now.txt").read_bytes() == MINE
    assert service.backups(ID).backups == []
    # Who asks for no list is asked for nothing, and loses nothing either.
    (tree / "just now.txt").unlink()
    done = service.checkout(ID, fingerprint=None, on_progress=work)
    assert done.backup is not None


def test_a_mirror_of_another_user(
    make: Make, tmp_path: Path, upstream: Path
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root may give files away")
    mirror = tmp_path / "mirror.git"
    git(tmp_path, "clone", "-q", "--mirror", str(upstream), str(mirror))
    for path in [mirror, *mirror.rglob("*")]:
        os.chown(path, 1234, 1234)
    for url in (str(mirror), mirror.as_uri()):
        service = make(url=url, id=f"m{len(url)}")
        service.checkout(f"m{len(url)}", fingerprint=None)


def test_a_link_out_of_the_root_costs_only_what_lies_behind_it(
    make: Make, home: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "scratch"
    outside.mkdir()
    (home / "notebooks").symlink_to(outside)
    service = make()
    (found,) = service.list().repositories
    assert (found.state, found.writable) == ("foreign", False)
    for call in (service.inspect, service.remove, service.updates):
        with pytest.raises(RSPHealthError, match=r"symbolic link|not checked"):
            call(ID)
    service.recover()
    assert not list(outside.iterdir())


def test_a_file_that_git_converts_is_no_change(
    service: CheckoutService, upstream: Path
) -> None:
    (upstream / "w.txt").write_bytes(b"one\r\ntwo\r\n")
    git(upstream, "-c", "core.autocrlf=false", "add", "w.txt")
    git(upstream, "commit", "-q", "-m", "line ends")
    (upstream / ".gitattributes").write_text("*.txt text\n")
    git(upstream, "add", ".gitattributes")
    git(upstream, "commit", "-q", "-m", "rules")
    service.checkout(ID, fingerprint=None)
    tree = service.directory(ID)
    assert git(tree, "status", "--porcelain") == "M w.txt"
    assert not service.inspect(ID).at_risk
    assert service.checkout(ID, fingerprint=None).up_to_date
    (tree / "w.txt").write_bytes(b"one\r\nTWO\r\n")
    found = service.inspect(ID)
    assert [change.path for change in found.changes] == ["w.txt"]
    done = service.checkout(ID, fingerprint=found.fingerprint)
    assert done.backup is not None

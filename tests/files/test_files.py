"""Durable writes, contained paths, exact renames and locks."""

from __future__ import annotations

import errno
import json
import os
import resource
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsp_health import files
from rsp_health.errors import BadInputError, ConflictError
from rsp_health.files import locks, renames


def owner_that(*, action: str = "checkout", **is_: Any) -> locks.Owner:
    owner = locks.Owner.current(action)
    return replace(owner, process=replace(owner.process, **is_))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class TestWriteAtomic:
    def test_makes_a_file_with_the_umasks_mode(self, tmp_path: Path) -> None:
        path = tmp_path / "new"
        files.write_atomic(path, b"data")
        mask = os.umask(0)
        os.umask(mask)
        assert path.read_bytes() == b"data"
        assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask
        assert names(tmp_path) == ["new"]

    def test_keeps_the_mode_of_an_existing_file(self, tmp_path: Path) -> None:
        path = tmp_path / "old"
        path.write_bytes(b"old")
        path.chmod(0o751)
        files.write_atomic(path, b"new")
        assert path.read_bytes() == b"new"
        assert stat.S_IMODE(path.stat().st_mode) == 0o751

    def test_sets_a_mode_on_demand(self, tmp_path: Path) -> None:
        path = tmp_path / "secret"
        files.write_atomic(path, b"x", mode=0o600)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root may give away")
    def test_keeps_the_owner(self, tmp_path: Path) -> None:
        path = tmp_path / "old"
        path.write_bytes(b"old")
        os.chown(path, 1234, 2345)
        files.write_atomic(path, b"new")
        assert (path.stat().st_uid, path.stat().st_gid) == (1234, 2345)

    @pytest.mark.skipif(os.geteuid() != 0, reason="root gives files away")
    def test_keeps_a_group_alone_or_refuses(self) -> None:
        script = (
            "import os, pathlib, sys\n"
            "from rsp_health.files import write_atomic\n"
            "os.setgroups([23456]); os.setgid(54321); os.setuid(54321)\n"
            "path = pathlib.Path(sys.argv[1])\n"
            "try:\n"
            "    write_atomic(path, b'no', keep_owner=True)\n"
            "except PermissionError: pass\n"
            "assert path.read_bytes() == b'old'\n"
            "write_atomic(path, b'new')\n"
        )
        # Another user may not enter pytest's folders.
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            folder.chmod(0o777)
            path = folder / "a"
            path.write_bytes(b"old")
            os.chown(path, 12345, 23456)
            path.chmod(0o664)
            subprocess.run(
                [sys.executable, "-c", script, path], check=True, timeout=60
            )
            status = path.stat()
            assert path.read_bytes() == b"new"
            assert names(folder) == ["a"]
        assert (status.st_uid, status.st_gid) == (54321, 23456)
        assert stat.S_IMODE(status.st_mode) == 0o664

    def test_keeps_extended_attributes(self, tmp_path: Path) -> None:
        path = tmp_path / "a"
        path.write_bytes(b"old")
        try:
            os.setxattr(path, "user.origin", b"here")
        except OSError:
            pytest.skip("this file system has no extended attributes")
        files.write_atomic(path, b"new")
        assert os.getxattr(path, "user.origin") == b"here"

    def test_writes_through_a_symlink(self, tmp_path: Path) -> None:
        target = tmp_path / "target"
        target.write_bytes(b"old")
        link = tmp_path / "link"
        link.symlink_to(target)
        files.write_atomic(link, b"new")
        assert link.is_symlink()
        assert target.read_bytes() == b"new"

    def test_takes_the_longest_name(self, tmp_path: Path) -> None:
        path = tmp_path / ("n" * 255)
        files.write_atomic(path, b"x")
        assert path.read_bytes() == b"x"

    def test_refuses_what_is_no_regular_file(self, tmp_path: Path) -> None:
        fifo = tmp_path / "fifo"
        os.mkfifo(fifo)
        with pytest.raises(OSError, match="not a regular file"):
            files.write_atomic(fifo, b"x")
        assert stat.S_ISFIFO(fifo.stat().st_mode)

    def test_a_full_disk_leaves_the_old_content(self, tmp_path: Path) -> None:
        path = tmp_path / "old"
        path.write_bytes(b"old")
        # As a process that may not write files over 4 kB.
        code = (
            "import resource, signal, sys\n"
            "from pathlib import Path\n"
            "from rsp_health import files\n"
            "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
            "try:\n"
            "    files.write_atomic(Path(sys.argv[1]), b'n' * 50000)\n"
            "except OSError as exc:\n"
            "    print(files.to_user_error(exc, 'save it').message)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(path)],
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == "Cannot save it: file too large."
        assert path.read_bytes() == b"old"
        assert names(tmp_path) == ["old"]
        assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 4096

    def test_a_failing_fsync_leaves_the_old_content(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "old"
        path.write_bytes(b"old")

        def fail(descriptor: int) -> None:
            raise OSError(errno.EDQUOT, "quota")

        monkeypatch.setattr(os, "fsync", fail)
        with pytest.raises(OSError, match="quota"):
            files.write_atomic(path, b"new")
        assert path.read_bytes() == b"old"
        assert names(tmp_path) == ["old"]

    @given(first=st.binary(max_size=200), second=st.binary(max_size=200))
    @settings(max_examples=50, deadline=None)
    def test_holds_exactly_what_was_written_last(
        self,
        first: bytes,
        second: bytes,
        tmp_path_factory: pytest.TempPathFactory,
    ) -> None:
        path = tmp_path_factory.mktemp("w") / "file"
        files.write_atomic(path, first)
        files.write_atomic(path, second)
        assert path.read_bytes() == second


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "disk_full"),
        (errno.EDQUOT, "quota_exceeded"),
        (errno.EACCES, "permission_denied"),
        (errno.EROFS, "read_only"),
        (errno.EIO, "io_error"),
        (errno.ELOOP, "environment"),
        (0, "environment"),
    ],
)
def test_failures_are_told_by_kind(number: int, code: str) -> None:
    error = files.to_user_error(OSError(number, "secret"), "store the run")
    assert error.code == code
    assert error.message.startswith("Cannot store the run: ")
    assert error.hint
    assert "secret" not in error.message + error.hint


class TestReadJson:
    def test_what_is_missing_or_broken_is_none(self, tmp_path: Path) -> None:
        path = tmp_path / "doc.json"
        assert files.read_json(path) is None
        for data in (b"", b"{", b"\xff\xfe", b"[" * 100_000):
            path.write_bytes(data)
            assert files.read_json(path) is None
        files.write_json(path, {"a": [1]})
        assert files.read_json(path) == {"a": [1]}


class TestResolveInside:
    def test_paths_below_the_root(self, tmp_path: Path) -> None:
        (tmp_path / "a").mkdir()
        for name in ("a/b.txt", "./a/../c", "", ".", str(tmp_path / "a")):
            path = files.resolve_inside(tmp_path, name)
            assert path == (tmp_path / name).resolve()

    @pytest.mark.parametrize(
        "name", ["..", "../x", "/etc/passwd", "a/../../x", "a\0b", "link/x"]
    )
    def test_paths_that_leave_it(self, tmp_path: Path, name: str) -> None:
        root = tmp_path / "root"
        root.mkdir()
        (root / "link").symlink_to(tmp_path)
        with pytest.raises(BadInputError) as caught:
            files.resolve_inside(root, name)
        assert caught.value.code == "outside_root"

    def test_a_sibling_with_the_same_beginning(self, tmp_path: Path) -> None:
        root = tmp_path / "home"
        root.mkdir()
        (tmp_path / "home2").mkdir()
        with pytest.raises(BadInputError):
            files.resolve_inside(root, "../home2/x")

    def test_a_loop_of_links(self, tmp_path: Path) -> None:
        (tmp_path / "loop").symlink_to("loop")
        if sys.version_info < (3, 13):  # pathlib refuses it there
            with pytest.raises(BadInputError):
                files.resolve_inside(tmp_path, "loop")
            return
        path = files.resolve_inside(tmp_path, "loop")
        assert path.is_relative_to(tmp_path)

    @given(name=st.text(max_size=40))
    @settings(max_examples=200, deadline=None)
    def test_nothing_that_it_returns_is_outside(
        self, name: str, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        root = tmp_path_factory.getbasetemp()
        try:
            path = files.resolve_inside(root, name)
        except BadInputError:
            return
        assert path.is_relative_to(root.resolve())


class TestRenames:
    @pytest.fixture(params=["renameat2", "as on NFS"])
    def _kind(
        self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if request.param != "renameat2":
            monkeypatch.setattr(renames, "_rename", lambda *_: False)

    @pytest.mark.usefixtures("_kind")
    def test_never_onto_an_empty_folder(self, tmp_path: Path) -> None:
        source, target = tmp_path / "source", tmp_path / "target"
        source.mkdir()
        (source / "file").write_text("x")
        target.mkdir()
        with pytest.raises(FileExistsError):
            files.rename_noreplace(source, target)
        assert names(tmp_path) == ["source", "target"]
        target.rmdir()
        files.rename_noreplace(source, target)
        assert (target / "file").read_text() == "x"

    @pytest.mark.usefixtures("_kind")
    def test_never_onto_a_dangling_link(self, tmp_path: Path) -> None:
        (tmp_path / "source").write_text("x")
        (tmp_path / "target").symlink_to("nowhere")
        with pytest.raises(FileExistsError):
            files.rename_noreplace(tmp_path / "source", tmp_path / "target")

    @pytest.mark.usefixtures("_kind")
    def test_swapping_two_files(self, tmp_path: Path) -> None:
        first, second = tmp_path / "first", tmp_path / "second"
        first.write_text("1")
        second.write_text("2")
        files.swap_files(first, second)
        assert (first.read_text(), second.read_text()) == ("2", "1")
        assert names(tmp_path) == ["first", "second"]


class TestSpace:
    def test_of_a_path_that_does_not_exist_yet(self, tmp_path: Path) -> None:
        here = files.free_space(tmp_path)
        there = files.free_space(tmp_path / "a/b/c")
        assert there.free_bytes > 0
        assert here.free_inodes is None or here.free_inodes > 0

    def test_syncing(self, tmp_path: Path) -> None:
        files.sync_filesystem(tmp_path)
        with pytest.raises(FileNotFoundError):
            files.sync_filesystem(tmp_path / "missing")


HOLD = """
import sys
from pathlib import Path
from rsp_health.files import FileLock
lock = FileLock(Path(sys.argv[1]), action="checkout")
lock.acquire()
print("held", flush=True)
sys.stdin.read()
lock.release()
"""


def hold(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.communicate()
    assert process.returncode is not None


class TestFileLock:
    def test_is_free_after_use(self, tmp_path: Path) -> None:
        path = tmp_path / "locks" / "it"
        with files.FileLock(path, action="checkout") as lock:
            assert lock.is_held()
            holder = files.FileLock.holder(path)
            assert holder is not None
            assert holder.process.pid == os.getpid()
            assert holder.action == "checkout"
        assert not lock.is_held()
        assert files.FileLock.holder(path) is None
        assert names(path.parent) == []

    def test_keeps_out_this_process_too(self, tmp_path: Path) -> None:
        path = tmp_path / "it"
        with (
            files.FileLock(path, action="restore"),
            pytest.raises(ConflictError) as caught,
        ):
            files.FileLock(path).acquire()
        assert caught.value.code == "locked"
        assert f"process {os.getpid()} on " in caught.value.message
        assert "(restore) since " in caught.value.message

    def test_another_process_holds_it(self, tmp_path: Path) -> None:
        path = tmp_path / "it"
        process = hold(path)
        try:
            with pytest.raises(ConflictError, match=f"{process.pid}"):
                files.FileLock(path).acquire()
        finally:
            end(process)
        with files.FileLock(path):
            pass

    def test_a_killed_owner_is_noticed_at_once(self, tmp_path: Path) -> None:
        path = tmp_path / "it"
        process = hold(path)
        process.kill()
        end(process)
        assert path.exists()
        assert files.FileLock.holder(path) is None
        with files.FileLock(path) as lock:  # does not wait
            assert lock.is_held()
        assert names(tmp_path) == []

    def test_a_stopped_owner_is_alive(self, tmp_path: Path) -> None:
        path = tmp_path / "it"
        process = hold(path)
        try:
            process.send_signal(signal.SIGSTOP)
            os.utime(path, (1, 1))  # a very old heartbeat
            with pytest.raises(ConflictError):
                files.FileLock(path).acquire()
        finally:
            process.send_signal(signal.SIGCONT)
            end(process)

    def test_a_zombie_is_dead(self, tmp_path: Path) -> None:
        path = tmp_path / "it"
        process = hold(path)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert files.FileLock.holder(path) is None
        end(process)

    def test_a_process_id_that_is_used_again(self, tmp_path: Path) -> None:
        path = tmp_path / "it"
        owner = owner_that(start_ticks=1, action="checkout")
        assert locks._create(path, owner)
        with files.FileLock(path) as lock:
            assert lock.is_held()

    def test_an_owner_elsewhere_lives_by_its_heartbeat(
        self, tmp_path: Path
    ) -> None:
        path = tmp_path / "it"
        owner = owner_that(host="another")
        assert locks._create(path, owner)
        with pytest.raises(ConflictError, match="another"):
            files.FileLock(path).acquire()
        old = time.time() - locks.HEARTBEAT_LIMIT - 5
        os.utime(path, (old, old))
        with files.FileLock(path) as lock:
            assert lock.is_held()

    def test_an_unreadable_owner_is_young_or_dead(
        self, tmp_path: Path
    ) -> None:
        path = tmp_path / "it"
        path.write_text("{")
        with pytest.raises(ConflictError, match="another process"):
            files.FileLock(path).acquire()
        os.utime(path, (1, 1))
        with files.FileLock(path) as lock:
            assert lock.is_held()

    def test_a_breaker_that_died_is_broken_itself(
        self, tmp_path: Path
    ) -> None:
        path = tmp_path / "it"
        dead = owner_that(start_ticks=1, action="checkout")
        assert locks._create(path, dead)
        marker = path.with_name(f"it.break-{dead.token}")
        breaker = owner_that(start_ticks=2, action="break")
        assert locks._create(marker, breaker)
        with files.FileLock(path) as lock:
            assert lock.is_held()
        assert names(tmp_path) == []

    def test_a_slow_breaker_does_not_remove_the_next_owner(
        self, tmp_path: Path
    ) -> None:
        path = tmp_path / "it"
        dead = owner_that(start_ticks=1, action="checkout")
        with files.FileLock(path) as lock:
            # It read the dead owner before we came.
            assert locks._break(path, dead)
            assert lock.is_held()

    def test_the_heartbeat_beats(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "it"
        beaten = threading.Event()
        monkeypatch.setattr(locks, "HEARTBEAT_INTERVAL", 0.001)
        monkeypatch.setattr(os, "utime", lambda _: beaten.set())
        with files.FileLock(path):
            assert beaten.wait(30)

    def test_without_hard_links(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(source: Path, target: Path) -> None:
            raise OSError(errno.EPERM, "no links here")

        monkeypatch.setattr(os, "link", refuse)
        path = tmp_path / "it"
        with (
            files.FileLock(path),
            pytest.raises(ConflictError),
        ):
            files.FileLock(path).acquire()
        assert names(tmp_path) == []

    def test_many_processes_find_one_dead_owner(self, tmp_path: Path) -> None:
        """Each adds one to a counter under the lock, after a crash."""
        path = tmp_path / "locks" / "it"
        path.parent.mkdir()
        counter = tmp_path / "counter"
        counter.write_text("0")
        dead = owner_that(start_ticks=1, action="checkout")
        assert locks._create(path, dead)
        code = (
            "import sys\n"
            "from pathlib import Path\n"
            "from rsp_health.errors import ConflictError\n"
            "from rsp_health.files import FileLock\n"
            "counter = Path(sys.argv[2])\n"
            "done = 0\n"
            "while done < 20:\n"
            "    try:\n"
            "        with FileLock(Path(sys.argv[1])):\n"
            "            counter.write_text(str(int(counter.read_text())+1))\n"
            "            done += 1\n"
            "    except ConflictError:\n"
            "        continue\n"
        )
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", code, str(path), str(counter)]
            )
            for _ in range(4)
        ]
        assert [process.wait() for process in processes] == [0] * 4
        assert counter.read_text() == "80"
        assert json.loads(counter.read_text()) == 80

"""Cleaning files: in place, safely, and the rest goes on."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.cleaning.core import Cleaner, Outcome
from rsp_health.cleaning.splice.engine import NbClean, Verdict
from rsp_health.files import durable, renames, together
from rsp_health.notebooks.finder import notebooks

from .notebooks import CLEAN, DIRTY, canonical

if TYPE_CHECKING:
    from pathlib import Path

BEFORE, AFTER = canonical(DIRTY), canonical(CLEAN)


def clean(*paths: Path) -> list[Outcome]:
    return list(Cleaner().run(paths, write=True))


def test_what_is_dirty_is_cleaned_and_what_is_clean_is_not_touched(
    tmp_path: Path,
) -> None:
    dirty, tidy = tmp_path / "dirty.ipynb", tmp_path / "tidy.ipynb"
    dirty.write_bytes(BEFORE)
    tidy.write_bytes(AFTER)
    os.utime(tidy, ns=(10**18, 10**18))
    before = tidy.stat()
    outcomes = clean(dirty, tidy)
    assert [outcome.state for outcome in outcomes] == ["cleaned", "clean"]
    assert dirty.read_bytes() == tidy.read_bytes() == AFTER
    after = tidy.stat()
    assert (before.st_ino, before.st_mtime_ns, before.st_ctime_ns) == (
        after.st_ino,
        after.st_mtime_ns,
        after.st_ctime_ns,
    )
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "dirty.ipynb",
        "tidy.ipynb",
    ]


def test_a_judgement_alone_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(BEFORE)
    before = path.stat()
    [outcome] = Cleaner().run([path], write=False)
    assert outcome.state == "dirty"
    assert (outcome.line, outcome.outputs, outcome.execution_counts) == (
        5,
        1,
        1,
    )
    assert path.stat() == before
    assert path.read_bytes() == BEFORE


def test_mode_and_owner_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(BEFORE)
    path.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(path, 12345, 12346)
    before = path.stat()
    clean(path)
    after = path.stat()
    assert path.read_bytes() == AFTER
    assert stat.S_IMODE(after.st_mode) == 0o640
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    target = tmp_path / "there" / "a.ipynb"
    target.write_bytes(BEFORE)
    link = tmp_path / "link.ipynb"
    link.symlink_to(target)
    [outcome] = clean(link)
    assert outcome.state == "cleaned"
    assert link.is_symlink()
    assert target.read_bytes() == AFTER


def test_the_rest_goes_on(tmp_path: Path) -> None:
    names = ["a", "b", "c", "d", "e"]
    paths = [tmp_path / f"{name}.ipynb" for name in names]
    for path in paths:
        path.write_bytes(BEFORE)
    paths[1].write_bytes(b"broken")
    paths[2].unlink()
    paths[3].unlink()
    paths[3].mkdir()
    outcomes = clean(*paths)
    assert [(o.state, o.exit_code) for o in outcomes] == [
        ("cleaned", 0),
        ("error", 2),
        ("error", 2),
        ("error", 2),
        ("cleaned", 0),
    ]
    assert outcomes[2].message == "cannot be read: no such file or directory"
    assert paths[4].read_bytes() == AFTER


def test_what_is_no_regular_file_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.ipynb"
    os.mkfifo(pipe)
    [outcome] = clean(pipe)
    assert (outcome.state, outcome.exit_code) == ("error", 2)
    assert "not a regular file" in (outcome.message or "")


class Interrupted(NbClean):
    """nb-clean, and somebody who saves a notebook while it works."""

    def __init__(self, saved: Path, data: bytes) -> None:
        super().__init__()
        self._saved = saved
        self._newer = data

    def judge_all(self, *arguments: Any, **options: Any) -> list[Verdict]:
        verdicts = super().judge_all(*arguments, **options)
        self._saved.write_bytes(self._newer)
        return verdicts


@pytest.mark.parametrize("count", [2, 40])
def test_a_file_that_changed_meanwhile_is_left_alone(
    tmp_path: Path, count: int
) -> None:
    paths = [tmp_path / f"{number:02}.ipynb" for number in range(count)]
    for path in paths:
        path.write_bytes(BEFORE)
    newer = BEFORE.replace(b"1 + 1", b"2 + 2")
    cleaner = Cleaner(engine=Interrupted(paths[1], newer))
    outcomes = list(cleaner.run(paths, write=True))
    changed = outcomes.pop(1)
    assert (changed.state, changed.exit_code) == ("error", 1)
    assert "changed meanwhile" in changed.message
    assert paths.pop(1).read_bytes() == newer
    assert [outcome.path for outcome in outcomes] == list(map(str, paths))
    assert {outcome.state for outcome in outcomes} == {"cleaned"}
    assert {path.read_bytes() for path in paths} == {AFTER}


def test_a_failure_of_one_of_many_writes_is_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [tmp_path / f"{number:02}.ipynb" for number in range(30)]
    for path in paths:
        path.write_bytes(BEFORE)

    write_beside = durable.write_beside

    def full(path: Path, *arguments: Any, **options: Any) -> Path:
        if path == paths[20]:
            raise OSError(errno.ENOSPC, "full")
        return write_beside(path, *arguments, **options)

    monkeypatch.setattr(together, "write_beside", full)
    outcomes = clean(*paths)
    failed = outcomes.pop(20)
    assert (failed.state, failed.exit_code) == ("error", 3)
    assert failed.message == (
        "cannot be written: no space left on device; it is as it was"
    )
    assert paths[20].read_bytes() == BEFORE
    assert {outcome.state for outcome in outcomes} == {"cleaned"}


def test_a_read_only_file_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(BEFORE)
    path.chmod(0o444)
    if os.geteuid() == 0:
        # For root every file is writable; ask the mode instead.
        monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    [outcome] = clean(path)
    assert (outcome.state, outcome.exit_code) == ("error", 3)
    assert outcome.message.startswith("cannot be written: permission denied")
    assert path.read_bytes() == BEFORE


def test_policies_of_two_repositories_in_one_call(tmp_path: Path) -> None:
    for name, settings in {
        "a": "[tool.rsp-health.clean]\nkeep-output-tags = ['a']\n",
        "b": "",
    }.items():
        folder = tmp_path / name / "deep"
        folder.mkdir(parents=True)
        (tmp_path / name / ".git").mkdir()
        (tmp_path / name / "pyproject.toml").write_text(settings)
        (folder / "n.ipynb").write_bytes(BEFORE)
    outcomes = clean(
        tmp_path / "a" / "deep" / "n.ipynb",
        tmp_path / "b" / "deep" / "n.ipynb",
    )
    assert [outcome.kept_outputs for outcome in outcomes] == [1, 0]
    assert [outcome.outputs for outcome in outcomes] == [0, 1]


def test_folders_stand_for_their_notebooks(tmp_path: Path) -> None:
    for name in (
        "z.ipynb",
        "a/b.ipynb",
        "a/B.IPYNB",
        "a/.hidden.ipynb",
        "a/readme.md",
        ".ipynb_checkpoints/z-checkpoint.ipynb",
        "a/.ipynb_checkpoints/b-checkpoint.ipynb",
        ".git/x.ipynb",
        ".venv/lib/x.ipynb",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(BEFORE)
    (tmp_path / "link.ipynb").symlink_to(tmp_path / "z.ipynb")
    (tmp_path / "loop").symlink_to(tmp_path)
    found = [
        path.relative_to(tmp_path).as_posix()
        for path in notebooks([tmp_path / "a" / "b.ipynb", tmp_path])
    ]
    assert found == [
        "a/b.ipynb",
        "z.ipynb",
        "a/.hidden.ipynb",
        "a/B.IPYNB",
    ]


@pytest.mark.parametrize("exchanges", [True, False])
def test_a_save_just_before_the_exchange_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, exchanges: bool
) -> None:
    if not exchanges:
        monkeypatch.setattr(renames, "_rename", lambda *_: False)
    path = tmp_path / "a.ipynb"
    path.write_bytes(BEFORE)
    newer = BEFORE.replace(b"1 + 1", b"2 + 2")
    write_beside = durable.write_beside

    def save_after(*arguments: Any, **options: Any) -> Path:
        temporary = write_beside(*arguments, **options)
        path.write_bytes(newer)
        return temporary

    monkeypatch.setattr(together, "write_beside", save_after)
    (outcome,) = Cleaner().run([path], write=True)
    assert (outcome.state, outcome.exit_code) == ("error", 1)
    assert "changed meanwhile" in outcome.message
    assert path.read_bytes() == newer
    assert list(tmp_path.iterdir()) == [path]

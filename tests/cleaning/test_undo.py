"""What a clean replaced is put back, or left where somebody wrote since."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
from pathlib import Path

import pytest

from rsp_health.cleaning.service import CleaningService
from rsp_health.cleaning.undo import KEPT_S, UndoStore
from rsp_health.errors import BadInputError, ConflictError, NotFoundError

from .notebooks import CLEAN, DIRTY, canonical

BEFORE, AFTER = canonical(DIRTY), canonical(CLEAN)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A root with two dirty notebooks and a clean one."""
    root = tmp_path / "home"
    (root / "sub").mkdir(parents=True)
    for name, data in {"a": BEFORE, "b": AFTER, "sub/c": BEFORE}.items():
        (root / f"{name}.ipynb").write_bytes(data)
    (root / "a.ipynb").chmod(0o640)
    return root


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Where what is replaced is kept."""
    return tmp_path / "undo"


@pytest.fixture
def service(home: Path, kept: Path) -> CleaningService:
    return CleaningService(root=home, undo=UndoStore(kept))


def test_undo_gives_the_same_bytes_back(
    service: CleaningService, home: Path, kept: Path
) -> None:
    report = service.clean([Path()])
    assert report.undo is not None
    assert (home / "a.ipynb").read_bytes() == AFTER
    undone = service.undo(report.undo)
    assert [(file.path, file.state) for file in undone.files] == [
        ("a.ipynb", "restored"),
        ("sub/c.ipynb", "restored"),
    ]
    for name in ("a", "sub/c"):
        assert (home / f"{name}.ipynb").read_bytes() == BEFORE
    assert stat.S_IMODE((home / "a.ipynb").stat().st_mode) == 0o640
    assert list(kept.iterdir()) == []
    with pytest.raises(NotFoundError):
        service.undo(report.undo)


def test_what_is_kept_takes_no_room(
    service: CleaningService, home: Path, kept: Path
) -> None:
    inode = (home / "a.ipynb").stat().st_ino
    service.clean([Path("a.ipynb")])
    (held,) = kept.glob("*/0")
    assert held.stat().st_ino == inode
    assert stat.S_IMODE(held.parent.stat().st_mode) == 0o700


def test_without_links_a_copy_is_kept(
    service: CleaningService, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_link(*_: object) -> None:
        raise OSError(errno.EXDEV, "other device")

    monkeypatch.setattr(os, "link", no_link)
    report = service.clean([Path()])
    assert report.undo is not None
    assert {file.state for file in service.undo(report.undo).files} == {
        "restored"
    }
    assert (home / "a.ipynb").read_bytes() == BEFORE


def test_what_cannot_be_kept_is_not_cleaned(
    service: CleaningService, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.EDQUOT, "quota")

    monkeypatch.setattr(os, "link", full)
    report = service.clean([Path()])
    assert [file.state for file in report.files] == ["error", "clean", "error"]
    assert "cannot be kept: disk quota exceeded" in report.files[0].message
    assert report.undo is None
    assert (home / "a.ipynb").read_bytes() == BEFORE


def test_what_was_changed_since_is_left_alone(
    service: CleaningService, home: Path, kept: Path
) -> None:
    report = service.clean([Path()])
    assert report.undo is not None
    (home / "a.ipynb").write_bytes(b"mine")
    undone = service.undo(report.undo)
    assert [(file.state, file.message) for file in undone.files] == [
        ("error", "it was changed since; it is left as it is"),
        ("restored", ""),
    ]
    assert (home / "a.ipynb").read_bytes() == b"mine"
    # It is still there, for whoever wants it after all.
    (held,) = kept.glob("*/0")
    assert held.read_bytes() == BEFORE
    (home / "a.ipynb").unlink()
    (again,) = service.undo(report.undo).files
    assert again.state == "error"
    assert "no such file" in again.message


def test_an_older_clean_never_buries_a_newer_one(
    service: CleaningService, home: Path
) -> None:
    first = service.clean([Path()])
    newer = BEFORE.replace(b"output of ", b"newer output of ")
    newer = BEFORE + b"\n" if newer == BEFORE else newer
    (home / "a.ipynb").write_bytes(newer)
    second = service.clean([Path("a.ipynb")])
    assert first.undo is not None
    assert second.undo is not None
    undone = service.undo(first.undo)
    assert [(file.path, file.state) for file in undone.files] == [
        ("a.ipynb", "error"),
        ("sub/c.ipynb", "restored"),
    ]
    assert "stripped again since" in undone.files[0].message
    assert service.undo(second.undo).files[0].state == "restored"
    assert (home / "a.ipynb").read_bytes() == newer


def test_a_clean_that_was_cut_off_before_its_first_file(
    service: CleaningService, home: Path, kept: Path
) -> None:
    report = service.clean([Path("a.ipynb")])
    assert report.undo is not None
    (kept / "20991231T235959000000Z-abcdef").mkdir()
    (file,) = service.undo(report.undo).files
    assert file.state == "restored"


def test_a_kept_file_that_is_damaged_is_not_put_back(
    service: CleaningService, home: Path, kept: Path
) -> None:
    report = service.clean([Path("a.ipynb")])
    assert report.undo is not None
    (held,) = kept.glob("*/0")
    held.write_bytes(b"cut off")
    (file,) = service.undo(report.undo).files
    assert (file.state, file.message) == (
        "error",
        "what was kept of it is not what it was",
    )
    assert (home / "a.ipynb").read_bytes() == AFTER


def test_nothing_is_kept_of_what_was_not_cleaned(
    service: CleaningService, home: Path, kept: Path
) -> None:
    (home / "a.ipynb").chmod(0o444)
    report = service.clean([Path("a.ipynb"), Path("b.ipynb")])
    assert [file.state for file in report.files] == ["error", "clean"]
    assert report.undo is None
    assert list(kept.iterdir()) == []


def test_it_is_kept_for_a_day(home: Path, kept: Path) -> None:
    now = [1_800_000_000.0]
    store = UndoStore(kept, clock=lambda: now[0])
    service = CleaningService(root=home, undo=store)
    service.clean([Path("a.ipynb")])
    now[0] += KEPT_S
    service.prune()
    assert len(list(kept.iterdir())) == 1
    now[0] += 1
    service.prune()
    assert list(kept.iterdir()) == []


@pytest.mark.parametrize("undo", ["", ".", "..", "nope", "../undo", "a/b"])
def test_only_ids_are_looked_up(service: CleaningService, undo: str) -> None:
    with pytest.raises(NotFoundError):
        service.undo(undo)


@pytest.mark.parametrize("change", ["content", "new file", "settings"])
def test_what_changed_since_it_was_looked_at_is_not_cleaned(
    service: CleaningService, home: Path, change: str
) -> None:
    (home / ".git").mkdir()
    seen = service.clean([Path()], dry_run=True)
    match change:
        case "content":
            (home / "b.ipynb").write_bytes(BEFORE)
        case "new file":
            (home / "d.ipynb").write_bytes(BEFORE)
        case _:
            (home / ".rsp-health.toml").write_text(
                "[clean]\nkeep-output-max-bytes = 0\n"
            )
    with pytest.raises(ConflictError) as caught:
        service.clean([Path()], fingerprint=seen.fingerprint)
    assert caught.value.code == "changed"
    assert (home / "a.ipynb").read_bytes() == BEFORE
    again = service.clean([Path()], dry_run=True)
    service.clean([Path()], fingerprint=again.fingerprint)
    assert (home / "a.ipynb").read_bytes() == AFTER


def test_what_is_excluded_is_left_out(
    service: CleaningService, home: Path
) -> None:
    exclude = [Path("sub/c.ipynb")]
    seen = service.clean([Path()], exclude=exclude, dry_run=True)
    assert [file.path for file in seen.files] == ["a.ipynb", "b.ipynb"]
    # However the way to it is named.
    (home / "way").symlink_to("sub")
    seen = service.clean([Path("way"), Path()], exclude=exclude, dry_run=True)
    assert [file.path for file in seen.files] == ["a.ipynb", "b.ipynb"]
    (home / "way").unlink()
    seen = service.clean([Path()], exclude=exclude, dry_run=True)
    (home / "sub" / "c.ipynb").write_bytes(b"{}")
    service.clean([Path()], exclude=exclude, fingerprint=seen.fingerprint)
    assert (home / "sub" / "c.ipynb").read_bytes() == b"{}"


def test_a_preview_tells_what_is_read_only(
    service: CleaningService, home: Path
) -> None:
    (home / "a.ipynb").chmod(0o444)
    (home / "b.ipynb").chmod(0o444)
    seen = {
        file.path: file for file in service.clean([Path()], dry_run=True).files
    }
    assert [name for name, file in seen.items() if file.read_only] == [
        "a.ipynb"
    ]
    assert seen["a.ipynb"].state == "dirty"


@pytest.mark.parametrize(
    "name", ["../../home/b.ipynb", "/etc/passwd", "", ".", "x", 3, None]
)
def test_an_index_that_was_edited_deletes_nothing(
    service: CleaningService, home: Path, kept: Path, name: object
) -> None:
    report = service.clean([Path()])
    assert report.undo is not None
    digest = hashlib.sha256(AFTER).hexdigest()
    entry = {
        "name": name,
        "path": str(home / "b.ipynb"),
        "before": digest,
        "after": digest,
    }
    index = kept / report.undo / "index.jsonl"
    index.write_text(f"{json.dumps(entry)}\n" + "[" * 9000 + "\n")
    with pytest.raises(BadInputError, match="does not say"):
        service.undo(report.undo)
    assert (home / "b.ipynb").read_bytes() == AFTER
    assert (kept / report.undo / "0").read_bytes() == BEFORE


def test_an_index_that_is_a_pipe_keeps_nobody_waiting(
    service: CleaningService, home: Path, kept: Path
) -> None:
    report = service.clean([Path()])
    assert report.undo is not None
    index = kept / report.undo / "index.jsonl"
    index.unlink()
    os.mkfifo(index)
    with pytest.raises(BadInputError, match="does not say"):
        service.undo(report.undo)
    assert (home / "a.ipynb").read_bytes() == AFTER
    assert (kept / report.undo / "0").read_bytes() == BEFORE


def test_what_a_damaged_line_named_is_still_kept(
    service: CleaningService, home: Path, kept: Path
) -> None:
    report = service.clean([Path()])
    assert report.undo is not None
    index = kept / report.undo / "index.jsonl"
    first, rest = index.read_text().split("\n", 1)
    index.write_text(f"{first}\n{rest[4:]}")
    assert len(service.undo(report.undo).files) == 1
    assert (kept / report.undo / "1").read_bytes() == BEFORE

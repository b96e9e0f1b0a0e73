"""What was read from files is read again when they are other ones."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from rsp_health.errors import BadInputError
from rsp_health.files import remembered
from rsp_health.files.remembered import Remembered

if TYPE_CHECKING:
    from pathlib import Path


class Reader:
    """Joins two files, and counts how often."""

    def __init__(self, *paths: Path) -> None:
        self.paths = paths
        self.count = 0

    def __call__(self) -> str:
        self.count += 1
        text = "".join(p.read_text() for p in self.paths if p.exists())
        if not text:
            raise BadInputError("empty", hint="")
        return text


def test_a_file_is_read_once_until_it_is_another_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "_SETTLED_NS", -(10**18))
    paths = tmp_path / "a", tmp_path / "b"
    reader, kept = Reader(*paths), Remembered[str]()
    for _ in range(3):
        with pytest.raises(BadInputError, match="empty"):
            kept.get(paths, reader)
    assert reader.count == 1

    paths[1].write_text("1")
    assert [kept.get(paths, reader) for _ in range(3)] == ["1"] * 3
    assert reader.count == 2

    # Same name, size and time of writing: another file.
    before = paths[1].stat()
    (tmp_path / "new").write_text("2")
    os.utime(tmp_path / "new", ns=(before.st_atime_ns, before.st_mtime_ns))
    (tmp_path / "new").replace(paths[1])
    assert [kept.get(paths, reader) for _ in range(3)] == ["2"] * 3
    assert reader.count == 3

    paths[1].unlink()
    with pytest.raises(BadInputError):
        kept.get(paths, reader)
    assert reader.count == 4


def test_a_file_that_was_just_written_is_not_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its next state may have the same times."""
    monkeypatch.setattr(remembered, "_SETTLED_NS", 10**18)
    paths = (tmp_path / "a",)
    paths[0].write_text("1")
    reader, kept = Reader(*paths), Remembered[str]()
    assert [kept.get(paths, reader) for _ in range(3)] == ["1"] * 3
    assert reader.count == 3

"""Files in a tree that are none: links to devices, pipes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from rsp_health.checkout.change.lfs import _pointers
from rsp_health.checkout.inspect.expected_changes import describe, is_unchanged

if TYPE_CHECKING:
    from pathlib import Path

POINTER = (
    "version https://git-lfs.github.com/spec/v1\n"
    f"oid sha256:{'a' * 64}\nsize 3\n"
)


def test_only_files_are_pointers(tmp_path: Path) -> None:
    (tmp_path / "good.bin").write_text(POINTER)
    (tmp_path / "link.bin").symlink_to("good.bin")
    (tmp_path / "endless.bin").symlink_to("/dev/zero")
    (tmp_path / "large.bin").write_text(POINTER + "x" * 2000)
    (tmp_path / "folder.bin").mkdir()
    os.mkfifo(tmp_path / "pipe.bin")
    names = [path.name for path in tmp_path.iterdir()]
    assert list(_pointers(tmp_path, [*names, "none.bin"])) == ["good.bin"]


def test_a_pipe_is_not_the_empty_file_that_was_there(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    known = describe(path)
    assert is_unchanged(path, known, thorough=True)
    path.unlink()
    os.mkfifo(path)
    assert not is_unchanged(path, known, thorough=True)

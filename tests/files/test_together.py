"""Several files, written all or none."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.files import together, write_together
from rsp_health.files.renames import rename_noreplace, swap_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def files(root: Path) -> dict[str, tuple[bytes, int]]:
    """Return what is there, folders included."""
    return {
        str(path.relative_to(root)): (
            path.read_bytes() if path.is_file() else b"",
            path.stat().st_mode,
        )
        for path in sorted(root.rglob("*"))
    }


def contents(root: Path) -> dict[Path, bytes]:
    return {
        root / "old.toml": b"new\n",
        root / "link.toml": b"linked\n",
        root / "a" / "b" / "made.yaml": b"made\n",
        root / "a" / "made.yaml": b"made too\n",
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    (folder / "old.toml").write_bytes(b"old\n")
    (folder / "old.toml").chmod(0o640)
    (folder / "real.toml").write_bytes(b"old\n")
    (folder / "link.toml").symlink_to("real.toml")
    return folder


def test_all_is_written_and_nothing_else_is_left(root: Path) -> None:
    write_together(contents(root))
    assert {name: data for name, (data, _) in files(root).items()} == {
        "old.toml": b"new\n",
        "link.toml": b"linked\n",
        "real.toml": b"linked\n",
        "a": b"",
        "a/b": b"",
        "a/b/made.yaml": b"made\n",
        "a/made.yaml": b"made too\n",
    }
    assert (root / "old.toml").stat().st_mode & 0o777 == 0o640
    assert (root / "link.toml").is_symlink()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_whatever_fails_all_is_as_it_was(
    root: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    before = files(root)
    left = -1

    def failing(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                raise OSError(number, os.strerror(number))
            return function(*arguments, **options)

        return call

    monkeypatch.setattr(os, "fsync", failing(os.fsync))
    monkeypatch.setattr(together, "swap_files", failing(swap_files))
    monkeypatch.setattr(
        together, "rename_noreplace", failing(rename_noreplace)
    )
    at = 0
    while True:
        at += 1
        left = at
        try:
            write_together(contents(root))
        except OSError:
            assert files(root) == before, at
        else:
            break
    # Four files, four names, four folders.
    assert at > 10

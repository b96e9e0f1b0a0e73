"""Files that somebody else wrote: nothing waits, nothing is endless."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from rsp_health.errors import MissingFileError, UnreadableFileError
from rsp_health.files import read_if_there, safe_open, safe_read


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for data in (b"", b"text", b"x" * 200_000):
        path.write_bytes(data)
        assert safe_read(path) == data
        assert safe_read(path, limit=len(data)) == data
        assert read_if_there(path, inside=tmp_path) == data


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with path.open("wb") as stream:
        stream.truncate(2**40)
    with pytest.raises(UnreadableFileError, match="larger than 4 MB"):
        safe_read(path)
    with pytest.raises(UnreadableFileError, match="larger than 1 kB"):
        safe_read(path, limit=1000)


def test_a_file_that_grows_is_read_up_to_its_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    read = os.read

    def grow(descriptor: int, size: int) -> bytes:
        with path.open("ab") as stream:
            stream.write(b"678")
        return read(descriptor, size)

    monkeypatch.setattr(os, "read", grow)
    with pytest.raises(UnreadableFileError, match="larger"):
        safe_read(path, limit=5)


@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "to a device"])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "settings\n.toml"
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "device":
            path.symlink_to("/dev/zero")
        case _:
            (tmp_path / "link").symlink_to("/dev/tty")
            path.symlink_to("link")
    with pytest.raises(UnreadableFileError) as caught:
        read_if_there(path)
    assert str(tmp_path) in caught.value.message
    assert "\n" not in caught.value.message
    wanted = "a folder" if kind == "folder" else "not a regular file"
    assert wanted in caught.value.reason
    assert caught.value.hint


def test_a_pipe_that_takes_the_name_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x")
    opened = os.open

    def exchange(name: Path, flags: int) -> int:
        path.unlink()
        os.mkfifo(path)
        return opened(name, flags)

    monkeypatch.setattr(os, "open", exchange)
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(UnreadableFileError, match="regular"):
        safe_read(path)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for name in ("none", "file/below", "no/folder/x"):
        assert read_if_there(tmp_path / name) is None
        with pytest.raises(MissingFileError):
            safe_read(tmp_path / name)
    for name in ("a\0b", "a\ud800b"):
        assert read_if_there(tmp_path / name) is None


def test_links_that_lead_nowhere_or_around(tmp_path: Path) -> None:
    (tmp_path / "nowhere").symlink_to("none")
    (tmp_path / "around").symlink_to("around")
    assert read_if_there(tmp_path / "nowhere") is None
    with pytest.raises(UnreadableFileError, match="level"):
        safe_read(tmp_path / "around")
    with pytest.raises(UnreadableFileError, match="too long"):
        safe_read(tmp_path / ("x" * 5000))


def test_links_that_leave_the_folder(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "in").mkdir(parents=True)
    (tree / "in" / "file").write_bytes(b"in")
    (tmp_path / "tree2").mkdir()
    (tmp_path / "tree2" / "file").write_bytes(b"out")
    (tree / "good").symlink_to("in/file")
    (tree / "bad").symlink_to("../tree2/file")
    (tree / "badfolder").symlink_to("../tree2")
    (tmp_path / "link").symlink_to("tree")
    for name in ("good", "in/file", "in/../good"):
        assert safe_read(tree / name, inside=tree) == b"in"
        assert safe_read(tmp_path / "link" / name, inside=tree) == b"in"
        assert safe_read(tree / name, inside=tmp_path / "link") == b"in"
        assert safe_read(tree / name, inside=Path("/")) == b"in"
    for name in ("bad", "badfolder/file", "../tree2/file"):
        with pytest.raises(UnreadableFileError, match="outside"):
            safe_read(tree / name, inside=tree)
        assert safe_read(tree / name) == b"out"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_must_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x")
    path.chmod(0)
    with pytest.raises(UnreadableFileError, match="permission denied"):
        safe_read(path)


def test_an_error_of_the_storage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x")

    def fail(descriptor: int, size: int) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "read", fail)
    with pytest.raises(UnreadableFileError) as caught:
        safe_read(path)
    assert caught.value.errno == 5
    assert re.search("operators", caught.value.hint)


def test_an_open_file_is_the_callers(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 10)
    descriptor = safe_open(path, limit=None)
    assert os.read(descriptor, 20) == b"x" * 10
    os.close(descriptor)
    with pytest.raises(UnreadableFileError, match="larger"):
        safe_open(path, limit=9)

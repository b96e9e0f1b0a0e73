"""Several files, written all or none."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.errors import ConflictError, EnvironmentFailureError
from rsp_health.files import renames, together, write_together
from rsp_health.files.renames import (
    exchange_files,
    rename_noreplace,
    swap_files,
)

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


@pytest.fixture(params=["exchange", "steps"])
def steps(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Be on a file system that exchanges names, and on one without."""
    if request.param == "steps":
        monkeypatch.setattr(renames, "_rename", lambda *_: False)


@pytest.mark.usefixtures("steps")
@pytest.mark.parametrize("always_there", [False, True])
@pytest.mark.parametrize("error", [OSError(errno.EIO, "EIO"), None])
def test_what_cannot_be_put_back_is_named(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    error: OSError | None,
    always_there: bool,
) -> None:
    first, second = tmp_path / "a.toml", tmp_path / "b.toml"
    first.write_bytes(b"user a")
    second.write_bytes(b"user b")
    name = "exchange_files" if always_there else "swap_files"
    original = exchange_files if always_there else swap_files
    calls = 0

    def swap(*paths: Path, kept: Path) -> None:
        nonlocal calls
        calls += 1
        if calls > 1:
            raise error or KeyboardInterrupt
        original(*paths, kept=kept)

    monkeypatch.setattr(together, name, swap)
    with pytest.raises((EnvironmentFailureError, KeyboardInterrupt)) as caught:
        write_together(
            {first: b"new a", second: b"new b"}, always_there=always_there
        )
    contents = {path.read_bytes(): path for path in tmp_path.iterdir()}
    assert contents[b"user b"] == second
    kept = contents[b"user a"]
    assert b"new b" not in contents or error is None
    if error:
        assert str(first) in str(caught.value)
        assert str(kept) in str(caught.value)


@pytest.mark.usefixtures("steps")
def test_an_interrupt_after_an_exchange_undoes_it(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files(root)
    interrupted = False

    def swap(first: Path, second: Path, *, kept: Path) -> None:
        nonlocal interrupted
        swap_files(first, second, kept=kept)
        if not interrupted:
            interrupted = True
            raise KeyboardInterrupt

    monkeypatch.setattr(together, "swap_files", swap)
    with pytest.raises(KeyboardInterrupt):
        write_together(contents(root))
    assert files(root) == before


@pytest.mark.parametrize("always_there", [False, True])
@pytest.mark.parametrize("error", [OSError(errno.EIO, "EIO"), None])
def test_an_interrupt_between_two_names_undoes_it(
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    error: OSError | None,
    always_there: bool,
) -> None:
    """Where names are exchanged in steps, a file has two for a moment."""
    monkeypatch.setattr(renames, "_rename", lambda *_: False)
    before = files(root)
    original = renames._link
    left = -1

    def link(source: Path, target: Path) -> bool:
        nonlocal left
        answer = original(source, target)
        left -= 1
        if left == 0:
            raise error or KeyboardInterrupt
        return answer

    monkeypatch.setattr(renames, "_link", link)
    at = 0
    while True:
        at += 1
        left = at
        try:
            write_together(contents(root), always_there=always_there)
        except (OSError, KeyboardInterrupt):
            assert files(root) == before, at
        else:
            break
    # Two exchanges and two new files.
    assert at > 4


@pytest.mark.usefixtures("steps")
@pytest.mark.parametrize("always_there", [False, True])
@pytest.mark.parametrize("replaces", [False, True])
@pytest.mark.parametrize("function", ["write_beside", "swap"])
def test_what_is_saved_meanwhile_stays(
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    function: str,
    *,
    replaces: bool,
    always_there: bool,
) -> None:
    """A save before the exchange, and one into the file that was open."""
    if function == "swap":
        function = "exchange_files" if always_there else "swap_files"
    target = root / "old.toml"
    original = getattr(together, function)
    saved = False

    def save_after(*arguments: Any, **options: Any) -> Any:
        nonlocal saved
        with target.open("r+b") as stream:
            answer = original(*arguments, **options)
            if not saved and arguments[-1] != root / "real.toml":
                saved = True
                if replaces:
                    (root / "newer").write_bytes(b"user\n")
                    (root / "newer").replace(target)
                else:
                    stream.write(b"user\n")
        return answer

    monkeypatch.setattr(together, function, save_after)
    refused = []
    try:
        write_together(contents(root), always_there=always_there)
    except ConflictError as exc:
        refused = [exc.code, str(target) in exc.message]
    # A file that takes the name after the exchange is simply the newest.
    late = replaces and function != "write_beside"
    assert refused == ([] if late else ["changed", True])
    assert (root / "a").exists() == late
    assert target.read_bytes() == b"user\n"
    names = {path.name for path in root.rglob("*") if path.is_file()}
    made = {"made.yaml"} if late else set()
    assert names == {"old.toml", "real.toml", "link.toml"} | made


def test_no_folder_is_listed(root: Path) -> None:
    """Else each of a thousand files in one folder costs as many looks."""
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from rsp_health.files import write_together\n"
        "sys.addaudithook(lambda event, _: print(event))\n"
        "write_together({Path(sys.argv[1]): b'new'}, always_there=True)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, str(root / "old.toml")],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    assert (root / "old.toml").read_bytes() == b"new"
    assert "open" in told
    assert not {"os.scandir", "os.listdir", "glob.glob"} & set(told)


def test_what_is_not_as_expected_is_not_replaced(root: Path) -> None:
    before = files(root)
    for expected in (b"other\n", b"old\nand more\n", None):
        with pytest.raises(ConflictError):
            write_together(
                {root / "old.toml": b"new\n"},
                expected={root / "old.toml": expected},
            )
        assert files(root) == before
    with pytest.raises(ConflictError):
        write_together(
            {root / "none.toml": b"new\n"},
            expected={root / "none.toml": b"old\n"},
        )
    assert files(root) == before

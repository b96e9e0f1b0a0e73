"""Large files: pointers unless the entry asks; then content, told apart."""

from __future__ import annotations

import hashlib
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from rsp_health.errors import EnvironmentFailureError
from tests.faults.checkout.homes import git
from tests.faults.checkout.oracle import State, find_lost

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rsp_health.checkout.service import CheckoutService

    type Make = Callable[..., CheckoutService]

ID = "system-test"
CONTENT = b"\0image\n" * 5000
OID = hashlib.sha256(CONTENT).hexdigest()
POINTER = (
    "version https://git-lfs.github.com/spec/v1\n"
    f"oid sha256:{OID}\nsize {len(CONTENT)}\n"
)

# Does to pointers what `git lfs pull` does; where the real one is missing.
STAND_IN = """#!/bin/sh
test "$1" = pull || exit 1
test "$GIT_LFS_SKIP_SMUDGE" = 0 || exit 1
git config lfs.url > "$GIT_DIR/../../seen-url"
store="$GIT_DIR/lfs/objects/{a}/{b}"
mkdir -p "$store"
cp "{content}" "$store/{oid}"
cp "{content}" "$GIT_WORK_TREE/image.fits"
"""


@pytest.fixture
def large(upstream: Path) -> Path:
    (upstream / ".gitattributes").write_text("*.fits filter=lfs -text\n")
    (upstream / "image.fits").write_text(POINTER)
    (upstream / ".lfsconfig").write_text(
        "[lfs]\n\turl = https://evil.example.org/\n"
    )
    store = upstream / ".git/lfs/objects" / OID[:2] / OID[2:4]
    store.mkdir(parents=True)
    (store / OID).write_bytes(CONTENT)
    git(upstream, "add", "-A")
    git(upstream, "commit", "-q", "-m", "large")
    return upstream


@pytest.fixture(params=["stand-in", "git-lfs"])
def _git_lfs(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if request.param == "git-lfs":
        if shutil.which("git-lfs") is None:
            pytest.skip("git-lfs is not installed")
        return
    content = tmp_path / "content"
    content.write_bytes(CONTENT)
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "git-lfs"
    program.write_text(
        STAND_IN.format(a=OID[:2], b=OID[2:4], oid=OID, content=content)
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def test_pointers_unless_asked(make: Make, large: Path) -> None:
    service = make()
    service.checkout(ID, fingerprint=None)
    assert (service.directory(ID) / "image.fits").read_text() == POINTER
    assert not service.inspect(ID).at_risk


@pytest.mark.usefixtures("_git_lfs")
def test_content_on_demand(make: Make, large: Path, home: Path) -> None:
    service = make(lfs=True)
    service.checkout(ID, fingerprint=None)
    path = service.directory(ID) / "image.fits"
    assert path.read_bytes() == CONTENT
    assert not service.inspect(ID).at_risk
    assert service.checkout(ID, fingerprint=None).up_to_date
    # Unchanged content is no loss, even when every file is read again.
    git(large, "commit", "-q", "--allow-empty", "-m", "newer")
    assert service.checkout(ID, fingerprint=None).backup is None
    # A changed one is.
    path.write_bytes(CONTENT + b"mine")
    before = State.of(home)
    found = service.inspect(ID)
    assert [(c.kind, c.path) for c in found.changes] == [
        ("modified", "image.fits")
    ]
    done = service.reset(ID, "image.fits")
    assert path.read_bytes() == CONTENT
    assert done.backup is not None
    assert find_lost(before, State.of(home)) == []


@pytest.mark.usefixtures("_git_lfs")
def test_the_same_size_and_time(make: Make, large: Path) -> None:
    service = make(lfs=True)
    service.checkout(ID, fingerprint=None)
    path = service.directory(ID) / "image.fits"
    before = path.stat()
    path.write_bytes(CONTENT[:-1] + b"!")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    git(large, "commit", "-q", "--allow-empty", "-m", "newer")
    done = service.checkout(ID, fingerprint=None)
    assert done.backup is not None


def test_the_trees_own_settings_do_not_choose_the_host(
    make: Make,
    large: Path,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "git-lfs"
    program.write_text(
        f"#!/bin/sh\ngit config lfs.url > {tmp_path}/seen\nexit 1\n"
    )
    program.chmod(0o755)
    patch: pytest.MonkeyPatch = request.getfixturevalue("monkeypatch")
    patch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    with pytest.raises(EnvironmentFailureError):
        make(lfs=True).checkout(ID, fingerprint=None)
    assert (tmp_path / "seen").read_text() == f"file://{large}\n"


@pytest.mark.skipif(
    shutil.which("git-lfs") is not None, reason="git-lfs is installed"
)
def test_without_git_lfs(make: Make, large: Path) -> None:
    service = make(lfs=True)
    with pytest.raises(EnvironmentFailureError) as caught:
        service.checkout(ID, fingerprint=None)
    assert caught.value.code == "no_git_lfs"
    assert not service.directory(ID).exists()

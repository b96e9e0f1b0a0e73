"""No command runs, no byte lands elsewhere, no name is more than text."""

from __future__ import annotations

import contextlib
import os
import shlex
from typing import TYPE_CHECKING

import pytest

from rsp_health.checkout.change import clone as clone_module
from rsp_health.errors import RSPHealthError
from tests.checkout.hostile import FOLDERS, ODD_NAMES, REPOSITORIES
from tests.faults.checkout.homes import FILE
from tests.faults.checkout.oracle import State, find_lost, is_fresh, read_tree

if TYPE_CHECKING:
    from pathlib import Path

    from rsp_health.checkout.service import CheckoutService

ID = "system-test"


@pytest.fixture
def payload(tmp_path: Path) -> str:
    """Return a command that leaves a mark."""
    program = tmp_path / "payload"
    mark = shlex.quote(str(tmp_path / "PWNED"))
    program.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
    program.chmod(0o755)
    return str(program)


@pytest.fixture(autouse=True)
def _limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bomb need not go off to be recognised."""
    monkeypatch.setattr(clone_module, "_MAX_LISTING", 2_000_000)


def everything(tmp_path: Path, service: CheckoutService) -> set[str]:
    """List what stands outside the checkout's parent and our data."""
    parent = service.directory(ID).parent
    data = tmp_path / "data"
    found = set()
    for folder, _, names in os.walk(tmp_path):
        inside = any(
            folder == str(place) or folder.startswith(f"{place}/")
            for place in (parent, data)
        )
        if not inside:
            found |= {os.path.join(folder, name) for name in names}  # noqa: PTH118 - bytes that are no text
    return found


def use_everything(service: CheckoutService) -> None:
    """Do all that a user can do; failures are fine, commands are not."""
    for call in (
        lambda: service.inspect(ID),
        lambda: service.updates(ID, refresh=True),
        lambda: service.refs(ID),
        lambda: service.reset(ID, FILE),
        lambda: service.backups(ID),
        lambda: service.remove(ID),
        lambda: service.restore(ID, service.backups(ID).backups[0].id),
        lambda: service.checkout(ID, fingerprint=None),
    ):
        with contextlib.suppress(RSPHealthError, IndexError):
            call()


@pytest.mark.parametrize("name", REPOSITORIES)
def test_repositories(
    service: CheckoutService,
    upstream: Path,
    home: Path,
    tmp_path: Path,
    payload: str,
    name: str,
) -> None:
    make, possible = REPOSITORIES[name]
    make(upstream, payload)
    # The payload works, or the test would prove nothing.
    assert not (tmp_path / "PWNED").exists()
    before = everything(tmp_path, service)
    if possible:
        service.checkout(ID, fingerprint=None)
        tree = service.directory(ID)
        assert [path for path in tree.rglob("*") if path.is_symlink()] == []
        assert not service.inspect(ID).at_risk
    else:
        with pytest.raises(RSPHealthError) as caught:
            service.checkout(ID, fingerprint=None)
        assert caught.value.hint
        assert not service.directory(ID).exists()
    use_everything(service)
    assert not (tmp_path / "PWNED").exists()
    assert everything(tmp_path, service) == before
    area = service.directory(ID).parent / ".rsp-health"
    assert list(area.glob("tmp-*")) == []


@pytest.mark.parametrize("name", FOLDERS)
def test_folders(
    service: CheckoutService,
    tree: Path,
    upstream: Path,
    home: Path,
    tmp_path: Path,
    payload: str,
    name: str,
) -> None:
    FOLDERS[name](tree, payload)
    (tree / "my work.txt").write_text("precious")
    # Pipes cannot be read.
    before = None if name == "special files" else State.of(home)
    outside = everything(tmp_path, service)
    found = service.inspect(ID)
    assert found.at_risk
    assert "my work.txt" in {change.path for change in found.changes}
    done = service.checkout(ID, fingerprint=found.fingerprint)
    assert done.backup is not None
    assert is_fresh(home, upstream)
    kept = tree.with_name(f"{tree.name}.backup-{done.backup}")
    assert (kept / "my work.txt").read_text() == "precious"
    if before is not None:
        assert find_lost(before, State.of(home)) == []
    service.restore(ID, done.backup)
    use_everything(service)
    assert not (tmp_path / "PWNED").exists()
    assert everything(tmp_path, service) == outside


def test_the_payload_works(tree: Path, tmp_path: Path, payload: str) -> None:
    """A plain ``git status`` in such a folder does run it."""
    from tests.faults.checkout.homes import git

    FOLDERS["fsmonitor"](tree, payload)
    git(tree, "status")
    assert (tmp_path / "PWNED").exists()


def test_odd_names_arrive_whole(
    service: CheckoutService, upstream: Path
) -> None:
    REPOSITORIES["odd names"][0](upstream, "")
    service.checkout(ID, fingerprint=None)
    names = os.listdir(os.fsencode(service.directory(ID)))  # noqa: PTH208 - bytes that are no text
    assert {name.encode() for name in ODD_NAMES} | {b"\xff\xfe.ipynb"} <= set(
        names
    )


@pytest.mark.parametrize(
    "link", [".rsp-health", ".rsp-health/locks", ".rsp-health/journal", "."]
)
def test_links_under_our_feet(
    service: CheckoutService,
    home: Path,
    tmp_path: Path,
    link: str,
) -> None:
    """A link where we keep our own files, or above the checkout."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    place = service.directory(ID).parent / link
    place.parent.mkdir(parents=True, exist_ok=True)
    if link == ".":
        place = service.directory(ID).parent
    place.symlink_to(elsewhere)
    with pytest.raises(RSPHealthError) as caught:
        service.checkout(ID, fingerprint=None)
    assert caught.value.code == "not_a_folder"
    assert read_tree(elsewhere) == {}


def test_enough_of_them() -> None:
    assert len(REPOSITORIES) + len(FOLDERS) >= 50

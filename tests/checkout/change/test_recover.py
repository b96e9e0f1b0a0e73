"""Every moment at which an exchange can stop, and what comes after."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.files import FileLock
from tests.faults.checkout.homes import work_in
from tests.faults.checkout.oracle import read_tree

if TYPE_CHECKING:
    from pathlib import Path

    from rsp_health.checkout.service import CheckoutService

ID = "system-test"
TEMPORARY = "tmp-system-test-0123456789ab"
BACKUP = "system-test.backup-20260101T000000Z"


def journal(tree: Path) -> Path:
    return tree.parent / ".rsp-health/journal/system-test.json"


def begin(tree: Path, **change: Any) -> None:
    """Write the journal of an exchange, and stop."""
    document = {
        "kind": "checkout",
        "source": f".rsp-health/{TEMPORARY}/tree",
        "backup": BACKUP,
        "schema": "rsp-health.journal/1",
    }
    journal(tree).parent.mkdir(parents=True, exist_ok=True)
    journal(tree).write_text(json.dumps(document | change))


def stage(tree: Path) -> Path:
    """Make the new tree that waits for its name."""
    staged = tree.parent / ".rsp-health" / TEMPORARY / "tree"
    shutil.copytree(tree, staged)
    (staged / "fresh").write_text("new")
    return staged


def nothing_left(tree: Path) -> None:
    area = tree.parent / ".rsp-health"
    assert not journal(tree).exists()
    assert list(area.glob("tmp-*")) == []


def test_before_the_first_rename(service: CheckoutService, tree: Path) -> None:
    work_in(tree)
    before = read_tree(tree)
    stage(tree)
    begin(tree)
    service.recover()
    assert read_tree(tree) == before
    nothing_left(tree)


def test_between_the_renames(service: CheckoutService, tree: Path) -> None:
    new = read_tree(stage(tree))
    work_in(tree)
    before = read_tree(tree)
    begin(tree)
    tree.rename(tree.with_name(BACKUP))
    service.recover()
    assert read_tree(tree) == new
    assert read_tree(tree.with_name(BACKUP)) == before
    nothing_left(tree)


def test_between_the_renames_without_the_new_tree(
    service: CheckoutService, tree: Path
) -> None:
    work_in(tree)
    before = read_tree(tree)
    begin(tree)
    tree.rename(tree.with_name(BACKUP))
    service.recover()
    assert read_tree(tree) == before
    nothing_left(tree)


def test_after_both_renames(service: CheckoutService, tree: Path) -> None:
    staged = stage(tree)
    new = read_tree(staged)
    work_in(tree)
    before = read_tree(tree)
    begin(tree)
    tree.rename(tree.with_name(BACKUP))
    staged.rename(tree)
    service.recover()
    assert read_tree(tree) == new
    assert read_tree(tree.with_name(BACKUP)) == before
    nothing_left(tree)


def test_a_restore_between_the_renames(
    service: CheckoutService, tree: Path
) -> None:
    old = tree.with_name("system-test.backup-20250101T000000Z")
    shutil.copytree(tree, old)
    (old / "mine").write_text("old work")
    wanted = read_tree(old)
    work_in(tree)
    before = read_tree(tree)
    begin(tree, kind="restore", source=old.name)
    tree.rename(tree.with_name(BACKUP))
    service.recover()
    assert read_tree(tree) == wanted
    assert read_tree(tree.with_name(BACKUP)) == before
    nothing_left(tree)


def test_a_removal_that_went_through(
    service: CheckoutService, tree: Path
) -> None:
    before = read_tree(tree)
    begin(tree, kind="remove", source=None)
    tree.rename(tree.with_name(BACKUP))
    service.recover()
    assert not tree.exists()
    assert read_tree(tree.with_name(BACKUP)) == before
    nothing_left(tree)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"schema": "rsp-health.journal/2"}',
        '{"schema": "rsp-health.journal/1", "kind": "x"}',
    ],
)
def test_a_journal_that_says_nothing(
    service: CheckoutService, tree: Path, text: str
) -> None:
    before = read_tree(tree)
    journal(tree).write_text(text)
    service.recover()
    assert read_tree(tree) == before
    nothing_left(tree)


@pytest.mark.parametrize("name", ["../../secret", "/etc", ".."])
def test_a_journal_that_points_elsewhere(
    service: CheckoutService, tree: Path, home: Path, name: str
) -> None:
    (home / "secret").mkdir()
    begin(tree, source=name, backup=name)
    shutil.rmtree(tree)
    service.recover()
    assert not tree.exists()
    assert (home / "secret").is_dir()
    nothing_left(tree)


def test_twice_is_as_good_as_once(
    service: CheckoutService, tree: Path
) -> None:
    stage(tree)
    begin(tree)
    tree.rename(tree.with_name(BACKUP))
    service.recover()
    after = read_tree(tree.parent)
    service.recover()
    assert read_tree(tree.parent) == after


def test_what_is_in_use_is_left_alone(
    service: CheckoutService, tree: Path
) -> None:
    begin(tree)
    with FileLock(tree.parent / ".rsp-health/locks/system-test"):
        service.recover()
        assert journal(tree).exists()
    service.recover()
    nothing_left(tree)


def test_a_neighbours_clone_is_left_alone(
    service: CheckoutService, tree: Path
) -> None:
    area = tree.parent / ".rsp-health"
    others = [
        area / "tmp-system-test-2-0123456789ab",
        area / "tmp-other-0123456789ab",
        area / "tmp-system-test-mine",
    ]
    for other in others:
        other.mkdir()
    begin(tree)
    service.recover()
    assert all(other.is_dir() for other in others)


def test_each_operation_recovers_first(
    service: CheckoutService, tree: Path
) -> None:
    work_in(tree)
    before = read_tree(tree)
    begin(tree)
    tree.rename(tree.with_name(BACKUP))
    found = service.inspect(ID)
    assert found.at_risk
    assert read_tree(tree) == before

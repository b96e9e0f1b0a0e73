"""A checkout gets our output filter, unless the user says no."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from rsp_health.checkout.inspect.provenance import accept_settings
from rsp_health.checkout.service import CheckoutService
from rsp_health.cleaning.filter import setup as filter_setup
from rsp_health.cleaning.filter import tree as tree_filter
from rsp_health.platform.environment import LabEnvironment
from tests.faults.checkout.homes import git
from tests.faults.checkout.oracle import read_tree

if TYPE_CHECKING:
    from pathlib import Path

ID = "system-test"
NOTEBOOK = "nb4.ipynb"


def with_output(text: str = "mine") -> str:
    cell = {
        "id": "a",
        "cell_type": "code",
        "execution_count": 1,
        "metadata": {},
        "source": [f"print({text!r})"],
        "outputs": [
            {"name": "stdout", "output_type": "stream", "text": ["secret\n"]}
        ],
    }
    document = {
        "cells": [cell],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, indent=1) + "\n"


@pytest.fixture
def service(home: Path, tmp_path: Path, upstream: Path) -> CheckoutService:
    return CheckoutService(
        repositories=[
            {"id": ID, "title": "System test", "url": str(upstream)}
        ],
        root=home,
        data_dir=tmp_path / "data",
        environment=LabEnvironment(variables={"USER": "u"}),
        allowed_protocols=["file"],
        outputs=tree_filter,
    )


def test_it_is_on_and_no_risk(service: CheckoutService) -> None:
    done = service.checkout(ID, fingerprint=None)
    assert done.warning is None
    found = service.inspect(ID)
    assert (found.at_risk, found.output_filter) == (False, True)
    assert service.repository(ID).output_filter is True
    tree = service.directory(ID)
    assert filter_setup.status(tree).problem == ""
    assert git(tree, "status", "--porcelain") == ""


def test_a_commit_carries_no_outputs(service: CheckoutService) -> None:
    service.checkout(ID, fingerprint=None)
    tree = service.directory(ID)
    (tree / NOTEBOOK).write_text(with_output())
    git(tree, "commit", "-q", "-a", "-m", "mine")
    assert "secret" not in git(tree, "show", f"HEAD:{NOTEBOOK}")
    assert "secret" in (tree / NOTEBOOK).read_text()
    assert git(tree, "status", "--porcelain") == ""


def test_the_users_no_is_respected(service: CheckoutService) -> None:
    service.checkout(ID, fingerprint=None, output_filter=False)
    assert service.inspect(ID).output_filter is False
    tree = service.directory(ID)
    assert git(tree, "config", "--local", "--list").count("filter.") == 0


def test_a_refresh_turns_it_on_and_off(service: CheckoutService) -> None:
    for wanted in (False, True, False):
        done = service.checkout(ID, fingerprint=None, output_filter=wanted)
        found = service.inspect(ID)
        assert (found.output_filter, found.at_risk) == (wanted, False)
    assert done.up_to_date


def test_a_removed_filter_is_the_users_setting(
    service: CheckoutService,
) -> None:
    service.checkout(ID, fingerprint=None)
    tree_filter.remove(service.directory(ID))
    found = service.inspect(ID)
    assert found.at_risk
    assert found.output_filter is False


def test_another_filter_stays_and_is_told(
    service: CheckoutService, upstream: Path
) -> None:
    (upstream / ".gitattributes").write_text("*.ipynb filter=nbstripout\n")
    git(upstream, "add", ".")
    git(upstream, "commit", "-q", "-m", "filter")
    done = service.checkout(ID, fingerprint=None)
    assert (done.state, service.inspect(ID).at_risk) == ("done", False)
    assert done.warning is not None
    assert done.warning.error == "output_filter"
    assert "nbstripout" in done.warning.message
    assert "rsp-health filter install" in done.warning.hint


def test_without_the_tool_the_checkout_succeeds(
    service: CheckoutService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        filter_setup, "command", lambda: "/nonexistent/python -m filter"
    )
    done = service.checkout(ID, fingerprint=None)
    assert done.state == "done"
    assert done.warning is not None
    assert "does not run" in done.warning.message
    assert service.inspect(ID).output_filter is False


def test_backup_restore_and_reset_keep_it(service: CheckoutService) -> None:
    service.checkout(ID, fingerprint=None)
    tree = service.directory(ID)
    (tree / NOTEBOOK).write_text(with_output())
    mine = read_tree(tree)
    first = service.checkout(ID, fingerprint=None)
    assert first.backup is not None
    assert not service.inspect(ID).at_risk
    service.restore(ID, first.backup)
    assert read_tree(tree) == mine
    assert service.inspect(ID).output_filter is True
    service.reset(ID, NOTEBOOK)
    assert not service.inspect(ID).at_risk
    assert git(tree, "status", "--porcelain") == ""


class TestANewImage:
    """The path of Python changes with the lab's image."""

    def old(self, tree: Path) -> None:
        key = "filter.rsp-health.process"
        git(tree, "config", key, "/gone/bin/python -I -m x")

    def test_the_filter_is_renewed_at_the_start(
        self, service: CheckoutService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = filter_setup.command
        with monkeypatch.context() as patch:
            patch.setattr(filter_setup, "command", lambda: "/gone/python -I")
            patch.setattr(filter_setup, "_answers", lambda *_: True)
            service.checkout(ID, fingerprint=None)
        tree = service.directory(ID)
        (tree / NOTEBOOK).write_text(with_output())
        failed = subprocess.run(
            ["git", "-C", tree, "add", "."], check=False, capture_output=True
        )
        assert failed.returncode != 0
        service.recover()
        assert filter_setup.status(tree).command == now()
        git(tree, "add", ".")
        assert "secret" not in git(tree, "show", f":{NOTEBOOK}")

    def test_settings_that_the_user_changed_stay(
        self, service: CheckoutService
    ) -> None:
        service.checkout(ID, fingerprint=None)
        tree = service.directory(ID)
        git(tree, "config", "user.nickname", "me")
        git(tree, "remote", "add", "fork", "https://example.org/x")
        self.old(tree)
        service.recover()
        assert filter_setup.status(tree).problem == ""
        assert git(tree, "config", "user.nickname").strip() == "me"
        assert git(tree, "remote").split() == ["fork", "origin"]
        found = {change.path for change in service.inspect(ID).changes}
        assert found == {".git/config"}


class TestATreeThatSomebodyForged:
    """Its record says that all is ours; its settings name commands."""

    @pytest.fixture
    def tree(self, service: CheckoutService) -> Path:
        service.checkout(ID, fingerprint=None)
        return service.directory(ID)

    def test_no_setting_of_it_is_used(
        self, service: CheckoutService, tree: Path, tmp_path: Path
    ) -> None:
        mark = tmp_path / "mark"
        missing = "1" * 40
        git(
            tree,
            "update-index",
            "--add",
            "--cacheinfo",
            f"100644,{missing},.gitattributes",
        )
        (tree / ".git/config").write_text(
            "[core]\n\trepositoryformatversion = 1\n"
            f'\tsshCommand = "touch {mark}; false"\n'
            f'\tfsmonitor = "touch {mark}"\n'
            "[extensions]\n\tpartialClone = origin\n"
            '[remote "origin"]\n\turl = ssh://h/r\n\tpromisor = true\n'
            '[filter "rsp-health"]\n\tprocess = /old/python\n'
        )
        accept_settings(tree, ID)
        service.recover()
        service.checkout(ID, fingerprint=None)
        assert not mark.exists()

    def test_nothing_is_written_elsewhere(
        self, service: CheckoutService, tree: Path, home: Path
    ) -> None:
        victim = home / "victim"
        git(home, "init", "-q", str(victim))
        before = read_tree(victim)
        tree_filter.remove(tree)
        git(tree, "config", "core.worktree", str(victim))
        accept_settings(tree, ID)
        service.checkout(ID, fingerprint=None)
        assert tree_filter.is_bound(tree)
        assert read_tree(victim) == before

    @pytest.mark.parametrize("name", ["config", "info", "info/attributes"])
    def test_links_are_not_followed(
        self, service: CheckoutService, tree: Path, home: Path, name: str
    ) -> None:
        tree_filter.remove(tree)
        place = tree / ".git" / name
        outside = home / "outside"
        if place.is_dir():
            shutil.copytree(place, outside)
            shutil.rmtree(place)
        else:
            shutil.copy(place, outside)
            place.unlink()
        place.symlink_to(outside)
        accept_settings(tree, ID)
        before = read_tree(home / "outside") if outside.is_dir() else None
        text = None if outside.is_dir() else outside.read_bytes()
        done = service.checkout(ID, fingerprint=None)
        assert done.warning is not None or not done.up_to_date
        if outside.is_dir():
            assert read_tree(outside) == before
        else:
            assert outside.read_bytes() == text


def test_another_repository_in_the_environment(
    service: CheckoutService, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = home / "other"
    git(home, "init", "-q", str(other))
    before = read_tree(other)
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    service.checkout(ID, fingerprint=None)
    filter_setup.remove(service.directory(ID))
    state = filter_setup.install(service.directory(ID))
    assert state.repository == str(service.directory(ID))
    assert tree_filter.is_bound(service.directory(ID))
    assert read_tree(other) == before


def test_what_a_repository_exempts_stays_exempt(
    service: CheckoutService, upstream: Path
) -> None:
    folders = ["golden", "a b[1]/deep", "sub"]
    for folder in folders:
        (upstream / folder).mkdir(parents=True, exist_ok=True)
        (upstream / folder / "kept.ipynb").write_text(with_output())
    (upstream / ".gitattributes").write_text(
        "# golden/x -filter\ngolden/*.ipynb -text -filter\n*.dat -diff\n"
    )
    (upstream / "a b[1]/.gitattributes").write_text("*.ipynb -filter\n")
    (upstream / "sub/.gitattributes").write_text('"/kept.ipynb"\t-filter\n')
    git(upstream, "add", ".")
    git(upstream, "commit", "-q", "-m", "golden outputs")
    assert service.checkout(ID, fingerprint=None).warning is None
    tree = service.directory(ID)
    for folder in folders:
        path = tree / folder / "kept.ipynb"
        path.write_text(with_output("changed"))
        git(tree, "add", str(path))
        name = path.relative_to(tree).as_posix()
        assert "secret" in git(tree, "show", f":{name}"), name
    (tree / "sub/new.ipynb").write_text(with_output())
    git(tree, "add", ".")
    assert "secret" not in git(tree, "show", ":sub/new.ipynb")
    tree_filter.remove(tree)
    assert "filter" not in (tree / ".git/info/attributes").read_text()


def test_a_strange_attributes_file_is_no_filter(tmp_path: Path) -> None:
    info = tmp_path / ".git/info"
    info.mkdir(parents=True)
    assert not tree_filter.is_bound(tmp_path)
    subprocess.run(["mkfifo", info / "attributes"], check=True)
    assert not tree_filter.is_bound(tmp_path)

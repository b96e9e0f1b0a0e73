"""A real-looking history: every branch and tag, a mirror, and a bundle."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from rsp_health.errors import RSPHealthError
from tests.checkout.histories import NOTEBOOKS, make_history, name_of
from tests.faults.checkout.homes import git
from tests.faults.checkout.oracle import digest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rsp_health.checkout.service import CheckoutService

    type Make = Callable[..., CheckoutService]

ID = "system-test"


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("history") / "checks.git"
    make_history(folder)
    return folder


def work_files(tree: Path) -> dict[str, str]:
    """Return what a user sees: every file outside .git."""
    return {
        str(path.relative_to(tree)): digest(path)
        for path in tree.rglob("*")
        if not path.is_dir() and path.relative_to(tree).parts[0] != ".git"
    }


def plain_clone(history: Path, folder: Path, ref: str) -> dict[str, str]:
    """Clone with git alone; links as text, as ours."""
    subprocess.run(
        [
            "git",
            "clone",
            "-q",
            "-c",
            "core.symlinks=false",
            "-c",
            "advice.detachedHead=false",
            f"--branch={ref}",
            "--",
            str(history),
            str(folder),
        ],
        check=True,
        env={
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_NOSYSTEM": "1",
        },
    )
    return work_files(folder)


def test_the_default_branch(make: Make, history: Path, tmp_path: Path) -> None:
    service = make(url=str(history))
    done = service.checkout(ID, fingerprint=None)
    tree = service.directory(ID)
    found = work_files(tree)
    assert found == plain_clone(history, tmp_path / "plain", "main")
    assert {name_of(index) for index in range(NOTEBOOKS)} <= set(found)
    assert (tree / "latest").read_text() == "README.md"
    assert (tree / "bin/run all.sh").stat().st_mode & 0o111
    pointer = (tree / "data/image 3.fits").read_text()
    assert pointer.startswith("version https://git-lfs.github.com/spec/v1")
    inspection = service.inspect(ID)
    assert not inspection.at_risk
    assert inspection.commit == done.commit == inspection.upstream_commit


def test_every_branch_and_tag(
    make: Make, history: Path, tmp_path: Path
) -> None:
    service = make(url=str(history))
    refs = service.refs(ID)
    assert refs.branches[0].name == "main"
    names = [ref.name for ref in (*refs.branches, *refs.tags)]
    assert len(refs.branches) == 5
    assert len(refs.tags) == 6
    # users/zoë/größer: only ASCII is handed to git.
    assert refs.omitted == 1
    for index, ref in enumerate(names):
        done = service.checkout(ID, fingerprint=None, ref=ref)
        commit = git(history, "rev-parse", f"{ref}^{{commit}}")
        assert done.commit == commit, ref
        assert not service.inspect(ID, ref=ref).at_risk
        plain = plain_clone(history, tmp_path / f"plain{index}", ref)
        assert work_files(service.directory(ID)) == plain
    assert service.backups(ID).backups == []


def test_a_mirror_that_follows(
    make: Make, history: Path, tmp_path: Path
) -> None:
    """Offline: an operator's mirror, checked out, then behind by five."""
    mirror = tmp_path / "mirror.git"
    git(tmp_path, "clone", "-q", "--mirror", str(history), str(mirror))
    newest = git(mirror, "rev-parse", "main")
    git(mirror, "update-ref", "refs/heads/main", "main~5")
    service = make(url=f"file://{mirror}")
    service.checkout(ID, fingerprint=None)
    assert not service.updates(ID).available
    (service.directory(ID) / "my notes.txt").write_text("mine")
    git(mirror, "fetch", "-q")
    assert git(mirror, "rev-parse", "main") == newest
    found = service.updates(ID, refresh=True)
    assert found.available
    assert found.upstream_commit == newest
    behind = git(mirror, "rev-list", "--count", f"{found.commit}..main")
    assert found.behind == int(behind)
    done = service.checkout(ID, fingerprint=service.inspect(ID).fingerprint)
    assert done.commit == newest
    assert done.backup is not None


def test_a_bundle(make: Make, history: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "checks.bundle"
    git(history, "bundle", "create", str(bundle), "--all")
    service = make(url=str(bundle))
    service.checkout(ID, fingerprint=None, ref="w_2026_60")
    assert work_files(service.directory(ID)) == plain_clone(
        history, tmp_path / "plain", "w_2026_60"
    )
    assert len(service.refs(ID).tags) == 6


def test_work_in_a_long_history(make: Make, history: Path) -> None:
    service = make(url=str(history))
    service.checkout(ID, fingerprint=None)
    tree = service.directory(ID)
    changed = [name_of(index) for index in range(0, NOTEBOOKS, 7)]
    for name in changed:
        (tree / name).write_text("{}")
    git(tree, "checkout", "-q", "-b", "tickets/DM-1")
    git(tree, "commit", "-q", "-m", "Mine", changed[0])
    found = service.inspect(ID)
    assert sorted(c.path for c in found.changes) == sorted(changed[1:])
    assert [c.subject for c in found.commits] == ["Mine"]
    assert found.branches == ["tickets/DM-1"]
    done = service.reset(ID, changed[3])
    assert done.backup is not None
    assert (tree / changed[3]).read_text() != "{}"


def test_a_subset(make: Make, history: Path) -> None:
    subset = ["tap", "données publiques", "README.md", "data/image 1.fits"]
    service = make(url=str(history), subset=subset)
    service.checkout(ID, fingerprint=None)
    tree = service.directory(ID)
    found = set(work_files(tree))
    assert {path.split("/")[0] for path in found} == {
        "tap",
        "données publiques",
        "README.md",
        "data",
    }
    assert "data/image 1.fits" in found
    assert "data/image 2.fits" not in found
    assert not service.inspect(ID).at_risk
    assert service.checkout(ID, fingerprint=None).up_to_date
    (tree / name_of(0)).unlink()
    (tree / "portal").mkdir()
    (tree / name_of(1)).write_text("mine, where nothing was")
    changes = {(c.kind, c.path) for c in service.inspect(ID).changes}
    assert changes == {("deleted", name_of(0)), ("modified", name_of(1))}
    done = service.checkout(ID, fingerprint=None)
    assert done.backup is not None
    whole = make(url=str(history))
    assert not whole.inspect(ID).at_risk
    assert not whole.checkout(ID, fingerprint=None).up_to_date
    assert len(work_files(tree)) > 200
    # The unchanged subset was no loss.
    assert len(whole.backups(ID).backups) == 1


@pytest.mark.parametrize("subset", [["a*b"], ["[x]"], ["!tap"], ["#x"]])
def test_a_subset_names_paths_not_patterns(
    make: Make, upstream: Path, subset: list[str]
) -> None:
    (upstream / subset[0]).mkdir()
    (upstream / subset[0] / "in.txt").write_text("x")
    (upstream / "aXb").mkdir()
    (upstream / "aXb/out.txt").write_text("x")
    (upstream / "x").write_text("x")
    git(upstream, "add", "-A")
    git(upstream, "commit", "-q", "-m", "odd")
    service = make(subset=subset)
    service.checkout(ID, fingerprint=None)
    assert set(work_files(service.directory(ID))) == {f"{subset[0]}/in.txt"}


def test_a_subset_that_is_empty(make: Make) -> None:
    with pytest.raises(RSPHealthError) as caught:
        make(subset=["no/such/folder"]).checkout(ID, fingerprint=None)
    assert caught.value.code == "empty_subset"
